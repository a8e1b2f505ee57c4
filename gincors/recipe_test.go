package gincors_test

import (
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/corstest/adaptertest"
	"github.com/corselet/corselet/gincors"
	"github.com/corselet/corselet/httpcors"
)

// The excerpts of the README, each in an application.
func TestRecipes(t *testing.T) {
	adaptertest.RunRecipes(t, adaptertest.Recipes{
		TwoPolicies:  func() corstest.App { return twoPolicies(gin.New()) },
		SingleSignOn: func() corstest.App { return singleSignOn(gin.New()) },
		WebSocket:    webSocket, ReverseProxy: reverseProxy,
	})
}

func says(text string) gin.HandlerFunc {
	return func(c *gin.Context) { c.String(http.StatusOK, text) }
}

func twoPolicies(engine *gin.Engine) corstest.App {
	public, err := core.New(core.Config{Origins: []string{"*"}}, core.WithName("public"))
	if err != nil {
		log.Fatal(err)
	}
	private, err := core.New(core.Config{
		Origins:        []string{"https://app.example.com"},
		Credentials:    true,
		RequestHeaders: []string{"Content-Type"},
	}, core.WithName("private"))
	if err != nil {
		log.Fatal(err)
	}
	// Routers, file servers and upstreams read such paths in different ways.
	inDoubt := func(path string) bool {
		return strings.ContainsAny(path, `%\;`) || strings.Contains(path, "//") || strings.Contains(path, "/.")
	}
	isPublic := func(c *gin.Context) bool {
		path := c.Request.URL.EscapedPath()
		return strings.HasPrefix(path, "/public/") && !inDoubt(path)
	}
	isPrivate := func(c *gin.Context) bool { return !isPublic(c) }

	engine.Use(
		gincors.New(public, gincors.WithSkip(isPrivate)),
		gincors.New(private, gincors.WithSkip(isPublic)))

	engine.GET("/public/*name", says("public"))
	engine.GET("/:page", says("private"))
	engine.NoRoute(says("private"))
	return corstest.HTTP(engine)
}

func webSocket(cors *core.CORS) corstest.App {
	upgrade := func(c *gin.Context) { c.Status(http.StatusSwitchingProtocols) }
	engine := gin.New()
	engine.Use(gincors.New(cors))

	mayOpen := httpcors.CheckOrigin(cors)
	engine.GET("/socket", func(c *gin.Context) {
		if !mayOpen(c.Request) {
			c.AbortWithStatus(http.StatusForbidden)
			return
		}
		upgrade(c)
	})

	return corstest.HTTP(engine)
}

func singleSignOn(engine *gin.Engine) corstest.App {
	cors, err := core.New(core.Config{
		Origins:        []string{"https://app.example.com"},
		RequestHeaders: []string{"Content-Type"},
		Block:          true,
	})
	if err != nil {
		log.Fatal(err)
	}
	// The identity provider's page posts a form here, from an origin that no script should get access from.
	isCallback := func(c *gin.Context) bool { return c.Request.URL.EscapedPath() == "/sso/callback" }
	engine.Use(gincors.New(cors, gincors.WithSkip(isCallback)))

	engine.POST("/sso/callback", says("callback"))
	engine.POST("/:page", says("transfer"))
	engine.NoRoute(says("transfer"))
	return corstest.HTTP(engine)
}

func reverseProxy(cors *core.CORS, target *url.URL) corstest.App {
	engine := gin.New()
	engine.Use(gincors.New(cors))

	proxy := &httputil.ReverseProxy{
		Rewrite:        func(r *httputil.ProxyRequest) { r.SetURL(target) },
		ModifyResponse: httpcors.StripResponse,
	}
	engine.Any("/api/*path", gin.WrapH(proxy))

	return corstest.HTTP(engine)
}
