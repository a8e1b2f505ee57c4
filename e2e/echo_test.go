package e2e

import (
	"io"
	"net/http"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/echocors"
)

func newEcho(cors *core.CORS) http.Handler {
	e := echo.New()
	e.Use(middleware.RecoverWithConfig(middleware.RecoverConfig{DisablePrintStack: true}))
	e.Use(echocors.New(cors))
	e.RouteNotFound("/*", func(c echo.Context) error {
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
