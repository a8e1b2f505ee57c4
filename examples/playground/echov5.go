package main

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v5"
	"github.com/labstack/echo/v5/middleware"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/echov5cors"
)

// newEchoV5 returns the API in echo v5. The first outer middleware sees a request first.
func newEchoV5(cors *core.CORS, outer ...echo.MiddlewareFunc) *echo.Echo {
	e := echo.New()
	e.Use(outer...)
	e.Use(middleware.RecoverWithConfig(middleware.RecoverConfig{DisablePrintStack: true}))
	e.Use(echov5cors.New(cors))
	e.Any("/*", echoV5API) // in v5, any method
	return e
}

func echoV5API(c *echo.Context) error {
	path := c.Request().URL.Path
	if !strings.HasPrefix(path, apiPrefix) {
		return echo.ErrNotFound
	}
	h := c.Response().Header()
	h.Set(fieldHandler, handlerRan)
	status := apiStatus(path)
	if status == http.StatusTemporaryRedirect {
		h.Set(echo.HeaderLocation, pathOK)
	}
	return c.JSON(status, apiBody{"echo v5"})
}
