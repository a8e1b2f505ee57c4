package benchmarks

import (
	"net"

	"github.com/gofiber/fiber/v3"
)

// onFiberV3 makes applications of a fiber v3 app with a library's middleware in App.Use. As with v2 it cannot be
// called alone.
func onFiberV3(build func(Policy) (fiber.Handler, error)) Opener {
	return func(p Policy, mode Mode) (App, error) {
		if mode == Alone {
			return nil, ErrUnsupported
		}
		app := fiber.New(fiber.Config{ReadBufferSize: 4 * mebibyte})
		if build != nil {
			middleware, err := build(p)
			if err != nil {
				return nil, err
			}
			app.Use(middleware)
		}
		app.Get("/api/items/:id", func(c fiber.Ctx) error {
			c.RequestCtx().Response.Header.SetContentType(contentType)
			return c.Send(body)
		})
		app.Get("/api/users/:id", func(fiber.Ctx) error { return fiber.ErrNotFound })
		serve := func(l net.Listener) error {
			return app.Listener(l, fiber.ListenConfig{DisableStartupMessage: true})
		}
		return fiberApp{app.Handler(), serve, app.Shutdown}, nil
	}
}
