package fasthttpcors_test

import (
	"context"
	"fmt"
	"log"

	"github.com/valyala/fasthttp"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/fasthttpcors"
)

func Example() {
	cors, err := core.New(core.Config{Origins: []string{"https://app.example.com"}, Methods: []string{"PUT"}})
	if err != nil {
		log.Fatal(err)
	}

	withCORS := func(next fasthttp.RequestHandler) fasthttp.RequestHandler {
		return func(ctx *fasthttp.RequestCtx) {
			_ = fasthttpcors.Answer(cors, ctx,
				func() context.Context { return ctx },
				func() error { next(ctx); return nil })
		}
	}

	handler := withCORS(func(ctx *fasthttp.RequestCtx) { ctx.SetBodyString("hello") })
	ask(handler, "GET", "Origin", "https://app.example.com")
	ask(handler, "GET", "Origin", "https://stranger.example")
	ask(handler, "OPTIONS", "Origin", "https://app.example.com", "Access-Control-Request-Method", "PUT")
	ask(handler, "OPTIONS", "Origin", "https://stranger.example", "Access-Control-Request-Method", "PUT")
	// Output:
	// GET: 200, for "https://app.example.com"
	// GET: 200, for ""
	// OPTIONS: 204, for "https://app.example.com"
	// OPTIONS: 403, for ""
}

// ask sends a request in process, and prints the status of the answer and the origin that it is readable for.
func ask(handler fasthttp.RequestHandler, method string, fields ...string) {
	var ctx fasthttp.RequestCtx
	ctx.Request.Header.SetMethod(method)
	for i := 0; i < len(fields); i += 2 {
		ctx.Request.Header.Set(fields[i], fields[i+1])
	}
	handler(&ctx)
	origin := ctx.Response.Header.Peek(core.FieldAllowOrigin)
	fmt.Printf("%s: %d, for %q\n", method, ctx.Response.StatusCode(), origin)
}
