package echov5cors_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/labstack/echo/v5"
	"github.com/labstack/echo/v5/middleware"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/corstest/adaptertest"
	"github.com/corselet/corselet/echov5cors"
)

// The README says what goes wrong in the wrong places. This holds it to its word.
func TestPlacement(t *testing.T) {
	placements := slices.Concat(adaptertest.Placements, adaptertest.EchoPlacements, groupPlacements)
	adaptertest.RunPlacements(t, placements, func(t *testing.T, cors *core.CORS, steps []string) corstest.App {
		return corstest.HTTP(assemble(t, cors, steps))
	})
}

// echo's own ways to put an application together wrongly must be named too.
func TestWiring(t *testing.T) {
	wirings := slices.Concat(adaptertest.EchoWirings, groupWirings)
	adaptertest.RunWirings(t, wirings, func(t *testing.T, cors *core.CORS, steps []string) http.Handler {
		return assemble(t, cors, steps)
	})
}

func assemble(t *testing.T, cors *core.CORS, steps []string) *echo.Echo {
	var config echo.Config
	if steps[0] == "(NoGroupAutoRegister404Routes)" {
		config.NoGroupAutoRegister404Routes, steps = true, steps[1:]
	}
	e, with := echo.NewWithConfig(config), echov5cors.New(cors)
	for _, step := range steps {
		switch step {
		case "CORS":
			e.Use(with)
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
	return func(c *echo.Context) error {
		if c.Request().Header.Get("Authorization") == "" {
			return echo.ErrUnauthorized
		}
		return next(c)
	}
}

var redirectSlash = middleware.RemoveTrailingSlashWithConfig(
	middleware.RemoveTrailingSlashConfig{RedirectCode: http.StatusTemporaryRedirect})

func TestTwoLayers(t *testing.T) {
	adaptertest.RunTwoLayers(t, func(outer, inner *core.CORS) corstest.App {
		e := echo.New()
		e.Use(echov5cors.New(outer), echov5cors.New(inner))
		e.GET("/api/ok", api)
		return corstest.HTTP(e)
	})
}

// groupPlacements are of groups whose routes echo is told to leave out. By these routes a group gets what none of its own
// routes takes, preflights among it.
var groupPlacements = []adaptertest.Placement{
	{Name: "on a group, responses carry the fields",
		Steps: "group with CORS", Ask: "PUT /api/notes", Want: "200, for " + adaptertest.Page},
	{Name: "on a group without routes of its own, echo answers preflights",
		Steps: "(NoGroupAutoRegister404Routes), group with CORS", Ask: "OPTIONS /api/notes", Want: "204, for no origin"},
	{Name: "on a group without routes of its own, responses carry the fields",
		Steps: "(NoGroupAutoRegister404Routes), group with CORS", Ask: "PUT /api/notes", Want: "200, for " + adaptertest.Page},
}

var groupWirings = []adaptertest.Wiring{
	{Name: "on a group without routes of its own echo answers the preflight",
		Steps: "(NoGroupAutoRegister404Routes), group with CORS",
		Want:  "something answers OPTIONS in front of CORS: the preflight was answered 204"},
}

// The handler of virtual hosts has middleware of its own, which known hosts do not get.
func TestVirtualHosts(t *testing.T) {
	cors, err := core.New(core.Config{Origins: []string{adaptertest.Page}, Methods: []string{"PUT"}})
	if err != nil {
		t.Fatal(err)
	}
	with := []echo.MiddlewareFunc{echov5cors.New(cors)}
	const none = "no origin"
	tests := []struct {
		name                 string
		onAll, onOne         []echo.MiddlewareFunc
		wantKnown, wantOther string // who may read the answers of a known host, and of others
	}{
		{"on the handler of all hosts", with, nil, none, adaptertest.Page},
		{"on each host", nil, with, adaptertest.Page, none},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			one := echo.New()
			one.Use(test.onOne...)
			one.PUT("/notes", hello)
			for host, want := range map[string]string{corstest.Host: test.wantKnown, "other.example.com": test.wantOther} {
				e := echo.NewVirtualHostHandler(map[string]*echo.Echo{host: one})
				e.Use(test.onAll...)
				checkReader(t, e, "OPTIONS", want)
				checkReader(t, e, "PUT", want)
			}
		})
	}
}

// checkReader checks which origin may read the answer to a request for /notes.
func checkReader(t *testing.T, e *echo.Echo, method, want string) {
	t.Helper()
	got := adaptertest.Ask(corstest.HTTP(e), method, "/notes",
		"Origin", adaptertest.Page, "Access-Control-Request-Method", "PUT")
	if !strings.HasSuffix(got, ", for "+want) {
		t.Errorf("got %s, want it for %s", got, want)
	}
}
