package fasthttpcors

import (
	"testing"

	"github.com/valyala/fasthttp"

	"github.com/corselet/corselet/core"
)

// Rooms are used again, so they must neither grow with what is sent nor keep any of it.
func TestRoomsStaySmallAndKeepNothing(t *testing.T) {
	for _, method := range []string{fasthttp.MethodOptions, fasthttp.MethodPut} {
		t.Run(method, func(t *testing.T) {
			var ctx fasthttp.RequestCtx
			ctx.Request.Header.SetMethod(method)
			for range 10 * core.MaxListLines {
				ctx.Request.Header.Add(core.FieldOrigin, "https://app.example.com")
				ctx.Request.Header.Add(core.FieldRequestMethod, "PUT")
				ctx.Request.Header.Add(core.FieldRequestHeaders, "x-a")
			}
			var r request
			r.read(&ctx)
			m := r.room
			limits := map[*[]string]int{&m.origins: 2, &m.methods: 2, &m.headers: core.MaxListLines}
			for lines, limit := range limits {
				if len(*lines) > limit {
					t.Errorf("got %d lines, want at most %d", len(*lines), limit)
				}
			}
			if len(m.origins) != 2 {
				t.Errorf("got %d lines of Origin, want 2", len(m.origins))
			}
			r.release()
			for lines := range limits {
				for _, line := range (*lines)[:cap(*lines)] {
					if len(*lines) > 0 || line != "" {
						t.Errorf("got %d lines and %q after the request, want none", len(*lines), line)
					}
				}
			}
		})
	}
}
