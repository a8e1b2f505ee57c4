package fasthttpcors

import (
	"bytes"
	"encoding/hex"
	"net"
	"net/netip"

	"github.com/valyala/fasthttp"

	"github.com/corselet/corselet/core"
)

// source is a request's core.Source. One pointer wide, it becomes an interface without an
// allocation.
type source fasthttp.RequestCtx

func (s *source) ctx() *fasthttp.RequestCtx       { return (*fasthttp.RequestCtx)(s) }
func (s *source) header() *fasthttp.RequestHeader { return &s.Request.Header }

func (s *source) Host() string {
	if uri := s.header().RequestURI(); len(uri) > 0 && uri[0] != '/' {
		return unsafeString(s.ctx().Host()) // the target names the host: RFC 9112, section 3.2.2
	}
	return unsafeString(s.header().Host())
}

// Path decodes the path as net/http does. Unlike fasthttp it leaves ".." and "//" alone: fiber
// routes by the path as it was sent, and OriginFunc must be told of the place that answers. An
// invalid escape is left as it is; net/http answers 400 there. It allocates where there is an
// escape.
func (s *source) Path() string {
	path := s.ctx().URI().PathOriginal()
	if bytes.IndexByte(path, '%') < 0 {
		return unsafeString(path)
	}
	decoded := make([]byte, 0, len(path))
	for i := 0; i < len(path); i++ {
		var octet [1]byte
		if path[i] == '%' && i+2 < len(path) {
			if _, err := hex.Decode(octet[:], path[i+1:i+3]); err == nil {
				decoded = append(decoded, octet[0])
				i += 2
				continue
			}
		}
		decoded = append(decoded, path[i])
	}
	return unsafeString(decoded)
}

func (s *source) Query() string { return unsafeString(s.ctx().URI().QueryString()) }

func (s *source) Scheme() string {
	if s.ctx().IsTLS() {
		return "https"
	}
	return "http"
}

func (s *source) ClientAddr() netip.Addr {
	tcp, ok := s.ctx().RemoteAddr().(*net.TCPAddr)
	if !ok {
		return netip.Addr{}
	}
	addr, _ := netip.AddrFromSlice(tcp.IP)
	return addr.Unmap().WithZone(tcp.Zone)
}

// hidden is the line of a field whose value is not told.
var hidden = [][]byte{nil}

func (s *source) Header(name string) core.Lines {
	if name == fasthttp.HeaderCookie {
		// fasthttp takes cookies apart and would have to allocate to put them together again.
		found := false
		s.header().VisitAllCookie(func(_, _ []byte) { found = true })
		if !found {
			return core.Lines{}
		}
		return core.ByteLines(hidden)
	}
	return core.ByteLines(s.header().PeekAll(name))
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
