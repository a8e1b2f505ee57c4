package e2e

import (
	"io"
	"net/http"

	"github.com/labstack/echo/v5"
	"github.com/labstack/echo/v5/middleware"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/echov5cors"
)

func newEchoV5(cors *core.CORS) http.Handler {
	e := echo.New()
	e.Use(middleware.RecoverWithConfig(middleware.RecoverConfig{DisablePrintStack: true}))
	e.Use(echov5cors.New(cors))
	e.Any("/*", func(c *echo.Context) error {
		_, _ = io.Copy(io.Discard, c.Request().Body)
		reply, ok := replyTo(c.Request().URL.Path, c.Request().URL.RawQuery)
		if !ok {
			return echo.ErrNotFound
		}
		for name, value := range reply.header {
			c.Response().Header().Set(name, value)
		}
		return c.String(reply.status, reply.body)
	})
	return e
}
