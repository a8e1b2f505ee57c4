package gincors_test

import (
	"net/http"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/corstest/adaptertest"
	"github.com/corselet/corselet/gincors"
)

// What ends in the middleware is a finished response: no error, no status that may still change, no room for a page.
func TestWhatEndsHereIsAFinishedResponse(t *testing.T) {
	adaptertest.RunEndings(t, func(t *testing.T, cors *core.CORS, status int) corstest.App {
		engine := gin.New()
		engine.HandleMethodNotAllowed = true
		seen := false
		t.Cleanup(func() {
			if !seen {
				t.Error("the layer outside has not seen the end, want it to")
			}
		})
		engine.Use(func(c *gin.Context) {
			c.Next()
			seen = true
			if len(c.Errors) > 0 || !c.IsAborted() {
				t.Errorf("got errors %v and aborted %v, want none and true", c.Errors, c.IsAborted())
			}
			if c.Writer.Status() != status || c.Writer.Size() != 0 {
				t.Errorf("got status %d and size %d, want %d and 0", c.Writer.Status(), c.Writer.Size(), status)
			}
			if !c.Writer.Written() { // as middleware asks that shows a page where there is no answer
				c.String(http.StatusTeapot, "no answer")
			}
			c.Status(http.StatusTeapot) // too late
		}, gincors.New(cors), func(*gin.Context) { t.Error("a later middleware ran") })
		engine.PUT("/notes", hello)
		engine.NoRoute(hello)
		engine.NoMethod(hello)
		return corstest.HTTP(engine)
	})
}
