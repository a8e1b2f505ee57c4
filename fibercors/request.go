package fibercors

import (
	"net"
	"net/netip"
	"sync"

	"github.com/gofiber/fiber/v2/utils"
	"github.com/valyala/fasthttp"

	"github.com/corselet/corselet/core"
)

// request is a request as core sees it. Its strings alias fasthttp's buffers, which are used again as soon as the handler
// has returned; core keeps none of them.
type request struct {
	core  core.Request
	lines *lines // nil if the request has no Origin
}

// lines is room for field lines. It is pooled because whatever an observer is shown must live on the heap.
type lines struct{ origins, methods, headers []string }

var pool = sync.Pool{New: func() any { return new(lines) }}

// read fills in r, which is zero. Most requests of many servers have no Origin; they need no room.
func (r *request) read(ctx *fasthttp.RequestCtx) {
	h := &ctx.Request.Header
	r.core.Method = utils.UnsafeString(h.Method())
	r.core.Host = utils.UnsafeString(h.Host())
	r.core.Path = utils.UnsafeString(ctx.Path())
	r.core.Source = (*source)(ctx)
	if r.core.Method == fasthttp.MethodOptions {
		r.lines = pool.Get().(*lines)
		r.lines.readPreflight(h)
		r.core.RequestMethods, r.core.RequestHeaders = r.lines.methods, r.lines.headers
	} else if origins := h.PeekAll(core.FieldOrigin); len(origins) > 0 {
		r.lines = pool.Get().(*lines)
		for _, line := range origins {
			r.lines.origins = appendLine(r.lines.origins, line, 2)
		}
	} else {
		return
	}
	r.core.Origins = r.lines.origins
}

// readPreflight reads all three fields in one pass, which takes less time than asking for each.
func (l *lines) readPreflight(h *fasthttp.RequestHeader) {
	h.VisitAll(func(name, line []byte) {
		switch utils.UnsafeString(name) {
		case core.FieldOrigin:
			l.origins = appendLine(l.origins, line, 2)
		case core.FieldRequestMethod:
			l.methods = appendLine(l.methods, line, 2)
		case core.FieldRequestHeaders:
			l.headers = appendLine(l.headers, line, core.MaxListLines)
		}
	})
}

// release gives the room for lines to the next request. Nothing may refer to r any more.
func (r *request) release() {
	if l := r.lines; l != nil {
		clear(l.origins)
		clear(l.methods)
		clear(l.headers)
		l.origins, l.methods, l.headers = l.origins[:0], l.methods[:0], l.headers[:0]
		pool.Put(l)
	}
}

// appendLine appends a line unless there are as many as limit. More of them could not change a decision.
func appendLine(dst []string, line []byte, limit int) []string {
	if len(dst) >= limit {
		return dst
	}
	return append(dst, utils.UnsafeString(line))
}

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
	return utils.UnsafeString(lines[0]), true
}

func (s *source) AnyHeaderName(match func(name string) bool) bool {
	looked, found := 0, false
	s.header().VisitAll(func(key, _ []byte) {
		if looked++; looked <= core.MaxHeaderNames && !found {
			found = match(utils.UnsafeString(key))
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
	return utils.UnsafeString((*fasthttp.RequestCtx)(s).URI().QueryString())
}

func (s *source) ClientAddr() netip.Addr {
	tcp, ok := (*fasthttp.RequestCtx)(s).RemoteAddr().(*net.TCPAddr)
	if !ok {
		return netip.Addr{}
	}
	addr, _ := netip.AddrFromSlice(tcp.IP)
	return addr.Unmap().WithZone(tcp.Zone)
}
