package fiberv3cors_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/adaptor"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/fiberv3cors"
)

// fiber's own ways to put an application together wrongly must be named too.
func TestCheckWiringKnowsFiber(t *testing.T) {
	cors, err := core.New(core.Config{Origins: []string{"https://app.example.com"}, Methods: []string{"PUT"}})
	if err != nil {
		t.Fatal(err)
	}
	with := fiberv3cors.New(cors)
	tests := []struct {
		name    string
		config  fiber.Config
		install func(*fiber.App)
		want    string // what the only error contains; empty if there must be none
	}{
		{"in front of the routes all is well", fiber.Config{},
			func(a *fiber.App) { a.Use(with); a.Put("/api/notes", hello) },
			""},
		{"where fiber skips what has no route all is well", fiber.Config{SkipUnmatchedRoutes: true},
			func(a *fiber.App) { a.Use(with); a.Put("/api/notes", hello) },
			""},
		{"on a group all is well", fiber.Config{},
			func(a *fiber.App) { a.Group("/api", with).Put("/notes", hello) },
			""},
		{"on one route preflights are a 405", fiber.Config{},
			func(a *fiber.App) { a.Put("/api/notes", with, hello) },
			"CORS is below the router: the preflight was answered 405"},
		{"a route that was there before has no fields", fiber.Config{},
			func(a *fiber.App) { a.Put("/api/notes", hello); a.Use(with) },
			"CORS was installed after the route"},
		{"authentication comes first", fiber.Config{},
			func(a *fiber.App) { a.Use(authenticate, with); a.Put("/api/notes", hello) },
			"something refuses requests in front of CORS: the preflight was answered 401"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			app := fiber.New(test.config)
			test.install(app)
			found := &findings{TB: t}
			corstest.CheckWiring(found, adaptor.FiberApp(app), cors.Policy(), corstest.Route{Method: "PUT", URL: "/api/notes"})
			got := strings.Join(found.list, "\n")
			if len(found.list) > 1 || (test.want == "") != (got == "") || !strings.Contains(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// findings is a test that keeps its errors.
type findings struct {
	testing.TB
	list []string
}

func (f *findings) Helper() {}
func (f *findings) Errorf(format string, args ...any) {
	f.list = append(f.list, fmt.Sprintf(format, args...))
}
