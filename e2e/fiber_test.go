package e2e

import (
	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/recover"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/fibercors"
)

func newFiber(cors *core.CORS) serve {
	app := fiber.New(fiber.Config{
		DisableStartupMessage: true,
		// fiber answers unknown methods with 400 before any middleware runs.
		RequestMethods: append([]string{"FOO", "LIST", "patch"}, fiber.DefaultMethods...),
	})
	app.Use(recover.New())
	app.Use(fibercors.New(cors))
	app.Use(func(c *fiber.Ctx) error {
		reply, ok := replyTo(c.Path(), string(c.Context().QueryArgs().QueryString()))
		if !ok {
			return c.Next() // and fiber writes its 404
		}
		for name, value := range reply.header {
			c.Set(name, value)
		}
		return c.Status(reply.status).SendString(reply.body)
	})
	return app.Listener
}
