package gincors_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/gincors"
)

// What ends in the middleware is a finished response: no error, no status that may still change, no room for a page.
func TestWhatEndsHereIsAFinishedResponse(t *testing.T) {
	type end struct {
		method, origin, path string
		wantStatus           int
	}
	const app, stranger = "https://app.example.com", "https://stranger.example"
	ends := map[string]end{
		"a preflight":                         {"OPTIONS", app, "/notes", 200},
		"a preflight for no route":            {"OPTIONS", app, "/other", 200},
		"a refused preflight":                 {"OPTIONS", stranger, "/notes", 403},
		"a refused preflight for no route":    {"OPTIONS", stranger, "/other", 403},
		"a blocked request":                   {"PUT", stranger, "/notes", 403},
		"a blocked request for no route":      {"PUT", stranger, "/other", 403},
		"a blocked request of another method": {"GET", stranger, "/notes", 403},
	}
	cors, err := core.New(core.Config{Origins: []string{app}, PreflightStatus: http.StatusOK, Block: true})
	if err != nil {
		t.Fatal(err)
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			engine := gin.New()
			engine.HandleMethodNotAllowed = true
			seen := false
			engine.Use(func(c *gin.Context) {
				c.Next()
				seen = true
				if len(c.Errors) > 0 || !c.IsAborted() {
					t.Errorf("got errors %v and aborted %v, want none and true", c.Errors, c.IsAborted())
				}
				if c.Writer.Status() != end.wantStatus || c.Writer.Size() != 0 {
					t.Errorf("got status %d and size %d, want %d and 0", c.Writer.Status(), c.Writer.Size(), end.wantStatus)
				}
				if !c.Writer.Written() { // as middleware asks that shows a page where nobody has answered
					c.String(http.StatusTeapot, "nobody has answered")
				}
				c.Status(http.StatusTeapot) // too late
			}, gincors.New(cors), func(*gin.Context) { t.Error("a later middleware ran") })
			engine.PUT("/notes", hello)
			engine.NoRoute(hello)
			engine.NoMethod(hello)
			r := httptest.NewRequest(end.method, "http://api.example.com"+end.path, nil)
			r.Header.Set("Origin", end.origin)
			r.Header.Set("Access-Control-Request-Method", "PUT")
			w := httptest.NewRecorder()
			engine.ServeHTTP(w, r)
			if w.Code != end.wantStatus || w.Body.Len() > 0 || !seen {
				t.Errorf("got status %d and body %q, want %d and none", w.Code, w.Body, end.wantStatus)
			}
		})
	}
}
