package echocors_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/corstest/adaptertest"
	"github.com/corselet/corselet/echocors"
)

// The README says what goes wrong in the wrong places. This holds it to its word.
func TestPlacement(t *testing.T) {
	placements := slices.Concat(adaptertest.Placements, adaptertest.EchoPlacements)
	adaptertest.RunPlacements(t, placements, func(t *testing.T, cors *core.CORS, steps []string) corstest.App {
		return corstest.HTTP(assemble(t, cors, steps))
	})
}

// echo's own ways to put an application together wrongly must be named too.
func TestWiring(t *testing.T) {
	newHandler := func(t *testing.T, cors *core.CORS, steps []string) http.Handler { return assemble(t, cors, steps) }
	adaptertest.RunWirings(t, slices.Concat(adaptertest.EchoWirings, timeoutWirings), newHandler)
}

// timeoutWirings are about echo v4's Timeout, which replaces Vary although the handler adds to it.
var timeoutWirings = []adaptertest.Wiring{
	{Name: "behind CORS Timeout drops Vary", Steps: "CORS, Timeout, route that adds to Vary",
		Want: "echo's Timeout, use the option WithLateFields()"},
	{Name: "behind CORS with late fields Timeout is fine", Steps: "CORS with late fields, Timeout, route that adds to Vary"},
}

func assemble(t *testing.T, cors *core.CORS, steps []string) *echo.Echo {
	e, with := echo.New(), echocors.New(cors)
	for _, step := range steps {
		switch step {
		case "CORS":
			e.Use(with)
		case "CORS with late fields":
			e.Use(echocors.New(cors, echocors.WithLateFields()))
		case "Timeout":
			e.Use(middleware.TimeoutWithConfig(middleware.TimeoutConfig{Timeout: time.Minute})) //nolint:staticcheck // deprecated, and in use
		case "route that adds to Vary":
			e.PUT("/api/notes", func(c echo.Context) error {
				c.Response().Header().Add("Vary", "Accept")
				return hello(c)
			})
		case "CORS in Pre":
			e.Pre(with)
		case "authentication":
			e.Use(authenticate)
		case "redirect in Pre":
			e.Pre(redirectSlash)
		case "route":
			e.PUT("/api/notes", hello)
		case "route with CORS":
			e.PUT("/api/notes", hello, with)
		case "group with CORS":
			e.Group("/api", with).PUT("/notes", hello)
		case "group with a route and then CORS":
			g := e.Group("/api")
			g.PUT("/notes", hello)
			g.Use(with)
		default:
			t.Fatalf("got step %q, want one that is known", step)
		}
	}
	return e
}

// authenticate is what authentication middleware does to a request without credentials.
func authenticate(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if c.Request().Header.Get("Authorization") == "" {
			return echo.ErrUnauthorized
		}
		return next(c)
	}
}

var redirectSlash = middleware.RemoveTrailingSlashWithConfig(
	middleware.TrailingSlashConfig{RedirectCode: http.StatusTemporaryRedirect})

func TestTwoLayers(t *testing.T) {
	adaptertest.RunTwoLayers(t, func(outer, inner *core.CORS) corstest.App {
		e := echo.New()
		e.Use(echocors.New(outer), echocors.New(inner))
		e.GET("/api/ok", api)
		return corstest.HTTP(e)
	})
}
