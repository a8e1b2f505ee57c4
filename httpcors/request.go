package httpcors

import (
	"net/http"
	"net/netip"
	"strings"

	"github.com/corselet/corselet/core"
)

// NewRequest returns r as core sees it, for tools and tests that ask a [core.Policy] about a
// request of net/http. It must not change while the result is in use.
func NewRequest(r *http.Request) core.Request {
	return newRequest(r, r.Header[core.FieldOrigin])
}

// newRequest is NewRequest, given the lines of Origin.
func newRequest(r *http.Request, origins []string) core.Request {
	req := core.Request{Method: r.Method, HasOrigin: len(origins) > 0, Source: source{r}}
	if len(origins) == 1 {
		req.Origin = origins[0]
	}
	if len(origins) > 0 && r.Method == http.MethodOptions {
		req.HasRequestMethod = len(r.Header[core.FieldRequestMethod]) > 0
	}
	return req
}

// source is a request's core.Source. One pointer wide, it becomes an interface without an
// allocation.
type source struct{ r *http.Request }

func (s source) Host() string  { return s.r.Host }
func (s source) Path() string  { return s.r.URL.Path }
func (s source) Query() string { return s.r.URL.RawQuery }

func (s source) Scheme() string {
	if s.r.TLS != nil {
		return "https"
	}
	return "http"
}

func (s source) ClientAddr() netip.Addr {
	// A server over a Unix socket has no such address, and its placeholder would make the parser
	// allocate an error.
	if strings.IndexByte(s.r.RemoteAddr, ':') < 0 {
		return netip.Addr{}
	}
	addr, err := netip.ParseAddrPort(s.r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return addr.Addr().Unmap()
}

func (s source) Header(name string) core.Lines { return core.StringLines(s.r.Header[name]) }

func (s source) AnyHeaderName(match func(name string) bool) bool {
	looked := 0
	for name := range s.r.Header {
		if looked++; looked > core.MaxHeaderNames {
			break
		}
		if match(name) {
			return true
		}
	}
	return false
}
