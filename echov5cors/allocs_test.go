//go:build !race

package echov5cors_test

import (
	"net/http"
	"testing"

	"github.com/labstack/echo/v5"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/echov5cors"
)

// TestAllocations holds the middleware to one allocation of at most 80 bytes a response, beyond what echo itself makes.
// echo v5 builds the chain of handlers once, and not for every request as v4 does.
func TestAllocations(t *testing.T) {
	suite, err := corstest.Conformance()
	if err != nil {
		t.Fatal(err)
	}
	app := func(middleware ...echo.MiddlewareFunc) http.Handler {
		e := echo.New()
		e.Use(middleware...)
		e.RouteNotFound("/*", func(c *echo.Context) error { return c.NoContent(http.StatusOK) })
		return e
	}
	for _, c := range suite.Cases {
		if len(c.Outer) > 0 || suite.Policies[c.Policy].Lookup != nil {
			continue
		}
		cors, err := core.New(suite.Policies[c.Policy].Compilable())
		if err != nil {
			t.Fatal(err)
		}
		r := c.Request.HTTP()
		without, bytesWithout := corstest.Allocations(app(), r)
		with, bytesWith := corstest.Allocations(app(echov5cors.New(cors)), r)
		if with-without > 1 || bytesWith-bytesWithout > 80+1 {
			t.Errorf("%s: %v allocations of %v bytes more than echo, want at most 1 of 80",
				c.Name, with-without, bytesWith-bytesWithout)
		}
		if with-without != 1 && c.Want.Status != http.StatusForbidden {
			t.Errorf("%s: %v allocations more than echo: is the middleware there at all?", c.Name, with-without)
		}
	}
}
