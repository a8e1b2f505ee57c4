package fasthttptest

import (
	"context"
	"strings"
	"testing"

	"github.com/valyala/fasthttp"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
)

// CheckAllocations holds handlers to no allocation at all in the cases of the conformance suite,
// with and without an observer. newHandler assembles a layer that adds the outer fields to the
// response, the adapter, and a handler that does nothing. The race detector falsifies the figures.
func CheckAllocations(
	t *testing.T, newHandler func(cors *core.CORS, outer []corstest.Field) fasthttp.RequestHandler,
) {
	suite, err := corstest.Conformance()
	if err != nil {
		t.Fatal(err)
	}
	options := map[string][]core.Option{"alone": nil, "observed": {core.WithObserver(new(asking))}}
	for _, c := range suite.Cases {
		policy := suite.Policies[c.Policy]
		if strings.HasPrefix(c.Request.Path, "/api/panic") || policy.Lookup != nil {
			continue
		}
		for name, opts := range options {
			cors, err := core.New(policy.Compilable(), opts...)
			if err != nil {
				t.Fatal(err)
			}
			handler := newHandler(cors, c.Outer)
			var ctx fasthttp.RequestCtx
			ctx.Init(NewRequest(&c.Request), nil, nil)
			got := testing.AllocsPerRun(100, func() {
				ctx.Response.Reset()
				handler(&ctx)
			})
			if got != 0 {
				t.Errorf("%s, %s: got %v allocations, want none", c.Name, name, got)
			}
		}
	}
}

// asking is an observer that asks for everything that is worked out on demand.
type asking struct{ count int }

func (a *asking) Observe(_ context.Context, e core.Event) {
	if e.Verdict().Outcome == core.OutcomeAllowed && e.NeedsPreflight() {
		a.count++
	}
	if e.ClientAddr().IsValid() || e.Query() == "x" {
		a.count++
	}
	if _, ok := e.Header("Cookie"); ok || e.Scheme() == "https" {
		a.count++
	}
}
