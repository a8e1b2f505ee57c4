package fasthttpcors_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/valyala/fasthttp"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/fasthttpcors"
	"github.com/corselet/corselet/fasthttpcors/fasthttptest"
)

type contextKey struct{}

// contextual is an observer that keeps what the context says.
type contextual struct{ values []any }

func (o *contextual) Observe(ctx context.Context, _ core.Event) {
	o.values = append(o.values, ctx.Value(contextKey{}))
}

// Most requests of many servers have no Origin, and frameworks make a context when they are asked for it.
func TestTheContextIsAskedForWhereThereIsAnOriginOnly(t *testing.T) {
	tests := []struct {
		name, method, origin string
		want                 int
	}{
		{"a request without Origin", "GET", "", 0},
		{"an OPTIONS request without Origin", "OPTIONS", "", 0},
		{"a request with Origin", "GET", "https://app.example.com", 1},
		{"a preflight", "OPTIONS", "https://app.example.com", 1},
		{"a stranger's preflight", "OPTIONS", "https://stranger.example", 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			observer := new(contextual)
			cors, err := core.New(core.Config{Origins: []string{"https://app.example.com"}}, core.WithObserver(observer))
			if err != nil {
				t.Fatal(err)
			}
			var ctx fasthttp.RequestCtx
			ctx.Request.Header.SetMethod(test.method)
			ctx.Request.Header.Set("Access-Control-Request-Method", "PUT")
			if test.origin != "" {
				ctx.Request.Header.Set("Origin", test.origin)
			}
			asked := 0
			contextOf := func() context.Context {
				asked++
				return context.WithValue(context.Background(), contextKey{}, "the framework's")
			}
			if err := fasthttpcors.Answer(cors, &ctx, contextOf, func() error { return nil }); err != nil {
				t.Fatal(err)
			}
			if asked != test.want || len(observer.values) != test.want {
				t.Errorf("asked %d times, and told observers of %v, want %d", asked, observer.values, test.want)
			}
			for _, value := range observer.values {
				if value != "the framework's" {
					t.Errorf("got context of %v, want the framework's", value)
				}
			}
		})
	}
}

// There is no body, so what an outer layer says of one goes.
func TestARefusalSaysNothingOfABody(t *testing.T) {
	cors, err := core.New(core.Config{Origins: []string{"https://app.example.com"}, Block: true})
	if err != nil {
		t.Fatal(err)
	}
	inner := with(cors, func(ctx *fasthttp.RequestCtx) {})
	app := fasthttptest.App(func(ctx *fasthttp.RequestCtx) {
		ctx.SetContentType("text/html")
		ctx.Response.Header.SetContentEncoding("gzip")
		ctx.SetBodyString("<p>outer</p>")
		inner(ctx)
	})
	tests := []struct{ name, method, origin, want string }{
		{"an allowed request", "GET", "https://app.example.com", "[text/html] [gzip] <p>outer</p>"},
		{"a blocked request", "GET", "https://other.example", "[] []"},
		{"an allowed preflight", "OPTIONS", "https://app.example.com", "[] []"},
		{"a refused preflight", "OPTIONS", "https://other.example", "[] []"},
	}
	for _, test := range tests {
		w, err := app.Do(&corstest.RawRequest{Method: test.method, Path: "/", Fields: corstest.Fields{
			{Name: "Origin", Value: test.origin}, {Name: "Access-Control-Request-Method", Value: "PUT"},
		}})
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.TrimSpace(fmt.Sprintln(w.Header["Content-Type"], w.Header["Content-Encoding"], w.Body)); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

func TestFieldsAreSetAgainAfterAnError(t *testing.T) {
	for name, cfg := range map[string]core.Config{
		"a list":       {Origins: []string{"https://app.example.com"}},
		"every origin": {Origins: []string{"*"}},
	} {
		cors, err := core.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		var ctx fasthttp.RequestCtx
		ctx.Request.Header.Set("Origin", "https://app.example.com")
		with(cors, func(ctx *fasthttp.RequestCtx) { ctx.Error("no such note", fasthttp.StatusNotFound) })(&ctx)
		want := "https://app.example.com and Origin"
		if name == "every origin" {
			want = "* and "
		}
		h := &ctx.Response.Header
		if got := fmt.Sprintf("%s and %s", h.Peek(core.FieldAllowOrigin), h.Peek(core.FieldVary)); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}
