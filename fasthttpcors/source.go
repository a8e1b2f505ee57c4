package fasthttpcors

import (
	"net"
	"net/netip"

	"github.com/valyala/fasthttp"

	"github.com/corselet/corselet/core"
)

// source is a request as core sees it. One pointer wide, it becomes an interface without an allocation.
type source fasthttp.RequestCtx

func (s *source) header() *fasthttp.RequestHeader { return &s.Request.Header }

func (s *source) Header(name string) (string, bool) {
	if name == fasthttp.HeaderCookie {
		// fasthttp takes cookies apart and would have to allocate to put them together again.
		found := false
		s.header().VisitAllCookie(func(_, _ []byte) { found = true })
		return "", found
	}
	lines := s.header().PeekAll(name)
	if len(lines) == 0 {
		return "", false
	}
	return trim(lines[0]), true
}

func (s *source) AnyHeaderName(match func(name string) bool) bool {
	looked, found := 0, false
	s.header().VisitAll(func(key, _ []byte) {
		if looked++; looked <= core.MaxHeaderNames && !found {
			found = match(unsafeString(key))
		}
	})
	return found
}

func (s *source) Scheme() string {
	if (*fasthttp.RequestCtx)(s).IsTLS() {
		return "https"
	}
	return "http"
}

func (s *source) Query() string {
	return unsafeString((*fasthttp.RequestCtx)(s).URI().QueryString())
}

func (s *source) ClientAddr() netip.Addr {
	tcp, ok := (*fasthttp.RequestCtx)(s).RemoteAddr().(*net.TCPAddr)
	if !ok {
		return netip.Addr{}
	}
	addr, _ := netip.AddrFromSlice(tcp.IP)
	return addr.Unmap().WithZone(tcp.Zone)
}
