//go:build !race

package fasthttpcors_test

import (
	"context"
	"testing"

	"github.com/valyala/fasthttp"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/fasthttpcors/fasthttptest"
)

// asking is an observer that asks for everything that is worked out on demand.
type asking struct{ count int }

func (a *asking) Observe(_ context.Context, e core.Event) {
	if e.Verdict().Outcome == core.OutcomeAllowed && e.NeedsPreflight() || e.ClientAddr().IsValid() || e.Query() == "x" {
		a.count++
	}
	if _, ok := e.Header("Cookie"); ok || e.Scheme() == "https" {
		a.count++
	}
}

// TestAllocations holds Answer to no allocation at all, with and without an observer.
func TestAllocations(t *testing.T) {
	suite, err := corstest.Conformance()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range suite.Cases {
		if suite.Policies[c.Policy].Lookup != nil {
			continue
		}
		for name, opts := range map[string][]core.Option{"alone": nil, "observed": {core.WithObserver(new(asking))}} {
			cors, err := core.New(suite.Policies[c.Policy].Compilable(), opts...)
			if err != nil {
				t.Fatal(err)
			}
			handler := with(cors, func(*fasthttp.RequestCtx) {})
			var ctx fasthttp.RequestCtx
			ctx.Init(fasthttptest.NewRequest(&c.Request), nil, nil)
			got := testing.AllocsPerRun(100, func() {
				ctx.Response.Reset()
				for _, f := range c.Outer {
					ctx.Response.Header.Add(f.Name, f.Value)
				}
				handler(&ctx)
			})
			if got != 0 {
				t.Errorf("%s, %s: got %v allocations, want none", c.Name, name, got)
			}
		}
	}
}

// TestDecodingAllocatesNothing holds a path with escapes to the same.
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
