package echov5cors_test

import (
	"fmt"
	"log"
	"net/http"

	"github.com/labstack/echo/v5"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/corstest/adaptertest"
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
	ask(e, "GET", "/api/hello", "Origin", "https://another.example")
	ask(e, "OPTIONS", "/api/hello", "Origin", "https://app.example.com", "Access-Control-Request-Method", "PUT")
	ask(e, "OPTIONS", "/api/hello", "Origin", "https://another.example", "Access-Control-Request-Method", "PUT")
	// Output:
	// GET /api/hello: 200, for https://app.example.com
	// GET /api/hello: 200, for no origin
	// OPTIONS /api/hello: 204, for https://app.example.com
	// OPTIONS /api/hello: 403, for no origin
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
	// OPTIONS /notes: 204, for no origin
	// OPTIONS /notes: 204, for https://app.example.com
}

// ask sends a request in process, and prints the status of the answer and the origin that may read it.
func ask(e *echo.Echo, method, path string, header ...string) {
	fmt.Println(adaptertest.Ask(corstest.HTTP(e), method, path, header...))
}

func hello(c *echo.Context) error { return c.String(http.StatusOK, "hello") }
