package benchmarks

import (
	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/cors"
)

// fiberV3Own is fiber v3's own middleware.
var fiberV3Own = Contender{
	Name: "fiber v3's own", Framework: FiberV3, Module: "github.com/gofiber/fiber/v3",
	Open: onFiberV3(func(p Policy) (fiber.Handler, error) {
		config := cors.Config{
			AllowOrigins:     p.Origins,
			AllowMethods:     p.Methods,
			AllowHeaders:     p.Headers,
			ExposeHeaders:    p.Expose,
			AllowCredentials: p.Credentials,
			MaxAge:           p.MaxAge,
		}
		if len(p.Regexps) > 0 {
			config.AllowOriginsFunc = p.matcher()
		}
		return cors.New(config), nil
	}),
}
