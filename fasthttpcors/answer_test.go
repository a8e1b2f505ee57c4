package fasthttpcors_test

import (
	"context"
	"testing"

	"github.com/valyala/fasthttp"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/fasthttpcors"
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
			fasthttpcors.Answer(cors, &ctx, func() context.Context {
				asked++
				return context.WithValue(context.Background(), contextKey{}, "the framework's")
			})
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
