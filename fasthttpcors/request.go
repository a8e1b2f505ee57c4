package fasthttpcors

import (
	"bytes"
	"unsafe"

	"github.com/valyala/fasthttp"

	"github.com/corselet/corselet/core"
)

// newRequest returns a request as core sees it. Its strings alias fasthttp's buffers, which are used
// again as soon as the handler has returned; core keeps none of them.
func newRequest(ctx *fasthttp.RequestCtx) core.Request {
	h := &ctx.Request.Header
	r := core.Request{Method: unsafeString(h.Method()), Source: (*source)(ctx)}
	origins := h.PeekAll(core.FieldOrigin)
	if len(origins) == 0 {
		return r
	}
	r.HasOrigin = true
	if len(origins) == 1 {
		r.Origin = unsafeString(trim(origins[0]))
	}
	if r.Method == fasthttp.MethodOptions {
		r.HasRequestMethod = len(h.PeekAll(core.FieldRequestMethod)) > 0
	}
	return r
}

// trim cuts the white space around a field value, of which fasthttp v1.51 leaves tabs: RFC 9110,
// section 5.5.
func trim(value []byte) []byte { return bytes.Trim(value, " \t") }

// unsafeString and unsafeBytes see one as the other without a copy. fasthttp does not write into what
// unsafeBytes returns.
func unsafeString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

func unsafeBytes(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }
