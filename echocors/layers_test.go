package echocors_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/corstest/adaptertest"
	"github.com/corselet/corselet/echocors"
)

// docs/layers.md says where these go.
func TestLayers(t *testing.T) {
	timeout := middleware.TimeoutWithConfig(middleware.TimeoutConfig{Timeout: time.Minute}) //nolint:staticcheck // deprecated, and in use
	contextTimeout := middleware.ContextTimeout(20 * time.Millisecond)
	recovers := middleware.RecoverWithConfig(middleware.RecoverConfig{DisablePrintStack: true})
	gzip := corstest.Fields{{Name: "Accept-Encoding", Value: "gzip"}}
	late := echocors.WithLateFields()
	same := func(status string) [3]string { return [3]string{status, status, status} }
	adaptertest.RunLayers(t, []adaptertest.Layering{
		{Name: "Timeout behind CORS, with a handler that sets Vary", Ask: "GET /vary",
			App: behind(timeout), Want: same("200, Vary lost")},
		{Name: "Timeout behind CORS with late fields, with a handler that sets Vary", Ask: "GET /vary",
			App: behind(timeout, late), Want: same("200")},
		{Name: "ContextTimeout behind CORS, after the timeout", Ask: "GET /slow",
			App: behind(contextTimeout), Want: same("503")},
		{Name: "ContextTimeout in front of CORS, after the timeout", Ask: "GET /slow",
			App: inFront(contextTimeout), Want: same("503")},
		{Name: "Gzip behind CORS", Ask: "GET /vary", Header: gzip,
			App: behind(middleware.Gzip()), Want: same("200")},
		{Name: "Gzip in front of CORS", Ask: "GET /vary", Header: gzip,
			App: inFront(middleware.Gzip()), Want: same("200")},
		{Name: "Recover behind CORS", Ask: "GET /panic", App: behind(recovers), Want: same("500")},
		{Name: "Recover in front of CORS", Ask: "GET /panic", App: inFront(recovers), Want: same("500")},
		{Name: "recovery behind CORS that clears the header", Ask: "GET /panic",
			App: behind(clearing), Want: same("500, no fields")},
		{Name: "recovery behind CORS with late fields that clears the header", Ask: "GET /panic",
			App: behind(clearing, late), Want: same("500")},
		{Name: "recovery in front of CORS that clears the header", Ask: "GET /panic",
			App: inFront(clearing), Want: same("500, no fields")},
		{Name: "recovery in front of CORS with late fields that clears the header", Ask: "GET /panic",
			App: inFront(clearing, late), Want: same("500")},
	})
}

func behind(layer echo.MiddlewareFunc, opts ...echocors.Option) func(*core.CORS) corstest.App {
	return func(cors *core.CORS) corstest.App { return layered(echocors.New(cors, opts...), layer) }
}

func inFront(layer echo.MiddlewareFunc, opts ...echocors.Option) func(*core.CORS) corstest.App {
	return func(cors *core.CORS) corstest.App { return layered(layer, echocors.New(cors, opts...)) }
}

// layered returns an application with two layers around its routes.
func layered(outer, inner echo.MiddlewareFunc) corstest.App {
	e := echo.New()
	e.Logger.SetOutput(discard{})
	e.Use(outer, inner)
	e.GET("/vary", func(c echo.Context) error {
		c.Response().Header().Add("Vary", "Accept")
		return hello(c)
	})
	e.GET("/slow", func(c echo.Context) error {
		<-c.Request().Context().Done()
		return c.Request().Context().Err()
	})
	e.GET("/panic", func(echo.Context) error { panic("as the case wants") })
	return corstest.HTTP(e)
}

// clearing is recovery that throws away what the handler has set.
func clearing(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			if recover() != nil {
				clear(c.Response().Header())
				err = c.NoContent(http.StatusInternalServerError)
			}
		}()
		return next(c)
	}
}
