package e2e

import (
	"testing"

	"github.com/gin-contrib/gzip"
	"github.com/gin-gonic/gin"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/corstest/adaptertest"
	"github.com/corselet/corselet/gincors"
)

// gin-contrib/gzip deletes Vary from errors. Behind CORS with late fields nothing is lost.
func TestLateFieldsAreKeptThroughGzip(t *testing.T) {
	gin.SetMode(gin.ReleaseMode)
	gzipped := corstest.Fields{{Name: "Accept-Encoding", Value: "gzip"}}
	compressed := []string{"Accept-Encoding"}
	adaptertest.RunKept(t, func(cors *core.CORS) corstest.App {
		engine := gin.New()
		engine.HandleMethodNotAllowed = true
		engine.Use(gincors.New(cors, gincors.WithLateFields()), gzip.Gzip(gzip.DefaultCompression))
		engine.GET("/text", func(c *gin.Context) { c.String(200, "hello") })
		engine.GET("/error", func(c *gin.Context) { c.String(500, "broken") })
		engine.GET("/abort", func(c *gin.Context) { c.AbortWithStatus(409) })
		engine.POST("/post", func(c *gin.Context) { c.Status(204) })
		return corstest.HTTP(engine)
	}, []adaptertest.Kept{
		{Path: "/text", Header: gzipped, Status: 200, Vary: compressed},
		{Path: "/text", Status: 200},
		{Path: "/error", Header: gzipped, Status: 500},
		{Path: "/abort", Header: gzipped, Status: 409, Vary: compressed},
		{Path: "/post", Header: gzipped, Status: 405},
		{Path: "/none", Header: gzipped, Status: 404},
	})
}

// Without late fields Vary is gone: the page of the layers says so.
func TestGzipDeletesVaryFromErrors(t *testing.T) {
	cors, err := core.New(core.Config{Origins: []string{adaptertest.Page}})
	if err != nil {
		t.Fatal(err)
	}
	engine := gin.New()
	engine.Use(gincors.New(cors), gzip.Gzip(gzip.DefaultCompression))
	engine.GET("/error", func(c *gin.Context) { c.String(500, "broken") })
	got, err := corstest.HTTP(engine).Do(&corstest.RawRequest{Method: "GET", Path: "/error", Fields: corstest.Fields{
		{Name: "Origin", Value: adaptertest.Page}, {Name: "Accept-Encoding", Value: "gzip"},
	}})
	if err != nil || got.Header["Vary"] != nil {
		t.Errorf("got Vary %q and error %v, want none: the late fields are not needed any more", got.Header["Vary"], err)
	}
}
