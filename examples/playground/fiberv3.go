package main

import (
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/recover"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/fiberv3cors"
)

// newFiberV3 returns the API in fiber v3. The first outer middleware sees a request first.
func newFiberV3(cors *core.CORS, outer ...fiber.Handler) *fiber.App {
	app := fiber.New(fiber.Config{
		// fiber v3 answers an unknown method with 501. It knows one more than v2.
		RequestMethods: slices.Concat(fiber.DefaultMethods,
			slices.DeleteFunc(slices.Clone(moreMethods),
				func(method string) bool { return slices.Contains(fiber.DefaultMethods, method) })),
		// Browsers send the cookies of all servers on localhost, which can be more than 4 KiB.
		ReadBufferSize: 16 << 10,
	})
	for _, handler := range outer {
		app.Use(handler)
	}
	app.Use(recover.New())
	app.Use(fiberv3cors.New(cors))
	app.Use(fiberV3API)
	return app
}

func fiberV3API(c fiber.Ctx) error {
	path, err := url.PathUnescape(c.Path())
	if err != nil || !strings.HasPrefix(path, apiPrefix) {
		return c.Next() // and fiber writes its 404
	}
	c.Set(fieldHandler, handlerRan)
	status := apiStatus(path)
	if status == http.StatusTemporaryRedirect {
		c.Location(pathOK)
	}
	return c.Status(status).JSON(apiBody{"fiber v3"})
}

// serveFiberV3 returns an application's backend.
func serveFiberV3(app *fiber.App) backend {
	serve := func(listener net.Listener) error {
		return app.Listener(listener, fiber.ListenConfig{DisableStartupMessage: true})
	}
	return fiberBackend{serve, app.ShutdownWithContext}
}
