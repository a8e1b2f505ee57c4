package e2e

import (
	"net"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/recover"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/fiberv3cors"
)

func newFiberV3(cors *core.CORS) serve {
	app := fiber.New(fiber.Config{
		// fiber answers unknown methods with 501 before any middleware runs.
		RequestMethods: append([]string{"FOO", "LIST", "patch"}, fiber.DefaultMethods...),
	})
	app.Use(recover.New())
	app.Use(fiberv3cors.New(cors))
	app.Use(func(c fiber.Ctx) error {
		reply, ok := replyTo(c.Path(), string(c.RequestCtx().QueryArgs().QueryString()))
		if !ok {
			return c.Next() // and fiber writes its 404
		}
		for name, value := range reply.header {
			c.Set(name, value)
		}
		return c.Status(reply.status).SendString(reply.body)
	})
	return func(l net.Listener) error {
		return app.Listener(l, fiber.ListenConfig{DisableStartupMessage: true})
	}
}
