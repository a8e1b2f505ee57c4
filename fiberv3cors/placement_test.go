package fiberv3cors_test

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/adaptor"
	"github.com/gofiber/fiber/v3/middleware/cache"
	"github.com/gofiber/fiber/v3/middleware/idempotency"
	"github.com/gofiber/fiber/v3/middleware/static"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/corstest/adaptertest"
	"github.com/corselet/corselet/fiberv3cors"
)

// The README says what goes wrong in the wrong places, and which settings cure it. This holds it to its word.
func TestPlacement(t *testing.T) {
	placements := slices.Concat(adaptertest.Placements, adaptertest.FiberPlacements, ownPlacements)
	adaptertest.RunPlacements(t, placements, func(t *testing.T, cors *core.CORS, steps []string) corstest.App {
		return appOf(assemble(t, cors, steps))
	})
}

// fiber's own ways to put an application together wrongly must be named too.
func TestWiring(t *testing.T) {
	wirings := slices.Concat(adaptertest.FiberWirings, ownWirings)
	adaptertest.RunWirings(t, wirings, func(t *testing.T, cors *core.CORS, steps []string) http.Handler {
		return adaptor.FiberApp(assemble(t, cors, steps))
	})
}

var settings = map[string]fiber.Config{
	"(RequestMethods with PURGE)": {RequestMethods: append([]string{"PURGE"}, fiber.DefaultMethods...)},
	"(ReadBufferSize of 16 KiB)":  {ReadBufferSize: 16 << 10},
	"(BodyLimit of 10)":           {BodyLimit: 10},
	"(BodyLimit of 30)":           {BodyLimit: 30},
	"(DisableHeaderNormalizing)":  {DisableHeaderNormalizing: true},
	"(GETOnly)":                   {GETOnly: true},
	"(SkipUnmatchedRoutes)":       {SkipUnmatchedRoutes: true},
}

func assemble(t *testing.T, cors *core.CORS, steps []string) *fiber.App {
	config, ok := settings[steps[0]]
	if ok {
		steps = steps[1:]
	}
	a, with := fiber.New(config), fiberv3cors.New(cors)
	for _, step := range steps {
		switch step {
		case "CORS":
			a.Use(with)
		case "CORS by the path":
			a.Use(fiberv3cors.New(cors, fiberv3cors.WithSkip(func(c fiber.Ctx) bool { return !strings.HasPrefix(c.Path(), "/api/") })))
		case "CORS by the path in lower case":
			skip := func(c fiber.Ctx) bool { return !strings.HasPrefix(strings.ToLower(c.Path()), "/api/") }
			a.Use(fiberv3cors.New(cors, fiberv3cors.WithSkip(skip)))
		case "authentication":
			a.Use(authenticate)
		case "route":
			a.Put("/api/notes", hello)
		case "route of PURGE":
			a.Add([]string{"PURGE"}, "/api/notes", hello)
		case "route of GET":
			a.Get("/api/notes", hello)
		case "file":
			a.Use("/api/notes", static.New(file(t), static.Config{ByteRange: true}))
		case "idempotency":
			a.Use(idempotency.New())
		case "idempotency of Content-Type":
			a.Use(idempotency.New(idempotency.Config{KeepResponseHeaders: []string{"Content-Type"}}))
		case "cache":
			a.Use(cache.New())
		case "cache of fields":
			a.Use(cache.New(cache.Config{StoreResponseHeaders: true, DisableVaryHeaders: true}))
		case "cache of fields by origin":
			key := func(c fiber.Ctx) string { return strings.Clone(c.Path() + c.Get("Origin")) }
			a.Use(cache.New(cache.Config{StoreResponseHeaders: true, KeyGenerator: key}))
		case "layer that clears a 304":
			a.Use(clearing(304))
		case "layer that clears a 416":
			a.Use(clearing(416))
		case "route with CORS":
			a.Put("/api/notes", with, hello)
		case "group with CORS":
			a.Group("/api", with).Put("/notes", hello)
		default:
			t.Fatalf("got step %q, want one that is known", step)
		}
	}
	return a
}

// authenticate is what authentication middleware does to a request without credentials.
func authenticate(c fiber.Ctx) error {
	if c.Get("Authorization") == "" {
		return fiber.ErrUnauthorized
	}
	return c.Next()
}

// clearing is a layer that clears the header of an answer with a status.
func clearing(status int) fiber.Handler {
	return func(c fiber.Ctx) error {
		err := c.Next()
		if c.Response().StatusCode() == status {
			c.Response().Header.Reset()
			c.Status(status)
		}
		return err
	}
}

// file returns the name of a file.
func file(t *testing.T) string {
	name := filepath.Join(t.TempDir(), "file.txt")
	if err := os.WriteFile(name, []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestTwoLayers(t *testing.T) {
	adaptertest.RunTwoLayers(t, func(outer, inner *core.CORS) corstest.App {
		a := fiber.New()
		a.Use(fiberv3cors.New(outer), fiberv3cors.New(inner), api)
		return appOf(a)
	})
}

// ownPlacements are where fiber v3 answers otherwise than v2, or has a setting that v2 has not.
var ownPlacements = []adaptertest.Placement{
	{Name: "a method that fiber does not know is a 501 without a field",
		Steps: "CORS", Ask: "PURGE /api/notes", Over: corstest.HTTP1, Want: "501, for no origin"},
	{Name: "GETOnly refuses preflights",
		Steps: "(GETOnly), CORS", Ask: "OPTIONS /api/notes", Over: corstest.HTTP1, Want: "405, for https://app.example.com"},
	{Name: "a body that is too large is refused with the fields",
		Steps: "(BodyLimit of 10), CORS, route", Ask: "PUT /api/notes", Body: strings.Repeat("b", 20),
		Over: corstest.HTTP1, Want: "413, for https://app.example.com"},

	// SkipUnmatchedRoutes answers what has no route before any middleware. It spares preflights, and nothing else.
	{Name: "with SkipUnmatchedRoutes, a 404 carries no field",
		Steps: "(SkipUnmatchedRoutes), CORS, route", Ask: "GET /other", Want: "404, for no origin"},
	{Name: "with SkipUnmatchedRoutes, a 405 carries no field",
		Steps: "(SkipUnmatchedRoutes), CORS, route", Ask: "GET /api/notes", Want: "405, for no origin"},
	{Name: "with SkipUnmatchedRoutes, preflights are answered",
		Steps: "(SkipUnmatchedRoutes), CORS, route", Ask: "OPTIONS /api/notes", Want: "204, for https://app.example.com"},
	{Name: "with SkipUnmatchedRoutes, preflights for no route are answered",
		Steps: "(SkipUnmatchedRoutes), CORS, route", Ask: "OPTIONS /other", Want: "204, for https://app.example.com"},
	{Name: "with SkipUnmatchedRoutes, what has a route carries the fields",
		Steps: "(SkipUnmatchedRoutes), CORS, route", Ask: "PUT /api/notes", Want: "200, for https://app.example.com"},
}

var ownWirings = []adaptertest.Wiring{
	{Name: "where fiber skips what has no route all is well", Steps: "(SkipUnmatchedRoutes), CORS, route"},
}

// An application of fiber v3 may have a context type of its own.
func TestAContextOfOnesOwn(t *testing.T) {
	type ownCtx struct{ fiber.DefaultCtx }
	adaptertest.RunSkip(t, func(cors *core.CORS) corstest.App {
		a := fiber.NewWithCustomCtx(func(a *fiber.App) fiber.CustomCtx { return &ownCtx{*fiber.NewDefaultCtx(a)} })
		skipped := func(c fiber.Ctx) bool { return c.(*ownCtx).Path() == "/skipped" }
		a.Use(fiberv3cors.New(cors, fiberv3cors.WithSkip(skipped)), api)
		return appOf(a)
	})
}
