package gincors_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/gincors"
)

// gin's own ways to put an application together wrongly must be named too.
func TestCheckWiringKnowsGin(t *testing.T) {
	cors, err := core.New(core.Config{Origins: []string{"https://app.example.com"}, Methods: []string{"PUT"}})
	if err != nil {
		t.Fatal(err)
	}
	with := gincors.New(cors)
	tests := []struct {
		name    string
		install func(*gin.Engine)
		want    string // what the only error contains; empty if there must be none
	}{
		{"on the engine, without gin's redirects, all is well",
			func(e *gin.Engine) { e.RedirectTrailingSlash = false; e.Use(with); e.PUT("/api/notes", hello) },
			""},
		{"gin's redirect comes before any middleware",
			func(e *gin.Engine) { e.Use(with); e.PUT("/api/notes", hello) },
			"a redirect is made in front of CORS: /api/notes/ was redirected (307, to /api/notes) without"},
		{"a group never sees preflights",
			func(e *gin.Engine) { e.RedirectTrailingSlash = false; e.Group("/api", with).PUT("/notes", hello) },
			"CORS is below the router: the preflight was answered 404"},
		{"a route that was there before has no fields",
			func(e *gin.Engine) { e.RedirectTrailingSlash = false; e.PUT("/api/notes", hello); e.Use(with) },
			"CORS was installed after the route"},
		{"authentication comes first",
			func(e *gin.Engine) {
				e.RedirectTrailingSlash = false
				e.Use(authenticate, with)
				e.PUT("/api/notes", hello)
			},
			"something refuses requests in front of CORS: the preflight was answered 401"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			app := gin.New()
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
