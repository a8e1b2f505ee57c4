package echov5cors_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/labstack/echo/v5"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/echov5cors"
)

// echo's own ways to put an application together wrongly must be named too.
func TestCheckWiringKnowsEcho(t *testing.T) {
	cors, err := core.New(core.Config{Origins: []string{"https://app.example.com"}, Methods: []string{"PUT"}})
	if err != nil {
		t.Fatal(err)
	}
	with := echov5cors.New(cors)
	tests := []struct {
		name    string
		config  echo.Config
		install func(*echo.Echo)
		want    string // what the only error contains; empty if there must be none
	}{
		{"with Use all is well", echo.Config{},
			func(e *echo.Echo) { e.Use(with); e.PUT("/api/notes", hello) },
			""},
		{"on a group all is well", echo.Config{},
			func(e *echo.Echo) { e.Group("/api", with).PUT("/notes", hello) },
			""},
		{"on a group without routes of its own echo answers the preflight", echo.Config{NoGroupAutoRegister404Routes: true},
			func(e *echo.Echo) { e.Group("/api", with).PUT("/notes", hello) },
			"something answers OPTIONS in front of CORS: the preflight was answered 204"},
		{"on one route echo answers the preflight", echo.Config{},
			func(e *echo.Echo) { e.PUT("/api/notes", hello, with) },
			"something answers OPTIONS in front of CORS: the preflight was answered 204"},
		{"authentication comes first", echo.Config{},
			func(e *echo.Echo) { e.Use(authenticate, with); e.PUT("/api/notes", hello) },
			"something refuses requests in front of CORS: the preflight was answered 401"},
		{"a redirect in Pre comes before Use", echo.Config{},
			func(e *echo.Echo) { e.Pre(redirectSlash); e.Use(with); e.PUT("/api/notes", hello) },
			"a redirect is made in front of CORS: /api/notes/ was redirected (307"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			app := echo.NewWithConfig(test.config)
			test.install(app)
			found := &findings{TB: t}
			corstest.CheckWiring(found, app, cors.Policy(), corstest.Route{Method: "PUT", URL: "/api/notes"})
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
