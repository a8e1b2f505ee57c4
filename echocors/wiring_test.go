package echocors_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/echocors"
)

// echo's own ways to put an application together wrongly must be named too.
func TestCheckWiringKnowsEcho(t *testing.T) {
	cors, err := core.New(core.Config{Origins: []string{"https://app.example.com"}, Methods: []string{"PUT"}})
	if err != nil {
		t.Fatal(err)
	}
	with := echocors.New(cors)
	tests := []struct {
		name    string
		install func(*echo.Echo)
		want    string // what the only error contains; empty if there must be none
	}{
		{"with Use all is well",
			func(e *echo.Echo) { e.Use(with); e.PUT("/api/notes", hello) },
			""},
		{"on a group all is well",
			func(e *echo.Echo) { e.Group("/api", with).PUT("/notes", hello) },
			""},
		{"on one route echo answers the preflight",
			func(e *echo.Echo) { e.PUT("/api/notes", hello, with) },
			"something answers OPTIONS in front of CORS: the preflight was answered 204"},
		{"authentication comes first",
			func(e *echo.Echo) { e.Use(authenticate, with); e.PUT("/api/notes", hello) },
			"something refuses requests in front of CORS: the preflight was answered 401"},
		{"a redirect in Pre comes before Use",
			func(e *echo.Echo) { e.Pre(redirectSlash); e.Use(with); e.PUT("/api/notes", hello) },
			"a redirect is made in front of CORS: /api/notes/ was redirected (307"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			app := echo.New()
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
