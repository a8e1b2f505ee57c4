package main

import (
	"io"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/gincors"
)

// newGin returns the API in gin. The first outer middleware sees a request first.
func newGin(cors *core.CORS, outer ...gin.HandlerFunc) *gin.Engine {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.Use(outer...)
	engine.Use(gin.CustomRecoveryWithWriter(io.Discard, func(c *gin.Context, _ any) {
		c.AbortWithStatus(http.StatusInternalServerError)
	}))
	engine.Use(gincors.New(cors))
	// Engine.Any handles nine methods; NoRoute handles all of them.
	engine.NoRoute(ginAPI)
	return engine
}

func ginAPI(c *gin.Context) {
	path := c.Request.URL.Path
	if !strings.HasPrefix(path, apiPrefix) {
		return // and gin writes its 404
	}
	c.Header(fieldHandler, handlerRan)
	status := apiStatus(path)
	if status == http.StatusTemporaryRedirect {
		c.Header("Location", pathOK)
	}
	c.JSON(status, apiBody{"gin"})
}
