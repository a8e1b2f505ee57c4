package fasthttpcors_test

import (
	"context"
	"strings"
	"testing"

	"github.com/valyala/fasthttp"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/fasthttpcors"
	"github.com/corselet/corselet/fasthttpcors/fasthttptest"
)

func TestConformance(t *testing.T) {
	corstest.Run(t, func(_ *testing.T, spec corstest.Spec) corstest.App {
		handler := recovery(with(spec.CORS, api))
		return fasthttptest.App(func(ctx *fasthttp.RequestCtx) {
			for _, f := range spec.Outer {
				ctx.Response.Header.Add(f.Name, f.Value)
			}
			handler(ctx)
		})
	})
}

// with is middleware as an adapter would make it.
func with(cors *core.CORS, next fasthttp.RequestHandler) fasthttp.RequestHandler {
	return func(ctx *fasthttp.RequestCtx) {
		_ = fasthttpcors.Answer(cors, ctx,
			func() context.Context { return ctx }, func() error { next(ctx); return nil })
	}
}

// recovery turns panics into answers with status 500; fasthttp has no such middleware.
func recovery(next fasthttp.RequestHandler) fasthttp.RequestHandler {
	return func(ctx *fasthttp.RequestCtx) {
		defer func() {
			if recover() != nil {
				ctx.SetStatusCode(fasthttp.StatusInternalServerError)
			}
		}()
		next(ctx)
	}
}

// api is the handler that corstest.Spec asks for.
func api(ctx *fasthttp.RequestCtx) {
	path := string(ctx.Path())
	if !strings.HasPrefix(path, "/api/") {
		ctx.SetStatusCode(fasthttp.StatusNotFound)
		return
	}
	ctx.Response.Header.Set("X-Handler", "hit")
	switch path {
	case "/api/panic":
		panic("as the case wants")
	case "/api/fail":
		ctx.SetStatusCode(fasthttp.StatusInternalServerError)
	case "/api/moved":
		ctx.Redirect("/api/ok", fasthttp.StatusTemporaryRedirect)
	}
}
