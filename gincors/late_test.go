package gincors_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/corstest/adaptertest"
	"github.com/corselet/corselet/gincors"
)

func TestLateFieldsAreKept(t *testing.T) {
	adaptertest.RunKept(t, func(cors *core.CORS) corstest.App {
		engine := gin.New()
		engine.Use(gin.RecoveryWithWriter(io.Discard), gincors.New(cors, gincors.WithLateFields()))
		engine.Use(func(c *gin.Context) { clear(c.Writer.Header()) })
		engine.GET("/status", func(c *gin.Context) { c.Status(204) })
		engine.GET("/text", func(c *gin.Context) { c.Header("Vary", "Accept"); c.String(200, "hello") })
		engine.GET("/data", func(c *gin.Context) { c.Data(200, "text/plain", []byte("hello")) })
		engine.GET("/copy", func(c *gin.Context) { io.Copy(c.Writer, strings.NewReader("hello")) })
		engine.GET("/flush", func(c *gin.Context) { c.Writer.Flush(); c.Header("Vary", "too late") })
		engine.GET("/controller", func(c *gin.Context) { http.NewResponseController(c.Writer).Flush() })
		engine.GET("/now", func(c *gin.Context) { c.AbortWithStatus(418) })
		engine.GET("/panic", func(*gin.Context) { panic("as the case wants") })
		return corstest.HTTP(engine)
	}, []adaptertest.Kept{
		{Path: "/status", Status: 204},
		{Path: "/text", Status: 200, Vary: []string{"Accept"}},
		{Path: "/data", Status: 200},
		{Path: "/copy", Status: 200},
		{Path: "/flush", Status: 200},
		{Path: "/controller", Status: 200},
		{Path: "/now", Status: 418},
		{Path: "/panic", Status: 500},
		{Path: "/none", Status: 404},
	})
}

// gin itself answers 404 after all handlers, through the layers' writers.
func TestLateFieldsAreKeptOnGinsOwn404(t *testing.T) {
	adaptertest.RunKept(t, func(cors *core.CORS) corstest.App {
		engine := gin.New()
		engine.Use(gincors.New(cors, gincors.WithLateFields()), func(c *gin.Context) { c.Writer = dropping{c.Writer} })
		return corstest.HTTP(engine)
	}, []adaptertest.Kept{{Path: "/none", Status: 404}})
}

// dropping deletes Vary before it writes, as gin-contrib/gzip does on errors.
type dropping struct{ gin.ResponseWriter }

func (w dropping) Write(p []byte) (int, error) {
	w.Header().Del("Vary")
	return w.ResponseWriter.Write(p)
}

// gin's writer wraps the server's, and so does ours.
func TestAResponseControllerReachesTheServer(t *testing.T) {
	var got error
	cors, err := core.New(core.Config{Origins: []string{adaptertest.Page}})
	if err != nil {
		t.Fatal(err)
	}
	engine := gin.New()
	engine.Use(gincors.New(cors, gincors.WithLateFields()))
	engine.GET("/", func(c *gin.Context) { got = http.NewResponseController(c.Writer).EnableFullDuplex() })
	client := corstest.HTTP(engine).Start(t)[corstest.HTTP1]
	r := &corstest.RawRequest{Method: "GET", Path: "/", Fields: corstest.Fields{{Name: "Origin", Value: adaptertest.Page}}}
	if _, err := client(r); err != nil || got != nil {
		t.Errorf("got %v and %v, want the server's writer reached", err, got)
	}
}
