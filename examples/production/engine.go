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

// newEngine returns the application. The order is what matters: tracing sees every request, so that CORS finds a span
// to write on; recovery is inside, so that the span gets the 500; CORS answers preflights, which carry no credentials,
// before anything asks for some; and authentication comes last.
func newEngine(cors *core.CORS, token string) *gin.Engine {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.SetTrustedProxies(nil)        // nobody may say by X-Forwarded-For who they are
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

// apiToken returns what clients must send as a bearer token: API_TOKEN, or else something that nobody knows.
func apiToken() string {
	if token := os.Getenv("API_TOKEN"); token != "" {
		return token
	}
	return rand.Text()
}

// requireToken stands for your authentication. A refusal is a response and not an error of gin's, which would mark the
// span as failed.
func requireToken(token string) gin.HandlerFunc {
	want := []byte("Bearer " + token)
	return func(c *gin.Context) {
		if subtle.ConstantTimeCompare([]byte(c.GetHeader("Authorization")), want) == 0 {
			c.Header("WWW-Authenticate", "Bearer")
			c.AbortWithStatus(http.StatusUnauthorized)
		}
	}
}
