package main

import (
	"crypto/rand"
	"crypto/subtle"
	"net/http"
	"os"

	"github.com/gin-gonic/gin"
	"go.opentelemetry.io/contrib/instrumentation/github.com/gin-gonic/gin/otelgin"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/gincors"
)

const pathHealth = "/healthz"

// newEngine returns the application. The order of its middleware matters. Tracing sees every
// request, so CORS has a span to add attributes to. Recovery is inside, so the span gets the 500.
// CORS answers preflights, which carry no credentials, before authentication, which comes last.
func newEngine(cors *core.CORS, token string) *gin.Engine {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.SetTrustedProxies(nil)        // ignore X-Forwarded-For, which any client can send
	engine.RedirectTrailingSlash = false // gin redirects before CORS, and browsers stop there
	engine.HandleMethodNotAllowed = true // 405 instead of 404
	engine.Use(
		otelgin.Middleware(serviceName, otelgin.WithFilter(isNoHealthCheck)),
		gin.Recovery(),
		gincors.New(cors))
	engine.GET(pathHealth, func(c *gin.Context) { c.String(http.StatusOK, "ok\n") })

	api := engine.Group("/api", requireToken(token))
	api.GET("/notes", func(c *gin.Context) { c.JSON(http.StatusOK, []string{"buy milk"}) })
	api.PUT("/notes", func(c *gin.Context) { c.Status(http.StatusNoContent) })
	return engine
}

func isNoHealthCheck(r *http.Request) bool { return r.URL.Path != pathHealth }

// apiToken returns the bearer token that clients must send: API_TOKEN, or a random one.
func apiToken() string {
	if token := os.Getenv("API_TOKEN"); token != "" {
		return token
	}
	return rand.Text()
}

// requireToken is a placeholder for your authentication. A refusal is a response, not a gin error,
// which would mark the span as failed.
func requireToken(token string) gin.HandlerFunc {
	want := []byte("Bearer " + token)
	return func(c *gin.Context) {
		if subtle.ConstantTimeCompare([]byte(c.GetHeader("Authorization")), want) == 0 {
			c.Header("WWW-Authenticate", "Bearer")
			c.AbortWithStatus(http.StatusUnauthorized)
		}
	}
}
