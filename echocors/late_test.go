package echocors_test

import (
	"io"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/corstest/adaptertest"
	"github.com/corselet/corselet/echocors"
)

func TestLateFieldsAreKept(t *testing.T) {
	adaptertest.RunKept(t, func(cors *core.CORS) corstest.App {
		e := echo.New()
		e.Logger.SetOutput(discard{})
		e.Use(middleware.RecoverWithConfig(middleware.RecoverConfig{DisablePrintStack: true}),
			echocors.New(cors, echocors.WithLateFields()))
		clears := func(next echo.HandlerFunc) echo.HandlerFunc {
			return func(c echo.Context) error { clear(c.Response().Header()); return next(c) }
		}
		vary := func(c echo.Context) error {
			c.Response().Header().Set("Vary", "Accept")
			return c.String(200, "hello")
		}
		// No handler is slow here: echo's Timeout gives the context back while that still uses it.
		timeout := middleware.TimeoutWithConfig(middleware.TimeoutConfig{Timeout: time.Minute}) //nolint:staticcheck // deprecated, and in use
		e.GET("/timeout/vary", vary, timeout)
		e.GET("/nothing", func(echo.Context) error { return nil }, clears)
		e.GET("/status", func(c echo.Context) error { return c.NoContent(204) }, clears)
		e.GET("/text", vary, clears)
		e.GET("/error", func(echo.Context) error { return echo.NewHTTPError(418) }, clears)
		e.GET("/flush", func(c echo.Context) error {
			c.Response().Flush()
			c.Response().Header().Set("Vary", "too late")
			return nil
		}, clears)
		e.GET("/panic", func(echo.Context) error { panic("as the case wants") }, clears)
		e.GET("/stream", func(c echo.Context) error {
			_, err := io.WriteString(c.Response(), "hello")
			return err
		}, clears)
		return corstest.HTTP(e)
	}, []adaptertest.Kept{
		{Path: "/timeout/vary", Status: 200, Vary: []string{"Accept"}},
		{Path: "/nothing", Status: 200},
		{Path: "/status", Status: 204},
		{Path: "/text", Status: 200, Vary: []string{"Accept"}},
		{Path: "/error", Status: 418},
		{Path: "/flush", Status: 200},
		{Path: "/panic", Status: 500},
		{Path: "/stream", Status: 200},
		{Path: "/none", Status: 404},
	})
}

// echo's Gzip puts the writer in front of it back before an error is answered.
func TestLateFieldsAreKeptOnErrorsBehindGzip(t *testing.T) {
	adaptertest.RunKept(t, func(cors *core.CORS) corstest.App {
		e := echo.New()
		e.Use(middleware.Gzip(), echocors.New(cors, echocors.WithLateFields()))
		e.GET("/error", func(c echo.Context) error {
			clear(c.Response().Header())
			return echo.NewHTTPError(409, "conflict")
		})
		return corstest.HTTP(e)
	}, []adaptertest.Kept{{
		Path: "/error", Header: corstest.Fields{{Name: "Accept-Encoding", Value: "gzip"}}, Status: 409,
	}})
}
