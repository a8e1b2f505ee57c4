package fasthttpcors

import (
	"bytes"
	"encoding/hex"
	"sync"
	"unsafe"

	"github.com/valyala/fasthttp"

	"github.com/corselet/corselet/core"
)

// request is a request as core sees it. Its strings alias fasthttp's buffers, which are used again as soon as the
// handler has returned; core keeps none of them.
type request struct {
	core core.Request
	room *room // nil if the request has no Origin and is not OPTIONS
}

// room is where field lines are put, and a path that had to be decoded. It is pooled because whatever an observer is
// shown must live on the heap.
type room struct {
	origins, methods, headers []string
	path                      []byte
}

var rooms = sync.Pool{New: func() any { return new(room) }}

// read fills in r, which is zero. Most requests of many servers have no Origin; of them core need not know more.
func (r *request) read(ctx *fasthttp.RequestCtx) {
	h := &ctx.Request.Header
	r.core.Method = unsafeString(h.Method())
	if r.core.Method == fasthttp.MethodOptions {
		r.room = rooms.Get().(*room)
		r.room.readPreflight(h)
		r.core.RequestMethods, r.core.RequestHeaders = r.room.methods, r.room.headers
	} else if origins := h.PeekAll(core.FieldOrigin); len(origins) > 0 {
		r.room = rooms.Get().(*room)
		for _, line := range origins {
			r.room.origins = appendLine(r.room.origins, trim(line), 2)
		}
	} else {
		return
	}
	r.core.Origins = r.room.origins
	r.core.Host = unsafeString(h.Host())
	if uri := h.RequestURI(); len(uri) > 0 && uri[0] != '/' {
		r.core.Host = unsafeString(ctx.Host()) // the target names the host itself: RFC 9112, section 3.2.2
	}
	r.core.Path = unsafeString(r.room.decode(ctx.URI().PathOriginal()))
	r.core.Source = (*source)(ctx)
}

// readPreflight reads all three fields in one pass, which takes less time than asking for each.
func (m *room) readPreflight(h *fasthttp.RequestHeader) {
	h.VisitAll(func(name, line []byte) {
		switch unsafeString(name) {
		case core.FieldOrigin:
			m.origins = appendLine(m.origins, trim(line), 2)
		case core.FieldRequestMethod:
			m.methods = appendLine(m.methods, trim(line), 2)
		case core.FieldRequestHeaders:
			m.headers = appendLine(m.headers, unsafeString(line), core.MaxListLines)
		}
	})
}

// decode decodes a path as net/http does. Unlike fasthttp it leaves ".." and "//" alone: fiber routes by the path as it
// was sent, and what OriginFunc is told must be no other place than the one that answers. An escape that is none stays;
// net/http answers 400 there.
func (m *room) decode(path []byte) []byte {
	if bytes.IndexByte(path, '%') < 0 {
		return path
	}
	m.path = m.path[:0]
	for i := 0; i < len(path); i++ {
		var octet [1]byte
		if path[i] == '%' && i+2 < len(path) {
			if _, err := hex.Decode(octet[:], path[i+1:i+3]); err == nil {
				m.path = append(m.path, octet[0])
				i += 2
				continue
			}
		}
		m.path = append(m.path, path[i])
	}
	return m.path
}

// release gives the room to the next request. Nothing may refer to r any more.
func (r *request) release() {
	m := r.room
	if m == nil {
		return
	}
	clear(m.origins)
	clear(m.methods)
	clear(m.headers)
	m.origins, m.methods, m.headers = m.origins[:0], m.methods[:0], m.headers[:0]
	rooms.Put(m)
}

// appendLine appends a line unless there are as many as limit. More of them could not change a decision.
func appendLine(dst []string, line string, limit int) []string {
	if len(dst) >= limit {
		return dst
	}
	return append(dst, line)
}

// trim cuts the white space around a field value, of which fasthttp v1.51 leaves tabs: RFC 9110, section 5.5.
func trim(value []byte) string {
	for len(value) > 0 && isSpace(value[0]) {
		value = value[1:]
	}
	for len(value) > 0 && isSpace(value[len(value)-1]) {
		value = value[:len(value)-1]
	}
	return unsafeString(value)
}

func isSpace(b byte) bool { return b == ' ' || b == '\t' }

// unsafeString and unsafeBytes see one as the other without a copy. Nothing writes into what unsafeBytes returns.
func unsafeString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

func unsafeBytes(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }
