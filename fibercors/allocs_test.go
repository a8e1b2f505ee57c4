//go:build !race

package fibercors_test

import (
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/fasthttpcors/fasthttptest"
	"github.com/corselet/corselet/fibercors"
)

func TestAllocations(t *testing.T) {
	fasthttptest.CheckAllocations(t, func(cors *core.CORS, outer []corstest.Field) fasthttp.RequestHandler {
		app := fiber.New()
		app.Use(func(c *fiber.Ctx) error {
			for _, f := range outer {
				c.Response().Header.Add(f.Name, f.Value)
			}
			return c.Next()
		}, fibercors.New(cors), func(*fiber.Ctx) error { return nil })
		return app.Handler()
	})
}
