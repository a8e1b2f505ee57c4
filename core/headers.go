package core

import (
	"fmt"
	"slices"
	"strings"

	"github.com/corselet/corselet/core/internal/token"
)

// requestHeaders are those that a policy lets scripts set beyond the safelisted ones.
type requestHeaders struct {
	any    bool
	star   bool     // any of them but Authorization
	sorted []string // in lower case
}

// authorization is the only CORS non-wildcard request-header name.
// https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name
const authorization = "authorization"

// compileRequestHeaders checks Config.RequestHeaders.
func compileRequestHeaders(c *Config, report *mistakes) requestHeaders {
	star := slices.Contains(c.RequestHeaders, "*")
	for i, name := range c.RequestHeaders {
		if e := checkRequestHeader(name); e != nil {
			e.Field, e.Index, e.Value = "request_headers", i, name
			report.add(e)
		} else if star && name != "*" && !token.EqualFold(name, authorization) {
			report.add(notAlone("request_headers", i, name))
		}
	}
	return requestHeaders{
		any: star && c.Credentials, star: star,
		sorted: slices.Sorted(slices.Values(lowerUnique(c.RequestHeaders))),
	}
}

func checkRequestHeader(name string) *ConfigError {
	lower := strings.ToLower(name)
	switch {
	case name == "*":
		return nil
	case strings.Contains(name, "*"):
		return misplacedWildcard("headers")
	case !token.IsValid(name):
		return invalidName()
	case isCORSResponseField(lower):
		return &ConfigError{Reason: ConfigReasonResponseField,
			Hint: "remove it: the server sends this field, not the browser"}
	case isForbiddenRequestHeader(lower):
		return &ConfigError{Reason: ConfigReasonForbidden, Hint: "remove it: scripts cannot set " +
			"this header, and what browsers set by themselves needs no permission"}
	}
	return nil
}

// allow reports whether a preflight that asks for a header succeeds.
//
// CORS-preflight fetch, steps 7.6 and 7.7: https://fetch.spec.whatwg.org/#cors-preflight-fetch-0
func (h *requestHeaders) allow(name string) bool {
	if h.any || h.star && !token.EqualFold(name, authorization) {
		return true
	}
	_, ok := slices.BinarySearchFunc(h.sorted, name, token.CompareFold)
	return ok
}

// allowHeaders returns the value of Access-Control-Allow-Headers, or "" where it is not sent. Under
// "*" with credentials, which browsers take literally, the answer repeats the names that were asked
// for instead.
func allowHeaders(c *Config, h *requestHeaders) string {
	if h.any {
		return ""
	}
	return strings.Join(lowerUnique(c.RequestHeaders), ",")
}

// checkExposeHeaders checks Config.ExposeHeaders.
func checkExposeHeaders(c *Config, report *mistakes) {
	star := slices.Contains(c.ExposeHeaders, "*")
	for i, name := range c.ExposeHeaders {
		e := checkExposeHeader(c, name)
		if e != nil {
			e.Field, e.Index, e.Value = "expose_headers", i, name
			report.add(e)
		} else if star && name != "*" {
			report.add(notAlone("expose_headers", i, name))
		}
	}
}

func checkExposeHeader(c *Config, name string) *ConfigError {
	switch lower := strings.ToLower(name); {
	case name == "*" && c.Credentials:
		return &ConfigError{Reason: ConfigReasonWildcardWithCredentials,
			Hint: "list the headers that scripts may read"}
	case name != "*" && strings.Contains(name, "*"):
		return misplacedWildcard("headers")
	case name != "*" && !token.IsValid(name):
		return invalidName()
	case lower == "set-cookie" || lower == "set-cookie2":
		return &ConfigError{Reason: ConfigReasonForbidden,
			Hint: "remove it: browsers never show it to scripts"}
	}
	return nil
}

// exposeHeaders returns the value of Access-Control-Expose-Headers, or "" where it is not sent.
func exposeHeaders(c *Config) string { return strings.Join(lowerUnique(c.ExposeHeaders), ",") }

func invalidName() *ConfigError {
	return &ConfigError{Reason: ConfigReasonInvalidToken,
		Hint: `write one header name an entry, such as "Content-Type"`}
}

// misplacedWildcard: a "*" inside of a name is a byte like any other to a browser.
func misplacedWildcard(kind string) *ConfigError {
	return &ConfigError{Reason: ConfigReasonMisplacedWildcard,
		Hint: fmt.Sprintf(`list the names, or write "*" alone for all %s`, kind)}
}

func notAlone(field string, index int, value string) *ConfigError {
	return &ConfigError{Field: field, Index: index, Value: value,
		Reason: ConfigReasonWildcardNotAlone,
		Hint:   `remove this entry, which "*" covers, or "*"`}
}

// isForbiddenRequestHeader reports whether no script can set the header, whose name is in lower
// case.
//
// https://fetch.spec.whatwg.org/#forbidden-request-header
func isForbiddenRequestHeader(lower string) bool {
	switch lower {
	case "accept-charset", "accept-encoding", "access-control-request-headers",
		"access-control-request-method", "connection", "content-length", "cookie", "cookie2",
		"date", "dnt", "expect", "host", "keep-alive", "origin", "referer", "set-cookie", "te",
		"trailer", "transfer-encoding", "upgrade", "via":
		return true
	}
	return strings.HasPrefix(lower, "proxy-") || strings.HasPrefix(lower, "sec-")
}

// isSafelistedHeader reports whether a header needs no permission, as far as its name tells.
//
// https://fetch.spec.whatwg.org/#cors-safelisted-request-header
func isSafelistedHeader(name string) bool {
	return token.EqualFold(name, "Accept") || token.EqualFold(name, "Accept-Language") ||
		token.EqualFold(name, "Content-Language") || token.EqualFold(name, "Content-Type") ||
		token.EqualFold(name, "Range")
}

// isCORSResponseField reports whether the name, in lower case, is one that only servers send.
func isCORSResponseField(lower string) bool {
	return strings.HasPrefix(lower, "access-control-allow-") ||
		lower == "access-control-expose-headers" || lower == "access-control-max-age"
}

// lowerUnique returns header names in lower case, each once, in their order. Under "*" it is first.
func lowerUnique(names []string) []string {
	lower := make([]string, len(names))
	for i, name := range names {
		lower[i] = strings.ToLower(name)
	}
	lower = unique(lower)
	if i := slices.Index(lower, "*"); i > 0 {
		lower = slices.Insert(slices.Delete(lower, i, i+1), 0, "*")
	}
	return lower
}

// unique returns the values, each once, in their order.
func unique(values []string) []string {
	var list []string
	seen := map[string]bool{}
	for _, value := range values {
		if !seen[value] {
			list = append(list, value)
		}
		seen[value] = true
	}
	return list
}
