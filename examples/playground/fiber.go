package main

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/recover"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/fibercors"
)

// moreMethods has methods beyond fiber's own nine. fiber answers an unknown method with 400 before
// any middleware runs. fetch sends "patch" in lower case if the script writes it so.
var moreMethods = []string{
	"FOO", "LIST", "LINK", "LOCK", "PROPFIND", "PURGE", "QUERY", "REPORT", "UNLOCK", "patch",
}

// newFiber returns the API in fiber. The first outer middleware sees a request first.
func newFiber(cors *core.CORS, outer ...fiber.Handler) *fiber.App {
	app := fiber.New(fiber.Config{
		DisableStartupMessage: true,
		RequestMethods:        slices.Concat(fiber.DefaultMethods, moreMethods),
		// Browsers send the cookies of all servers on localhost, which can be more than 4 KiB.
		ReadBufferSize: 16 << 10,
	})
	for _, handler := range outer {
		app.Use(handler)
	}
	app.Use(recover.New())
	app.Use(fibercors.New(cors))
	app.Use(fiberAPI)
	return app
}

func fiberAPI(c *fiber.Ctx) error {
	path, err := url.PathUnescape(c.Path())
	if err != nil || !strings.HasPrefix(path, apiPrefix) {
		return c.Next() // and fiber writes its 404
	}
	c.Set(fieldHandler, handlerRan)
	status := apiStatus(path)
	if status == http.StatusTemporaryRedirect {
		c.Location(pathOK)
	}
	return c.Status(status).JSON(apiBody{"fiber"})
}

// serveFiber returns an application's backend.
func serveFiber(app *fiber.App) backend {
	return fiberBackend{app.Listener, app.ShutdownWithContext}
}
