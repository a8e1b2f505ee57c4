package corstest

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// The rules for methods and headers are in core as well. They are repeated here on purpose: core's
// verdicts are tested against the browser, so the two must not share a mistake.

const (
	digits       = "0123456789"
	alphanumeric = digits + "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	tokenBytes   = alphanumeric + "!#$%&'*+-.^_`|~"
)

// isToken reports whether s is an HTTP token, the form of methods and header names.
func isToken(s string) bool { return s != "" && consistsOf(s, tokenBytes) }

// consistsOf reports whether all bytes of s are in set, which is ASCII.
func consistsOf(s, set string) bool {
	for i := range len(s) {
		if strings.IndexByte(set, s[i]) < 0 {
			return false
		}
	}
	return true
}

// isSafelistedMethod: Fetch, 2.2.1: https://fetch.spec.whatwg.org/#cors-safelisted-method
func isSafelistedMethod(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodPost
}

// isForbiddenMethod: Fetch, 2.2.1: https://fetch.spec.whatwg.org/#forbidden-method
func isForbiddenMethod(method string) bool {
	return slices.Contains([]string{"CONNECT", "TRACE", "TRACK"}, upperASCII(method))
}

// normalizeMethod: Fetch, 2.2.1: https://fetch.spec.whatwg.org/#concept-method-normalize
func normalizeMethod(method string) string {
	upper := upperASCII(method)
	if slices.Contains([]string{"DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"}, upper) {
		return upper
	}
	return method
}

// isForbiddenRequestHeader reports whether scripts cannot send the field.
//
// Fetch, 2.2.2: https://fetch.spec.whatwg.org/#forbidden-request-header
func isForbiddenRequestHeader(name, value string) bool {
	switch name = lowerASCII(name); name {
	case "accept-charset", "accept-encoding", "access-control-request-headers",
		"access-control-request-method", "connection", "content-length", "cookie", "cookie2",
		"date", "dnt", "expect", "host", "keep-alive", "origin", "referer", "set-cookie", "te",
		"trailer", "transfer-encoding", "upgrade", "via":
		return true // step 1
	case "x-http-method", "x-http-method-override", "x-method-override": // step 3
		return slices.ContainsFunc(splitValue(value), isForbiddenMethod)
	}
	return strings.HasPrefix(name, "proxy-") || strings.HasPrefix(name, "sec-") // step 2
}

// isSafelistedRequestHeader reports whether a page may send the field without a preflight.
//
// Fetch, 2.2.2: https://fetch.spec.whatwg.org/#cors-safelisted-request-header
func isSafelistedRequestHeader(name, value string) bool {
	if len(value) > 128 { // step 1
		return false
	}
	switch lowerASCII(name) { // step 2
	case "accept":
		return !hasUnsafeByte(value)
	case "accept-language", "content-language":
		return consistsOf(value, alphanumeric+" *,-.;=")
	case "content-type":
		return !hasUnsafeByte(value) && isFormType(value)
	case "range":
		return isSimpleRange(value)
	}
	return false
}

// hasUnsafeByte: Fetch, 2.2.2: https://fetch.spec.whatwg.org/#cors-unsafe-request-header-byte
func hasUnsafeByte(value string) bool {
	for i := range len(value) {
		if c := value[i]; c < 0x20 && c != '\t' ||
			strings.IndexByte("\"():<>?@[\\]{}\x7f", c) >= 0 {
			return true
		}
	}
	return false
}

// isFormType reports whether a media type is one that HTML forms can send. It needs only steps 1
// to 9 of parsing a MIME type, since parameters cannot make it fail.
//
// MIME Sniffing, 4.4: https://mimesniff.spec.whatwg.org/#parse-a-mime-type
func isFormType(value string) bool {
	const whitespace = "\t\n\r "
	essence, _, _ := strings.Cut(strings.Trim(value, whitespace), ";")
	switch lowerASCII(strings.TrimRight(essence, whitespace)) {
	case "application/x-www-form-urlencoded", "multipart/form-data", "text/plain":
		return true
	}
	return false
}

// isSimpleRange reports whether value is one range with a start: "bytes=0-" or "bytes=0-99".
//
// Fetch, 2.2.2, "parse a single range header value", without white space:
// https://fetch.spec.whatwg.org/#simple-range-header-value
func isSimpleRange(value string) bool {
	value, ok := strings.CutPrefix(value, "bytes=")
	first, last, hasDash := strings.Cut(value, "-")
	if !ok || !hasDash || first == "" || !consistsOf(first+last, digits) {
		return false
	}
	return last == "" || !isGreater(first, last)
}

// isGreater compares decimal numbers of any length.
func isGreater(a, b string) bool {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	return len(a) > len(b) || len(a) == len(b) && a > b
}

// unsafeHeaderNames returns the names of the fields that need a preflight, in lower case, sorted.
//
// Fetch, 2.2.2: https://fetch.spec.whatwg.org/#cors-unsafe-request-header-names
func unsafeHeaderNames(header http.Header) []string {
	unsafe, safelisted := map[string]bool{}, map[string]bool{}
	size := 0
	for name, values := range header {
		for _, value := range values {
			if isSafelistedRequestHeader(name, value) {
				safelisted[lowerASCII(name)] = true
				size += len(value)
			} else {
				unsafe[lowerASCII(name)] = true
			}
		}
	}
	if size > 1024 { // step 5
		maps.Copy(unsafe, safelisted)
	}
	return slices.Sorted(maps.Keys(unsafe))
}

func lowerASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + ('a' - 'A')
		}
		return r
	}, s)
}

func upperASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' {
			return r - ('a' - 'A')
		}
		return r
	}, s)
}
