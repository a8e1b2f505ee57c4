package fasthttpcors

import (
	"bytes"
	"unsafe"

	"github.com/valyala/fasthttp"

	"github.com/corselet/corselet/core"
)

// read fills in r, which is zero, with a request as core sees it. Its strings alias fasthttp's
// buffers, which are used again as soon as the handler has returned; core keeps none of them.
func read(ctx *fasthttp.RequestCtx, r *core.Request) {
	h := &ctx.Request.Header
	r.Method, r.Source = unsafeString(h.Method()), (*source)(ctx)
	if r.Method == fasthttp.MethodOptions {
		readPreflight(h, r)
		return
	}
	if origins := h.PeekAll(core.FieldOrigin); len(origins) > 0 {
		r.HasOrigin = true
		if len(origins) == 1 {
			r.Origin = unsafeString(trim(origins[0]))
		}
	}
}

// readPreflight looks for both fields in one pass, which takes less time than to ask for each.
func readPreflight(h *fasthttp.RequestHeader, r *core.Request) {
	h.VisitAll(func(name, line []byte) {
		switch unsafeString(name) {
		case core.FieldOrigin:
			if r.Origin = ""; !r.HasOrigin {
				r.Origin = unsafeString(trim(line))
			}
			r.HasOrigin = true
		case core.FieldRequestMethod:
			r.HasRequestMethod = true
		}
	})
}

// trim cuts the white space around a field value, of which fasthttp v1.51 leaves tabs: RFC 9110,
// section 5.5.
func trim(value []byte) []byte {
	if n := len(value); n > 0 && (isSpace(value[0]) || isSpace(value[n-1])) {
		return bytes.Trim(value, " \t")
	}
	return value
}

func isSpace(b byte) bool { return b == ' ' || b == '\t' }

// unsafeString and unsafeBytes see one as the other without a copy. fasthttp does not write into
// what unsafeBytes returns.
func unsafeString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

func unsafeBytes(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }
