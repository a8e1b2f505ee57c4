package echov5cors_test

import (
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/labstack/echo/v5"
	"github.com/labstack/echo/v5/middleware"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/corstest/adaptertest"
	"github.com/corselet/corselet/echov5cors"
)

func TestLateFieldsAreKept(t *testing.T) {
	adaptertest.RunKept(t, func(cors *core.CORS) corstest.App {
		e := echo.New()
		e.Use(middleware.RecoverWithConfig(middleware.RecoverConfig{DisablePrintStack: true}),
			echov5cors.New(cors, echov5cors.WithLateFields()))
		clears := func(next echo.HandlerFunc) echo.HandlerFunc {
			return func(c *echo.Context) error { clear(c.Response().Header()); return next(c) }
		}
		vary := func(c *echo.Context) error {
			c.Response().Header().Set("Vary", "Accept")
			return c.String(200, "hello")
		}
		timeout := func(h http.HandlerFunc, d time.Duration) echo.HandlerFunc {
			return echo.WrapHandler(http.TimeoutHandler(h, d, ""))
		}
		e.GET("/timeout/vary", timeout(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Vary", "Accept") }, time.Minute))
		e.GET("/timeout/slow", timeout(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, 10*time.Millisecond))
		e.GET("/nothing", func(*echo.Context) error { return nil }, clears)
		e.GET("/status", func(c *echo.Context) error { return c.NoContent(204) }, clears)
		e.GET("/text", vary, clears)
		e.GET("/error", func(*echo.Context) error { return echo.NewHTTPError(418, "teapot") }, clears)
		e.GET("/flush", func(c *echo.Context) error {
			http.NewResponseController(c.Response()).Flush()
			c.Response().Header().Set("Vary", "too late")
			return nil
		}, clears)
		e.GET("/panic", func(*echo.Context) error { panic("as the case wants") }, clears)
		e.GET("/stream", func(c *echo.Context) error {
			_, err := io.WriteString(c.Response(), "hello")
			return err
		}, clears)
		return corstest.HTTP(e)
	}, []adaptertest.Kept{
		{Path: "/timeout/vary", Status: 200, Vary: []string{"Accept"}},
		{Path: "/timeout/slow", Status: 503},
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
		e.Use(middleware.Gzip(), echov5cors.New(cors, echov5cors.WithLateFields()))
		e.GET("/error", func(c *echo.Context) error {
			clear(c.Response().Header())
			return echo.NewHTTPError(409, "conflict")
		})
		return corstest.HTTP(e)
	}, []adaptertest.Kept{{
		Path: "/error", Header: corstest.Fields{{Name: "Accept-Encoding", Value: "gzip"}}, Status: 409,
	}})
}
