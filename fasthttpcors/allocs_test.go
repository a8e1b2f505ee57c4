//go:build !race

package fasthttpcors_test

import (
	"testing"

	"github.com/valyala/fasthttp"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/fasthttpcors/fasthttptest"
)

func TestAllocations(t *testing.T) {
	fasthttptest.CheckAllocations(t, func(cors *core.CORS, outer []corstest.Field) fasthttp.RequestHandler {
		handler := with(cors, func(*fasthttp.RequestCtx) {})
		return func(ctx *fasthttp.RequestCtx) {
			for _, f := range outer {
				ctx.Response.Header.Add(f.Name, f.Value)
			}
			handler(ctx)
		}
	})
}

// TestDecodingAllocatesNothing holds a path with escapes to no allocation either.
func TestDecodingAllocatesNothing(t *testing.T) {
	cors, err := core.New(core.Config{Origins: []string{"https://app.example.com"}})
	if err != nil {
		t.Fatal(err)
	}
	handler := with(cors, func(*fasthttp.RequestCtx) {})
	var ctx fasthttp.RequestCtx
	ctx.Request.Header.SetMethod("GET") // which it would make anew if it were not set
	ctx.Request.SetRequestURI("/a%20b")
	ctx.Request.Header.Set("Origin", "https://app.example.com")
	got := testing.AllocsPerRun(100, func() {
		ctx.Response.Reset()
		handler(&ctx)
	})
	if got != 0 {
		t.Errorf("got %v allocations, want none", got)
	}
}
