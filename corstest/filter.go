package corstest

import (
	"maps"
	"net/http"
	"slices"

	"github.com/corselet/corselet/core"
)

// A Response is what the page sees of a response.
type Response struct {
	Type ResponseType
	// URL is the URL that the response came from, after redirects; empty for an opaque response.
	URL string
	// Redirected is response.redirected.
	Redirected bool
	// Status is 0 if the response is opaque.
	Status int
	// Header has the fields that the page can read.
	Header http.Header
	Body   string

	// Exchanges has all requests and answers, in order. Pages do not see them.
	Exchanges []Exchange
}

// ResponseType is response.type.
type ResponseType string

// The types of responses.
const (
	ResponseBasic          ResponseType = "basic" // of the page's own origin
	ResponseCORS           ResponseType = "cors"
	ResponseOpaque         ResponseType = "opaque"
	ResponseOpaqueRedirect ResponseType = "opaqueredirect"
)

// Preflights returns how many preflights were sent.
func (r *Response) Preflights() (count int) {
	for _, e := range r.Exchanges {
		if e.Preflight {
			count++
		}
	}
	return count
}

// filter returns the part of a response that the page may see.
//
// Fetch, 4.1 main fetch, step 14, and 2.2.6:
// https://fetch.spec.whatwg.org/#concept-filtered-response
func (f *fetch) filter(got *reply) *Response {
	r := &Response{Header: http.Header{}, Exchanges: f.exchanges}
	switch {
	case got.manualRedirect:
		r.Type, r.URL = ResponseOpaqueRedirect, withoutFragment(f.url())
		return r
	case f.tainting == taintOpaque:
		r.Type = ResponseOpaque
		return r
	case f.tainting == taintCORS:
		r.Type = ResponseCORS
	default:
		r.Type = ResponseBasic
	}
	r.URL, r.Redirected, r.Status = withoutFragment(f.url()), len(f.urls) > 1, got.status
	if f.method != http.MethodHead && !isNullBodyStatus(got.status) { // step 20
		r.Body = got.body
	}
	exposed := f.exposedNames(got.header)
	for name, lines := range got.header {
		if r.Type == ResponseBasic && !isForbiddenResponseHeader(name) ||
			isSafelistedResponseHeader(name, exposed) {
			r.Header[name] = slices.Clone(lines)
		}
	}
	return r
}

// isNullBodyStatus: Fetch, 2.2.3: https://fetch.spec.whatwg.org/#null-body-status
func isNullBodyStatus(status int) bool {
	return slices.Contains([]int{101, 103, 204, 205, 304}, status)
}

// exposedNames returns the names of the fields that the server exposes. With credentials "*" is a
// name like any other. A malformed list exposes nothing.
//
// Fetch, 4.1 main fetch, step 14.1.
func (f *fetch) exposedNames(header http.Header) []string {
	names, _ := listValues(header, core.FieldExposeHeaders)
	if f.credentials != CredentialsInclude && slices.Contains(names, "*") {
		return slices.Collect(maps.Keys(header))
	}
	return names
}

// isSafelistedResponseHeader: Fetch, 2.2.2:
// https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name
func isSafelistedResponseHeader(name string, exposed []string) bool {
	switch lowerASCII(name) {
	case "cache-control", "content-language", "content-length", "content-type", "expires",
		"last-modified", "pragma":
		return true
	}
	return containsFold(exposed, name) && !isForbiddenResponseHeader(name)
}

// isForbiddenResponseHeader: Fetch, 2.2.2:
// https://fetch.spec.whatwg.org/#forbidden-response-header-name
func isForbiddenResponseHeader(name string) bool {
	lower := lowerASCII(name)
	return lower == "set-cookie" || lower == "set-cookie2"
}
