package gincors_test

import (
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/corstest/adaptertest"
	"github.com/corselet/corselet/gincors"
)

// docs/layers.md says where these go.
func TestLayers(t *testing.T) {
	recovers := gin.RecoveryWithWriter(io.Discard)
	clearing := gin.CustomRecoveryWithWriter(io.Discard, func(c *gin.Context, _ any) {
		clear(c.Writer.Header())
		c.AbortWithStatus(http.StatusInternalServerError)
	})
	late := gincors.WithLateFields()
	same := func(status string) [3]string { return [3]string{status, status, status} }
	timeout := func(opts ...gincors.Option) func(*core.CORS) corstest.App {
		return func(cors *core.CORS) corstest.App {
			engine := engineOf(gincors.New(cors, opts...))
			return corstest.HTTP(http.TimeoutHandler(engine, 20*time.Millisecond, ""))
		}
	}
	adaptertest.RunLayers(t, []adaptertest.Layering{
		{Name: "Recovery behind CORS", Ask: "GET /panic", App: behind(recovers), Want: same("500")},
		{Name: "Recovery in front of CORS", Ask: "GET /panic", App: inFront(recovers), Want: same("500")},
		{Name: "recovery behind CORS that clears the header", Ask: "GET /panic",
			App: behind(clearing), Want: same("500, no fields")},
		{Name: "recovery behind CORS with late fields that clears the header", Ask: "GET /panic",
			App: behind(clearing, late), Want: same("500")},
		{Name: "recovery in front of CORS that clears the header", Ask: "GET /panic",
			App: inFront(clearing), Want: same("500, no fields")},
		{Name: "recovery in front of CORS with late fields that clears the header", Ask: "GET /panic",
			App: inFront(clearing, late), Want: same("500")},
		{Name: "TimeoutHandler around the engine", Ask: "GET /", App: timeout(), Want: same("200")},
		{Name: "TimeoutHandler around the engine, after the timeout", Ask: "GET /slow",
			App: timeout(late), Want: same("503, no fields")},
	})
}

func behind(layer gin.HandlerFunc, opts ...gincors.Option) func(*core.CORS) corstest.App {
	return func(cors *core.CORS) corstest.App { return corstest.HTTP(engineOf(gincors.New(cors, opts...), layer)) }
}

func inFront(layer gin.HandlerFunc, opts ...gincors.Option) func(*core.CORS) corstest.App {
	return func(cors *core.CORS) corstest.App { return corstest.HTTP(engineOf(layer, gincors.New(cors, opts...))) }
}

// engineOf returns an engine with layers in front of its routes.
func engineOf(layers ...gin.HandlerFunc) *gin.Engine {
	engine := gin.New()
	engine.Use(layers...)
	engine.GET("/", hello)
	engine.GET("/slow", func(c *gin.Context) { <-c.Request.Context().Done() })
	engine.GET("/panic", func(*gin.Context) { panic("as the case wants") })
	return engine
}
