package e2e

import (
	"io"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/gincors"
)

func newGin(cors *core.CORS) http.Handler {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.Use(gin.CustomRecoveryWithWriter(io.Discard, func(c *gin.Context, _ any) {
		c.AbortWithStatus(http.StatusInternalServerError)
	}))
	engine.Use(gincors.New(cors))
	engine.NoRoute(func(c *gin.Context) {
		_, _ = io.Copy(io.Discard, c.Request.Body)
		reply, ok := replyTo(c.Request.URL.Path, c.Request.URL.RawQuery)
		if !ok {
			return // and gin writes its 404
		}
		for name, value := range reply.header {
			c.Header(name, value)
		}
		c.String(reply.status, reply.body)
	})
	return engine
}
