package benchmarks

import (
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/cors"
)

// fiberOwn is fiber's own middleware.
var fiberOwn = Contender{
	Name: "fiber's own", Framework: Fiber, Module: "github.com/gofiber/fiber/v2",
	Open: onFiber(func(p Policy) (fiber.Handler, error) {
		config := cors.Config{
			AllowOrigins:     strings.Join(p.Origins, ","),
			AllowMethods:     strings.Join(p.Methods, ","),
			AllowHeaders:     strings.Join(p.Headers, ","),
			ExposeHeaders:    strings.Join(p.Expose, ","),
			AllowCredentials: p.Credentials,
			MaxAge:           p.MaxAge,
		}
		if len(p.Regexps) > 0 {
			config.AllowOriginsFunc = p.matcher()
		}
		return cors.New(config), nil
	}),
}
