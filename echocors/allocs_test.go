//go:build !race

package echocors_test

import (
	"net/http"
	"testing"

	"github.com/labstack/echo/v4"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/echocors"
)

// TestAllocations holds the middleware to one allocation of at most 80 bytes a response and the closure of at most 32
// bytes that echo has middleware make for every request, beyond what echo itself makes.
func TestAllocations(t *testing.T) {
	suite, err := corstest.Conformance()
	if err != nil {
		t.Fatal(err)
	}
	app := func(middleware ...echo.MiddlewareFunc) http.Handler {
		e := echo.New()
		e.Use(middleware...)
		e.RouteNotFound("/*", func(c echo.Context) error { return c.NoContent(http.StatusOK) })
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
		with, bytesWith := corstest.Allocations(app(echocors.New(cors)), r)
		if with-without > 2 || bytesWith-bytesWithout > 80+32+1 {
			t.Errorf("%s: %v allocations of %v bytes more than echo, want at most 2 of 80 and 32",
				c.Name, with-without, bytesWith-bytesWithout)
		}
	}
}
