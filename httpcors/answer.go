package httpcors

import (
	"net/http"
	"net/netip"
	"strings"

	"github.com/corselet/corselet/core"
)

// Answer sets the response fields that the policy calls for, and reports whether the handler should run. Where it
// reports false it has written the status of a response without a body, and nothing is left to do.
//
// It is what adapters for frameworks on top of net/http are made of. Others write [New].
func Answer(cors *core.CORS, w http.ResponseWriter, r *http.Request) (next bool) {
	req := core.Request{
		Method: r.Method, Host: r.Host, Path: r.URL.Path, Origins: r.Header[core.FieldOrigin], Source: source{r},
	}
	if r.Method == http.MethodOptions {
		req.RequestMethods = r.Header[core.FieldRequestMethod]
		req.RequestHeaders = r.Header[core.FieldRequestHeaders]
	}
	d := cors.Decide(r.Context(), &req)
	h := w.Header()
	if !d.NextHandler && len(h) > 0 {
		delete(h, "Content-Type") // of an outer layer; there is no body
	}
	setFields(h, &d)
	if !d.NextHandler {
		w.WriteHeader(d.Status)
	}
	return d.NextHandler
}

// setFields replaces the CORS fields in h by those of d. No value is shared with another response: reflected lines are
// the request's own, and the rest is cut out of one array made for this response. Each slice has no spare capacity, so
// that appending to one cannot write into the next.
func setFields(h http.Header, d *core.Decision) {
	var vary []string
	if len(h) > 0 {
		vary = h[core.FieldVary]
		for _, name := range [...]string{
			core.FieldAllowOrigin, core.FieldAllowCredentials, core.FieldAllowMethods,
			core.FieldAllowHeaders, core.FieldExposeHeaders, core.FieldMaxAge,
		} {
			delete(h, name)
		}
	}
	for name, lines := range d.Reflected() {
		h[name] = lines
	}
	values := make([]string, d.NumConstants())
	used, fixed := 0, 0 // fixed is how many of the values are not for Vary, which comes last
	for i := range d.NumConstants() {
		name, value := d.Constant(i)
		switch {
		case name != core.FieldVary:
			values[used] = value
			used++
			fixed = used
			h[name] = values[used-1 : used : used]
		case !covers(vary, value):
			values[used] = value
			used++
		}
	}
	if added := values[fixed:used:used]; len(vary) == 0 && len(added) > 0 {
		h[core.FieldVary] = added
	} else if len(added) > 0 {
		// The old slice may be shared, so its spare capacity is not used.
		h[core.FieldVary] = append(vary[:len(vary):len(vary)], added...)
	}
}

// covers reports whether some line of a Vary field makes adding name superfluous.
func covers(vary []string, name string) bool {
	for _, line := range vary {
		if core.VaryCovers(line, name) {
			return true
		}
	}
	return false
}

func first(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	return lines[0]
}

// source is a request as core sees it. One pointer wide, it becomes an interface without an allocation.
type source struct{ r *http.Request }

func (s source) Header(name string) (string, bool) {
	lines := s.r.Header[name]
	return first(lines), len(lines) > 0
}

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

func (s source) Scheme() string {
	if s.r.TLS != nil {
		return "https"
	}
	return "http"
}

func (s source) Query() string { return s.r.URL.RawQuery }

func (s source) ClientAddr() netip.Addr {
	// A server over a Unix socket has no such address, and its placeholder would make the parser allocate an error.
	if strings.IndexByte(s.r.RemoteAddr, ':') < 0 {
		return netip.Addr{}
	}
	addr, err := netip.ParseAddrPort(s.r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return addr.Addr().Unmap()
}
