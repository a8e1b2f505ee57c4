package core

import (
	"fmt"
	"slices"
	"strings"

	"github.com/corselet/corselet/core/internal/token"
)

// methods are those that a policy allows beyond the safelisted ones.
type methods struct {
	any    bool
	sorted []string
}

// maxMethod bounds a method's length. The longest in the IANA registry has 17 bytes.
const maxMethod = 64

// standardMethods are the methods of RFC 9110 and RFC 5789.
var standardMethods = []string{
	"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE",
}

// compileMethods checks Config.Methods.
func compileMethods(c *Config, report *mistakes) methods {
	m := methods{any: slices.Contains(c.Methods, "*")}
	for i, method := range c.Methods {
		if e := checkMethod(method); e != nil {
			e.Field, e.Index, e.Value = "methods", i, method
			report.add(e)
		} else if m.any && method != "*" && !isSafelistedMethod(method) {
			report.add(notAlone("methods", i, method))
		}
	}
	m.sorted = slices.Sorted(slices.Values(c.Methods))
	return m
}

func checkMethod(method string) *ConfigError {
	upper := strings.ToUpper(method)
	switch {
	case method == "*":
		return nil
	case strings.Contains(method, "*"):
		return misplacedWildcard("methods")
	case upper == "ALL" || upper == "ANY":
		return &ConfigError{Reason: ConfigReasonInvalidToken,
			Hint: `write "*" for every method; browsers never send this one`}
	case strings.TrimSpace(method) != method && token.IsValid(strings.TrimSpace(method)):
		return &ConfigError{Reason: ConfigReasonInvalidToken,
			Hint: fmt.Sprintf("remove the space: write %q", strings.TrimSpace(method))}
	case !token.IsValid(method) || len(method) > maxMethod:
		return &ConfigError{Reason: ConfigReasonInvalidToken,
			Hint: fmt.Sprintf("write a method such as \"PUT\", of at most %d bytes", maxMethod)}
	case upper == "CONNECT" || upper == "TRACE" || upper == "TRACK":
		return &ConfigError{Reason: ConfigReasonForbidden,
			Hint: "remove it: browsers never send this method"}
	case method != upper && slices.Contains(standardMethods, upper):
		return &ConfigError{Reason: ConfigReasonMethodCase,
			Hint: methodCaseHint(upper)}
	}
	return nil
}

// methodCaseHint says what fetch makes of other spellings of a method.
//
// https://fetch.spec.whatwg.org/#concept-method-normalize
func methodCaseHint(upper string) string {
	if upper == "PATCH" {
		return `write "PATCH", in fetch calls too: fetch does not normalize its case`
	}
	return fmt.Sprintf("write %q: fetch normalizes its case", upper)
}

// allow reports whether a preflight that asks for a valid method succeeds.
//
// CORS-preflight fetch, step 7.5: https://fetch.spec.whatwg.org/#cors-preflight-fetch-0
func (m *methods) allow(method string) bool {
	if m.any || isSafelistedMethod(method) {
		return true
	}
	_, ok := slices.BinarySearch(m.sorted, method)
	return ok
}

// isSafelistedMethod: https://fetch.spec.whatwg.org/#cors-safelisted-method
func isSafelistedMethod(method string) bool {
	return method == "GET" || method == "HEAD" || method == "POST"
}

// allowMethods returns the value of Access-Control-Allow-Methods, or "" where it is not sent.
// Safelisted methods need no permission, so they are left out. Under "*" with credentials, which
// browsers take literally, the answer repeats the method that was asked for instead.
func allowMethods(c *Config, m *methods) string {
	switch {
	case m.any && c.Credentials:
		return ""
	case m.any:
		return "*"
	}
	return strings.Join(slices.DeleteFunc(unique(c.Methods), isSafelistedMethod), ",")
}

// requestedMethod returns the method that a preflight asks for, which is on the only line of
// Access-Control-Request-Method. Of anything else it returns "".
func requestedMethod(lines Lines) (method string, ok bool) {
	method, ok = lines.First()
	if !ok || lines.Len() > 1 || len(method) > maxMethod || !token.IsValid(method) {
		return "", false
	}
	return method, true
}
