package echov5cors_test

import (
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"

	"github.com/labstack/echo/v5"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/echov5cors"
)

func Example() {
	cors, err := core.New(core.Config{
		Origins:        []string{"https://app.example.com"},
		Methods:        []string{"PUT", "DELETE"},
		RequestHeaders: []string{"Content-Type"}, // without it no page can send JSON
	})
	if err != nil {
		log.Fatal(err)
	}
	e := echo.New()
	e.Use(echov5cors.New(cors))
	e.GET("/api/hello", hello)

	ask(e, "GET", "/api/hello", "Origin", "https://app.example.com")
	ask(e, "GET", "/api/hello", "Origin", "https://stranger.example")
	ask(e, "OPTIONS", "/api/hello", "Origin", "https://app.example.com", "Access-Control-Request-Method", "PUT")
	ask(e, "OPTIONS", "/api/hello", "Origin", "https://stranger.example", "Access-Control-Request-Method", "PUT")
	// Output:
	// GET /api/hello: 200, for https://app.example.com
	// GET /api/hello: 200, for nobody
	// OPTIONS /api/hello: 204, for https://app.example.com
	// OPTIONS /api/hello: 403, for nobody
}

func Example_twoPolicies() {
	e := echo.New()

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
	isPublic := func(c *echo.Context) bool { return strings.HasPrefix(c.Request().URL.Path, "/public/") }
	isPrivate := func(c *echo.Context) bool { return !isPublic(c) }

	e.Use(
		echov5cors.New(public, echov5cors.WithSkip(isPrivate)),
		echov5cors.New(private, echov5cors.WithSkip(isPublic)))

	e.GET("/public/news", hello)
	e.GET("/account", hello)
	ask(e, "GET", "/public/news", "Origin", "https://anybody.example")
	ask(e, "GET", "/account", "Origin", "https://anybody.example")
	ask(e, "GET", "/account", "Origin", "https://app.example.com")
	// Output:
	// GET /public/news: 200, for *
	// GET /account: 200, for nobody
	// GET /account: 200, for https://app.example.com
}

func Example_webSocket() {
	cors, err := core.New(core.Config{Origins: []string{"https://app.example.com"}})
	if err != nil {
		log.Fatal(err)
	}
	e := echo.New()
	e.Use(echov5cors.New(cors))

	e.GET("/socket", func(c *echo.Context) error {
		origins := c.Request().Header["Origin"]
		if len(origins) != 1 || !cors.AllowsOrigin(c.Request().Context(), origins[0]) {
			return echo.ErrForbidden
		}
		return upgrade(c)
	})

	ask(e, "GET", "/socket", "Upgrade", "websocket", "Origin", "https://app.example.com")
	ask(e, "GET", "/socket", "Upgrade", "websocket", "Origin", "https://stranger.example")
	ask(e, "GET", "/socket", "Upgrade", "websocket")
	// Output:
	// GET /socket: 101, for https://app.example.com
	// GET /socket: 403, for nobody
	// GET /socket: 403, for nobody
}

func Example_singleSignOn() {
	e := echo.New()

	cors, err := core.New(core.Config{
		Origins:        []string{"https://app.example.com"},
		RequestHeaders: []string{"Content-Type"},
		Block:          true,
	})
	if err != nil {
		log.Fatal(err)
	}
	// The identity provider's page posts a form here, from an origin that no script should get access from.
	isCallback := func(c *echo.Context) bool { return c.Request().URL.Path == "/sso/callback" }
	e.Use(echov5cors.New(cors, echov5cors.WithSkip(isCallback)))

	e.POST("/sso/callback", hello)
	e.POST("/transfer", hello)
	ask(e, "POST", "/transfer", "Origin", "https://login.example.org")
	ask(e, "POST", "/sso/callback", "Origin", "https://login.example.org")
	// Output:
	// POST /transfer: 403, for nobody
	// POST /sso/callback: 200, for nobody
}

func Example_reverseProxy() {
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*") // its own idea of CORS
	}))
	defer upstream.Close()
	target, err := url.Parse(upstream.URL)
	if err != nil {
		log.Fatal(err)
	}
	cors, err := core.New(core.Config{Origins: []string{"https://app.example.com"}})
	if err != nil {
		log.Fatal(err)
	}
	e := echo.New()
	e.Use(echov5cors.New(cors))

	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) },
		ModifyResponse: func(r *http.Response) error {
			for name := range r.Header {
				if strings.HasPrefix(name, "Access-Control-") {
					r.Header.Del(name)
				}
			}
			return nil
		},
	}
	e.Any("/api/*", echo.WrapHandler(proxy))

	ask(e, "GET", "/api/hello", "Origin", "https://app.example.com")
	ask(e, "GET", "/api/hello", "Origin", "https://stranger.example")
	// Output:
	// GET /api/hello: 200, for https://app.example.com
	// GET /api/hello: 200, for nobody
}

// A route's own middleware runs only for the route's method, so the preflight never gets to it: echo answers plain
// OPTIONS by itself, and the browser never sends the request.
func Example_wrongOnOneRoute() {
	cors, err := core.New(core.Config{Origins: []string{"https://app.example.com"}, Methods: []string{"PUT"}})
	if err != nil {
		log.Fatal(err)
	}
	wrong, right := echo.New(), echo.New()
	wrong.PUT("/notes", hello, echov5cors.New(cors))
	right.Use(echov5cors.New(cors))
	right.PUT("/notes", hello)

	preflight := []string{"Origin", "https://app.example.com", "Access-Control-Request-Method", "PUT"}
	ask(wrong, "OPTIONS", "/notes", preflight...)
	ask(right, "OPTIONS", "/notes", preflight...)
	// Output:
	// OPTIONS /notes: 204, for nobody
	// OPTIONS /notes: 204, for https://app.example.com
}

// ask sends a request in process, and prints the status of the answer and the origin that it is readable for.
func ask(h http.Handler, method, path string, fields ...string) {
	r := httptest.NewRequest(method, "http://api.example.com"+path, nil)
	for i := 0; i < len(fields); i += 2 {
		r.Header.Set(fields[i], fields[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	readers := "nobody"
	if origins := w.Result().Header["Access-Control-Allow-Origin"]; len(origins) > 0 {
		readers = strings.Join(origins, " and ")
	}
	fmt.Printf("%s %s: %d, for %s\n", method, path, w.Code, readers)
}

func hello(c *echo.Context) error { return c.String(http.StatusOK, "hello") }

// upgrade stands for a WebSocket library.
func upgrade(c *echo.Context) error { return c.NoContent(http.StatusSwitchingProtocols) }

// authenticate stands for an authentication middleware.
func authenticate(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c *echo.Context) error {
		if c.Request().Header.Get("Authorization") == "" {
			return echo.ErrUnauthorized
		}
		return next(c)
	}
}
