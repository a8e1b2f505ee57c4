//go:build !race

package gincors_test

import (
	"net/http"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/gincors"
)

// TestAllocations holds the middleware to one allocation of at most 80 bytes a response, beyond what gin itself makes.
func TestAllocations(t *testing.T) {
	gin.SetMode(gin.ReleaseMode)
	suite, err := corstest.Conformance()
	if err != nil {
		t.Fatal(err)
	}
	engine := func(middleware ...gin.HandlerFunc) http.Handler {
		e := gin.New()
		e.Use(middleware...)
		e.NoRoute(func(c *gin.Context) { c.Status(http.StatusOK); c.Writer.WriteHeaderNow() })
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
		without, bytesWithout := corstest.Allocations(engine(), r)
		with, bytesWith := corstest.Allocations(engine(gincors.New(cors)), r)
		if with-without > 1 || bytesWith-bytesWithout > 81 {
			t.Errorf("%s: %v allocations of %v bytes more than gin, want at most 1 of 80", c.Name, with-without, bytesWith-bytesWithout)
		}
	}
}
