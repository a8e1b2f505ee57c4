package fibercors

import (
	"net"
	"net/netip"
	"sync"

	"github.com/gofiber/fiber/v2/utils"
	"github.com/valyala/fasthttp"

	"github.com/corselet/corselet/core"
)

// request is a request as core sees it, and room for what core sees. Its strings alias fasthttp's buffers, which are
// used again as soon as the handler has returned; core keeps none of them. It is pooled because whatever an observer
// is shown must live on the heap.
type request struct {
	core core.Request

	origins []string
	methods []string
	headers []string
}

var requests = sync.Pool{New: func() any { return new(request) }}

func readRequest(ctx *fasthttp.RequestCtx) *request {
	h := &ctx.Request.Header
	r := requests.Get().(*request)
	r.core = core.Request{
		Method: utils.UnsafeString(h.Method()),
		Host:   utils.UnsafeString(h.Host()),
		Path:   utils.UnsafeString(ctx.Path()),
		Source: (*source)(ctx),
	}
	r.origins = appendLines(r.origins, h.PeekAll(core.FieldOrigin), 2)
	if len(r.origins) == 0 {
		return r
	}
	if r.core.Method == fasthttp.MethodOptions {
		r.methods = appendLines(r.methods, h.PeekAll(core.FieldRequestMethod), 2)
		r.headers = appendLines(r.headers, h.PeekAll(core.FieldRequestHeaders), core.MaxListLines)
	}
	r.core.Origins, r.core.RequestMethods, r.core.RequestHeaders = r.origins, r.methods, r.headers
	r.core.SecFetchSite = utils.UnsafeString(h.Peek(core.FieldSecFetchSite))
	r.core.SecFetchMode = utils.UnsafeString(h.Peek(core.FieldSecFetchMode))
	return r
}

// release makes r ready for the next request. Nothing may refer to it any more.
func (r *request) release() {
	clear(r.origins)
	clear(r.methods)
	clear(r.headers)
	*r = request{origins: r.origins[:0], methods: r.methods[:0], headers: r.headers[:0]}
	requests.Put(r)
}

// appendLines appends at most limit lines. More of them could not change a decision.
func appendLines(dst []string, lines [][]byte, limit int) []string {
	for _, line := range lines[:min(len(lines), limit)] {
		dst = append(dst, utils.UnsafeString(line))
	}
	return dst
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
