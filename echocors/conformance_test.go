package echocors_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/echocors"
)

func TestConformance(t *testing.T) {
	install := map[string]func(*echo.Echo, *core.CORS){
		"with Use": func(e *echo.Echo, cors *core.CORS) { e.Use(echocors.New(cors)) },
		"with Pre": func(e *echo.Echo, cors *core.CORS) { e.Pre(echocors.New(cors)) },
		"with late fields": func(e *echo.Echo, cors *core.CORS) {
			e.Use(echocors.New(cors, echocors.WithLateFields()))
		},
	}
	for name, install := range install {
		t.Run(name, func(t *testing.T) {
			corstest.Run(t, func(_ *testing.T, spec corstest.Spec) corstest.App {
				e := echo.New()
				e.Logger.SetOutput(discard{})
				e.Pre(outer(spec.Outer), middleware.RecoverWithConfig(middleware.RecoverConfig{DisablePrintStack: true}))
				install(e, spec.CORS)
				e.RouteNotFound("/*", api) // any method, custom ones too
				return corstest.HTTP(e)
			})
		})
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

func outer(fields []corstest.Field) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			for _, f := range fields {
				c.Response().Header().Add(f.Name, f.Value)
			}
			return next(c)
		}
	}
}

// api is the handler that corstest.Spec asks for.
func api(c echo.Context) error {
	path := c.Request().URL.Path
	if !strings.HasPrefix(path, "/api/") {
		return echo.ErrNotFound
	}
	c.Response().Header().Set("X-Handler", "hit")
	switch path {
	case "/api/panic":
		panic("as the case wants")
	case "/api/fail":
		return c.NoContent(http.StatusInternalServerError)
	case "/api/moved":
		return c.Redirect(http.StatusTemporaryRedirect, "/api/ok")
	}
	return c.NoContent(http.StatusOK)
}
