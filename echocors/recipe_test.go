package echocors_test

import (
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/corstest/adaptertest"
	"github.com/corselet/corselet/echocors"
	"github.com/corselet/corselet/httpcors"
)

// The excerpts of the README, each in an application.
func TestRecipes(t *testing.T) {
	adaptertest.RunRecipes(t, adaptertest.Recipes{
		TwoPolicies:  func() corstest.App { return twoPolicies(echo.New()) },
		SingleSignOn: func() corstest.App { return singleSignOn(echo.New()) },
		WebSocket:    webSocket, ReverseProxy: reverseProxy,
	})
}

func says(text string) echo.HandlerFunc {
	return func(c echo.Context) error { return c.String(http.StatusOK, text) }
}

func twoPolicies(e *echo.Echo) corstest.App {
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
	isPublic := func(c echo.Context) bool {
		path := c.Request().URL.EscapedPath()
		return strings.HasPrefix(path, "/public/") && !inDoubt(path)
	}
	isPrivate := func(c echo.Context) bool { return !isPublic(c) }

	e.Use(
		echocors.New(public, echocors.WithSkip(isPrivate)),
		echocors.New(private, echocors.WithSkip(isPublic)))

	e.GET("/public/*", says("public"))
	e.GET("/*", says("private"))
	return corstest.HTTP(e)
}

func webSocket(cors *core.CORS) corstest.App {
	upgrade := func(c echo.Context) error { return c.NoContent(http.StatusSwitchingProtocols) }
	e := echo.New()
	e.Use(echocors.New(cors))

	mayOpen := httpcors.CheckOrigin(cors)
	e.GET("/socket", func(c echo.Context) error {
		if !mayOpen(c.Request()) {
			return echo.ErrForbidden
		}
		return upgrade(c)
	})

	return corstest.HTTP(e)
}

func singleSignOn(e *echo.Echo) corstest.App {
	cors, err := core.New(core.Config{
		Origins:        []string{"https://app.example.com"},
		RequestHeaders: []string{"Content-Type"},
		Block:          true,
	})
	if err != nil {
		log.Fatal(err)
	}
	// The identity provider's page posts a form here, from an origin that no script should get access from.
	isCallback := func(c echo.Context) bool { return c.Request().URL.EscapedPath() == "/sso/callback" }
	e.Use(echocors.New(cors, echocors.WithSkip(isCallback)))

	e.POST("/sso/callback", says("callback"))
	e.POST("/*", says("transfer"))
	return corstest.HTTP(e)
}

func reverseProxy(cors *core.CORS, target *url.URL) corstest.App {
	e := echo.New()
	e.Use(echocors.New(cors))

	proxy := &httputil.ReverseProxy{
		Rewrite:        func(r *httputil.ProxyRequest) { r.SetURL(target) },
		ModifyResponse: httpcors.StripResponse,
	}
	e.Any("/api/*", echo.WrapHandler(proxy))

	return corstest.HTTP(e)
}
