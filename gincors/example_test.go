package gincors_test

import (
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/gincors"
	"github.com/corselet/corselet/httpcors"
)

func init() { gin.SetMode(gin.ReleaseMode) } // keeps gin's notices out of the examples' output

func Example() {
	cors, err := core.New(core.Config{
		Origins:        []string{"https://app.example.com"},
		Methods:        []string{"PUT", "DELETE"},
		RequestHeaders: []string{"Content-Type"}, // without it no page can send JSON
	})
	if err != nil {
		log.Fatal(err)
	}
	engine := gin.New()
	engine.Use(gincors.New(cors))
	engine.GET("/api/hello", hello)

	ask(engine, "GET", "/api/hello", "Origin", "https://app.example.com")
	ask(engine, "GET", "/api/hello", "Origin", "https://stranger.example")
	ask(engine, "OPTIONS", "/api/hello", "Origin", "https://app.example.com", "Access-Control-Request-Method", "PUT")
	ask(engine, "OPTIONS", "/api/hello", "Origin", "https://stranger.example", "Access-Control-Request-Method", "PUT")
	// Output:
	// GET /api/hello: 200, for https://app.example.com
	// GET /api/hello: 200, for nobody
	// OPTIONS /api/hello: 204, for https://app.example.com
	// OPTIONS /api/hello: 403, for nobody
}

func Example_twoPolicies() {
	engine := gin.New()

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
	isPublic := func(c *gin.Context) bool { return strings.HasPrefix(c.Request.URL.Path, "/public/") }
	isPrivate := func(c *gin.Context) bool { return !isPublic(c) }

	engine.Use(
		gincors.New(public, gincors.WithSkip(isPrivate)),
		gincors.New(private, gincors.WithSkip(isPublic)))

	engine.GET("/public/news", hello)
	engine.GET("/account", hello)
	ask(engine, "GET", "/public/news", "Origin", "https://anybody.example")
	ask(engine, "GET", "/account", "Origin", "https://anybody.example")
	ask(engine, "GET", "/account", "Origin", "https://app.example.com")
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
	engine := gin.New()
	engine.Use(gincors.New(cors))

	engine.GET("/socket", func(c *gin.Context) {
		origins := c.Request.Header["Origin"]
		if len(origins) != 1 || !cors.AllowsOrigin(c.Request.Context(), origins[0]) {
			c.AbortWithStatus(http.StatusForbidden)
			return
		}
		upgrade(c)
	})

	ask(engine, "GET", "/socket", "Upgrade", "websocket", "Origin", "https://app.example.com")
	ask(engine, "GET", "/socket", "Upgrade", "websocket", "Origin", "https://stranger.example")
	ask(engine, "GET", "/socket", "Upgrade", "websocket")
	// Output:
	// GET /socket: 101, for https://app.example.com
	// GET /socket: 403, for nobody
	// GET /socket: 403, for nobody
}

func Example_singleSignOn() {
	engine := gin.New()

	cors, err := core.New(core.Config{
		Origins:        []string{"https://app.example.com"},
		RequestHeaders: []string{"Content-Type"},
		Block:          true,
	})
	if err != nil {
		log.Fatal(err)
	}
	// The identity provider's page posts a form here, from an origin that no script should get access from.
	isCallback := func(c *gin.Context) bool { return c.Request.URL.Path == "/sso/callback" }
	engine.Use(gincors.New(cors, gincors.WithSkip(isCallback)))

	engine.POST("/sso/callback", hello)
	engine.POST("/transfer", hello)
	ask(engine, "POST", "/transfer", "Origin", "https://login.example.org")
	ask(engine, "POST", "/sso/callback", "Origin", "https://login.example.org")
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
	engine := gin.New()
	engine.Use(gincors.New(cors))

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
	engine.Any("/api/*path", gin.WrapH(proxy))

	ask(engine, "GET", "/api/hello", "Origin", "https://app.example.com")
	ask(engine, "GET", "/api/hello", "Origin", "https://stranger.example")
	// Output:
	// GET /api/hello: 200, for https://app.example.com
	// GET /api/hello: 200, for nobody
}

// gin redirects /notes/ to /notes before it runs any middleware. The preflight succeeds, because gin has no OPTIONS
// route that it could redirect to; then the browser meets a redirect without CORS fields and gives up.
func Example_wrongTrailingSlash() {
	cors, err := core.New(core.Config{Origins: []string{"https://app.example.com"}})
	if err != nil {
		log.Fatal(err)
	}
	engine := gin.New()
	engine.Use(gincors.New(cors))
	engine.GET("/notes", hello)

	ask(engine, "GET", "/notes/", "Origin", "https://app.example.com")
	// Output:
	// GET /notes/: 301, for nobody
}

// The first cure: no redirect. A wrong path is a 404 that the page can read.
func Example_withoutRedirects() {
	cors, err := core.New(core.Config{Origins: []string{"https://app.example.com"}})
	if err != nil {
		log.Fatal(err)
	}

	engine := gin.New()
	engine.RedirectTrailingSlash = false
	engine.RedirectFixedPath = false // gin's default
	engine.Use(gincors.New(cors))

	engine.GET("/notes", hello)
	ask(engine, "GET", "/notes/", "Origin", "https://app.example.com")
	ask(engine, "GET", "/notes", "Origin", "https://app.example.com")
	// Output:
	// GET /notes/: 404, for https://app.example.com
	// GET /notes: 200, for https://app.example.com
}

// The second cure: httpcors around the engine, where gin's redirects pass through it.
func Example_aroundTheEngine() {
	cors, err := core.New(core.Config{Origins: []string{"https://app.example.com"}})
	if err != nil {
		log.Fatal(err)
	}
	engine := gin.New()
	engine.GET("/notes", hello)

	handler := httpcors.New(cors)(engine) // instead of engine.Use(gincors.New(cors))
	// … http.ListenAndServe(":8080", handler) instead of engine.Run(":8080")

	ask(handler, "GET", "/notes/", "Origin", "https://app.example.com")
	ask(handler, "GET", "/notes", "Origin", "https://app.example.com")
	// Output:
	// GET /notes/: 301, for https://app.example.com
	// GET /notes: 200, for https://app.example.com
}

// ask sends a request in process, and prints the status of the answer and the origin that it is readable for.
func ask(h http.Handler, method, path string, fields ...string) {
	r := httptest.NewRequest(method, "http://api.example.com"+path, nil)
	for i := 0; i < len(fields); i += 2 {
		r.Header.Set(fields[i], fields[i+1])
	}
	w := newRecorder()
	h.ServeHTTP(w, r)
	readers := "nobody"
	if origins := w.Result().Header["Access-Control-Allow-Origin"]; len(origins) > 0 {
		readers = strings.Join(origins, " and ")
	}
	fmt.Printf("%s %s: %d, for %s\n", method, path, w.Code, readers)
}

// recorder is an [httptest.ResponseRecorder] that gin can serve a reverse proxy with.
type recorder struct {
	*httptest.ResponseRecorder
	closed chan bool
}

func newRecorder() recorder { return recorder{httptest.NewRecorder(), make(chan bool)} }

func (r recorder) CloseNotify() <-chan bool { return r.closed }

func hello(c *gin.Context) { c.String(http.StatusOK, "hello") }

// upgrade stands for a WebSocket library.
func upgrade(c *gin.Context) { c.Status(http.StatusSwitchingProtocols) }

// authenticate stands for an authentication middleware.
func authenticate(c *gin.Context) {
	if c.GetHeader("Authorization") == "" {
		c.AbortWithStatus(http.StatusUnauthorized)
	}
}
