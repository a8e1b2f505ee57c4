package core

import (
	"net/textproto"
	"strings"

	"github.com/corselet/corselet/core/internal/token"
)

// NeedsPreflight reports whether the standard obliges a browser to send a preflight before r, an
// actual request, unless it has one cached: because of its method, its Content-Type, or a header
// that a script must have set. It is false for preflights, and for requests to which CORS does not
// apply.
//
// For other methods than GET, HEAD and POST that is certain. For these it is an estimate, since
// upload listeners, over-long values of safelisted headers and HTTP authentication cannot be seen,
// and a header that browsers or intermediaries add by themselves (User-Agent, Cache-Control,
// Pragma, If-*, Range, Priority, traceparent, tracestate, baggage, X-Request-Id, X-Correlation-Id,
// X-Forwarded-*, Forwarded, Via) is not counted, even if a script set it. Under a policy that lists
// many headers, or "*", no more than [MaxHeaderNames] names are looked at.
//
// https://fetch.spec.whatwg.org/#http-fetch (step 4)
func (p *Policy) NeedsPreflight(r *Request) bool {
	return p.effective().needsPreflight(&details{request: *r})
}

func (p *Policy) needsPreflight(d *details) bool {
	r := &d.request
	if r.kind() != KindActual || !d.isCORSMode() || d.isSameOrigin() {
		return false
	}
	if !isSafelistedMethod(r.Method) {
		return true
	}
	if value, ok := r.header("Content-Type").First(); ok && !isFormType(value) {
		return true
	}
	return p.scripts.areIn(r)
}

// scriptHeaders are the request headers that only a script can have set, which proves that the
// browser had to ask before: those that the policy lets scripts set, with exceptions. Few are
// looked up one after another. Where there are many, or all, the names of the request's own headers
// are looked at instead.
type scriptHeaders struct {
	few  []string               // in canonical form
	many func(name string) bool // nil: they are few
}

// fewHeaders is up to how many look-ups take less time than a look at all headers that browsers
// send.
const fewHeaders = 8

func newScriptHeaders(h *requestHeaders) scriptHeaders {
	var names []string
	for _, name := range h.sorted {
		if h.setByScript(name) {
			names = append(names, textproto.CanonicalMIMEHeaderKey(name))
		}
	}
	if h.star || len(names) > fewHeaders {
		return scriptHeaders{many: h.setByScript} // made here, because making it allocates
	}
	return scriptHeaders{few: names}
}

// setByScript reports whether a request header must have been set by a script that the policy lets
// set it.
func (h *requestHeaders) setByScript(name string) bool {
	return h.allow(name) && !isSafelistedHeader(name) && !isAddedInTransit(name)
}

func (s *scriptHeaders) areIn(r *Request) bool {
	if s.many != nil {
		return r.Source != nil && r.Source.AnyHeaderName(s.many)
	}
	for _, name := range s.few {
		if r.header(name).Len() > 0 {
			return true
		}
	}
	return false
}

// isFormType reports whether a Content-Type is one that HTML forms could always send.
//
// https://fetch.spec.whatwg.org/#cors-safelisted-request-header
func isFormType(value string) bool {
	essence, _, _ := strings.Cut(value[:min(len(value), 128)], ";")
	essence = strings.Trim(essence, " \t")
	return token.EqualFold(essence, "application/x-www-form-urlencoded") ||
		token.EqualFold(essence, "multipart/form-data") ||
		token.EqualFold(essence, "text/plain")
}

// isAddedInTransit reports whether browsers or intermediaries add the header by themselves.
func isAddedInTransit(name string) bool {
	// No name or prefix below is longer than the buffer, and the string made of it does not reach
	// the heap.
	var buf [32]byte
	name = name[:min(len(name), len(buf))]
	for i := range len(name) {
		buf[i] = token.Lower(name[i])
	}
	switch lower := string(buf[:len(name)]); lower {
	case "user-agent", "cache-control", "pragma", "priority", "traceparent", "tracestate",
		"baggage", "x-request-id", "x-correlation-id", "forwarded":
		return true
	default:
		return isForbiddenRequestHeader(lower) ||
			strings.HasPrefix(lower, "if-") || strings.HasPrefix(lower, "x-forwarded-")
	}
}
