package fiberv3cors_test

import (
	"net"
	"testing"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/recover"

	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/fasthttpcors/fasthttptest"
	"github.com/corselet/corselet/fiberv3cors"
)

func TestConformance(t *testing.T) {
	corstest.Run(t, func(t *testing.T, spec corstest.Spec) corstest.App {
		app := fiber.New(fiber.Config{RequestMethods: append([]string{"FOO"}, fiber.DefaultMethods...)})
		app.Use(func(c fiber.Ctx) error {
			for _, f := range spec.Outer {
				c.Response().Header.Add(f.Name, f.Value)
			}
			return c.Next()
		}, recover.New(), fiberv3cors.New(spec.CORS))
		app.Use("/api", api)
		return appOf(app)
	})
}

// appOf returns the application as corstest wants it.
func appOf(app *fiber.App) corstest.App {
	a := fasthttptest.App(app.Handler())
	a.Serve = func(l net.Listener) error {
		defer app.Shutdown()
		return app.Listener(l, fiber.ListenConfig{DisableStartupMessage: true})
	}
	return a
}

// api is the handler that corstest.Spec asks for.
func api(c fiber.Ctx) error {
	c.Set("X-Handler", "hit")
	switch c.Path() {
	case "/api/panic":
		panic("as the case wants")
	case "/api/fail":
		c.Status(fiber.StatusInternalServerError)
		return nil
	case "/api/moved":
		return c.Redirect().Status(fiber.StatusTemporaryRedirect).To("/api/ok")
	}
	return nil
}
