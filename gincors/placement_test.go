package gincors_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/corstest/adaptertest"
	"github.com/corselet/corselet/gincors"
)

// The README says what goes wrong in the wrong places. This holds it to its word.
func TestPlacement(t *testing.T) {
	placements := slices.Concat(adaptertest.Placements, []adaptertest.Placement{
		{Name: "on a group, preflights are a 404",
			Steps: "group with CORS", Ask: "OPTIONS /api/notes", Want: "404, for no origin"},
		{Name: "on a group, actual requests still get the fields, which makes it hard to see",
			Steps: "group with CORS", Ask: "PUT /api/notes", Want: "200, for https://app.example.com"},
		{Name: "after a route, that route's responses carry no field",
			Steps: "route, CORS", Ask: "PUT /api/notes", Want: "200, for no origin"},
		{Name: "in front of the routes, a 405 carries the fields",
			Steps: "answer with 405, CORS, route", Ask: "GET /api/notes", Want: "405, for https://app.example.com"},
		{Name: "a preflight to a path that gin would redirect is answered",
			Steps: "CORS, route", Ask: "OPTIONS /api/notes/", Want: "204, for https://app.example.com"},
		{Name: "gin's trailing-slash redirect carries no field",
			Steps: "CORS, route", Ask: "PUT /api/notes/", Want: "307, for no origin"},
		{Name: "gin's fixed-path redirect carries no field",
			Steps: "redirects of fixed paths, CORS, route", Ask: "PUT /api/Notes", Want: "307, for no origin"},
	})
	adaptertest.RunPlacements(t, placements, func(t *testing.T, cors *core.CORS, steps []string) corstest.App {
		return corstest.HTTP(assemble(t, cors, steps))
	})
}

// gin's own ways to put an application together wrongly must be named too.
func TestWiring(t *testing.T) {
	wirings := []adaptertest.Wiring{
		{Name: "on the engine, without gin's redirects, all is well", Steps: "no redirects, CORS, route"},
		{Name: "gin's redirect comes before any middleware", Steps: "CORS, route",
			Want: "a redirect is made in front of CORS: /api/notes/ was redirected (307, to /api/notes) without"},
		{Name: "the cure for gin's redirect is gin's own", Steps: "CORS, route", Want: "RedirectTrailingSlash = false"},
		{Name: "a group never sees preflights", Steps: "no redirects, group with CORS",
			Want: "CORS is below the router: the preflight was answered 404"},
		{Name: "a route that was there before has no fields", Steps: "no redirects, route, CORS",
			Want: "CORS was installed after the route"},
		{Name: "authentication comes first", Steps: "no redirects, authentication, CORS, route",
			Want: "something refuses requests in front of CORS: the preflight was answered 401"},
		{Name: "a layer behind CORS deletes Vary", Steps: "no redirects, CORS, layer that deletes Vary, route",
			Want: "use the option WithLateFields() of httpcors, gincors"},
		{Name: "late fields are set after that", Steps: "no redirects, CORS with late fields, layer that deletes Vary, route"},
	}
	adaptertest.RunWirings(t, wirings, func(t *testing.T, cors *core.CORS, steps []string) http.Handler {
		return assemble(t, cors, steps)
	})
}

// gin's redirect of a slash does not matter to a program whose pages never ask for it.
func TestTheFirstProgramIsWiredRightButForTheSlash(t *testing.T) {
	cors, err := core.New(core.Config{Origins: []string{adaptertest.Page}, Methods: []string{"PUT"}})
	if err != nil {
		t.Fatal(err)
	}
	engine := assemble(t, cors, []string{"CORS", "route"})
	corstest.CheckWiring(t, engine, cors.Policy(), corstest.Route{Method: "PUT", URL: "/api/notes", OneSlash: true})
}

func assemble(t *testing.T, cors *core.CORS, steps []string) *gin.Engine {
	engine, with := gin.New(), gincors.New(cors)
	for _, step := range steps {
		switch step {
		case "CORS":
			engine.Use(with)
		case "CORS with late fields":
			engine.Use(gincors.New(cors, gincors.WithLateFields()))
		case "layer that deletes Vary":
			engine.Use(func(c *gin.Context) { c.Writer.Header().Del("Vary") })
		case "authentication":
			engine.Use(authenticate)
		case "route":
			engine.PUT("/api/notes", hello)
		case "group with CORS":
			engine.Group("/api", with).PUT("/notes", hello)
		case "answer with 405":
			engine.HandleMethodNotAllowed = true
		case "no redirects":
			engine.RedirectTrailingSlash = false
		case "redirects of fixed paths":
			engine.RedirectFixedPath = true
		default:
			t.Fatalf("got step %q, want one that is known", step)
		}
	}
	return engine
}

// authenticate is what authentication middleware does to a request without credentials.
func authenticate(c *gin.Context) {
	if c.GetHeader("Authorization") == "" {
		c.AbortWithStatus(http.StatusUnauthorized)
	}
}

func TestTwoLayers(t *testing.T) {
	adaptertest.RunTwoLayers(t, func(outer, inner *core.CORS) corstest.App {
		engine := gin.New()
		engine.Use(gincors.New(outer), gincors.New(inner))
		engine.GET("/api/ok", api)
		return corstest.HTTP(engine)
	})
}
