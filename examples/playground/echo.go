package main

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/echocors"
)

// newEcho returns the API in echo. The first outer middleware sees a request first.
func newEcho(cors *core.CORS, outer ...echo.MiddlewareFunc) *echo.Echo {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.Use(outer...)
	e.Use(middleware.RecoverWithConfig(middleware.RecoverConfig{DisablePrintStack: true}))
	e.Use(echocors.New(cors))
	// Echo.Any handles eleven methods; RouteNotFound handles all of them.
	e.RouteNotFound("/*", echoAPI)
	return e
}

func echoAPI(c echo.Context) error {
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
	return c.JSON(status, apiBody{"echo"})
}
