package gincors_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/gincors"
)

func TestConformance(t *testing.T) {
	gin.SetMode(gin.ReleaseMode)
	for name, option := range map[string]gincors.Option{"by default": nil, "with late fields": gincors.WithLateFields()} {
		t.Run(name, func(t *testing.T) {
			corstest.Run(t, func(_ *testing.T, spec corstest.Spec) corstest.App {
				engine := gin.New()
				engine.Use(func(c *gin.Context) {
					for _, f := range spec.Outer {
						c.Writer.Header().Add(f.Name, f.Value)
					}
				}, gin.RecoveryWithWriter(io.Discard), gincors.New(spec.CORS, option))
				// gin routes no custom methods with Any, so everything is handled where no route is found.
				engine.NoRoute(api)
				return corstest.HTTP(engine)
			})
		})
	}
}

// api is the handler that corstest.Spec asks for.
func api(c *gin.Context) {
	path := c.Request.URL.Path
	if !strings.HasPrefix(path, "/api/") {
		return // gin's own 404
	}
	c.Header("X-Handler", "hit")
	switch path {
	case "/api/panic":
		panic("as the case wants")
	case "/api/fail":
		c.Status(http.StatusInternalServerError)
	case "/api/moved":
		c.Redirect(http.StatusTemporaryRedirect, "/api/ok")
	default:
		c.Status(http.StatusOK)
	}
}
