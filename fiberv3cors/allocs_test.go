//go:build !race

package fiberv3cors_test

import (
	"context"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v3"
	"github.com/valyala/fasthttp"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/fasthttpcors/fasthttptest"
	"github.com/corselet/corselet/fiberv3cors"
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

// TestAllocations holds the middleware to no allocation at all, with and without an observer.
func TestAllocations(t *testing.T) {
	suite, err := corstest.Conformance()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range suite.Cases {
		if strings.HasPrefix(c.Request.Path, "/api/panic") || suite.Policies[c.Policy].Lookup != nil {
			continue
		}
		for name, opts := range map[string][]core.Option{"alone": nil, "observed": {core.WithObserver(new(asking))}} {
			cors, err := core.New(suite.Policies[c.Policy].Compilable(), opts...)
			if err != nil {
				t.Fatal(err)
			}
			if got := allocations(&c, fiberv3cors.New(cors)); got != 0 {
				t.Errorf("%s, %s: got %v allocations, want none", c.Name, name, got)
			}
		}
	}
}

func allocations(c *corstest.Case, middleware fiber.Handler) float64 {
	app := fiber.New()
	app.Use(func(ctx fiber.Ctx) error {
		for _, f := range c.Outer {
			ctx.Response().Header.Add(f.Name, f.Value)
		}
		return ctx.Next()
	}, middleware, func(fiber.Ctx) error { return nil })
	handler := app.Handler()
	var ctx fasthttp.RequestCtx
	ctx.Init(fasthttptest.NewRequest(&c.Request), nil, nil)
	return testing.AllocsPerRun(100, func() {
		ctx.Response.Reset()
		handler(&ctx)
	})
}
