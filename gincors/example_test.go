package gincors_test

import (
	"fmt"
	"log"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/corstest/adaptertest"
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
	ask(engine, "GET", "/api/hello", "Origin", "https://another.example")
	ask(engine, "OPTIONS", "/api/hello", "Origin", "https://app.example.com", "Access-Control-Request-Method", "PUT")
	ask(engine, "OPTIONS", "/api/hello", "Origin", "https://another.example", "Access-Control-Request-Method", "PUT")
	// Output:
	// GET /api/hello: 200, for https://app.example.com
	// GET /api/hello: 200, for no origin
	// OPTIONS /api/hello: 204, for https://app.example.com
	// OPTIONS /api/hello: 403, for no origin
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
	// GET /notes/: 301, for no origin
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

// ask sends a request in process, and prints the status of the answer and the origin that may read it.
func ask(h http.Handler, method, path string, header ...string) {
	fmt.Println(adaptertest.Ask(corstest.HTTP(h), method, path, header...))
}

func hello(c *gin.Context) { c.String(http.StatusOK, "hello") }
