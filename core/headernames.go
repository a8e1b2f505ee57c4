package core

import "strings"

// isForbiddenRequestHeader reports whether no script can set the header, whose name is in lower case.
//
// https://fetch.spec.whatwg.org/#forbidden-request-header
func isForbiddenRequestHeader(lower string) bool {
	switch lower {
	case "accept-charset", "accept-encoding", "access-control-request-headers", "access-control-request-method",
		"connection", "content-length", "cookie", "cookie2", "date", "dnt", "expect", "host", "keep-alive", "origin",
		"referer", "set-cookie", "te", "trailer", "transfer-encoding", "upgrade", "via":
		return true
	}
	return strings.HasPrefix(lower, "proxy-") || strings.HasPrefix(lower, "sec-")
}

// isCORSResponseField reports whether the name, in lower case, is one that only servers send.
func isCORSResponseField(lower string) bool {
	return strings.HasPrefix(lower, "access-control-allow-") ||
		lower == "access-control-expose-headers" || lower == "access-control-max-age"
}
