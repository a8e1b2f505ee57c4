package fibercors_test

import (
	"fmt"
	"log"

	"github.com/gofiber/fiber/v2"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest/adaptertest"
	"github.com/corselet/corselet/fibercors"
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
	app := fiber.New()
	app.Use(fibercors.New(cors))
	app.Get("/api/hello", hello)

	ask(app, "GET", "/api/hello", "Origin", "https://app.example.com")
	ask(app, "GET", "/api/hello", "Origin", "https://another.example")
	ask(app, "OPTIONS", "/api/hello", "Origin", "https://app.example.com", "Access-Control-Request-Method", "PUT")
	ask(app, "OPTIONS", "/api/hello", "Origin", "https://another.example", "Access-Control-Request-Method", "PUT")
	// Output:
	// GET /api/hello: 200, for https://app.example.com
	// GET /api/hello: 200, for no origin
	// OPTIONS /api/hello: 204, for https://app.example.com
	// OPTIONS /api/hello: 403, for no origin
}

// fiber runs handlers in the order of their installation, so a route that was installed first answers without CORS.
// Preflights still succeed, because no route takes OPTIONS: everything looks right but the responses.
func Example_wrongAfterTheRoutes() {
	cors, err := core.New(core.Config{Origins: []string{"https://app.example.com"}, Methods: []string{"PUT"}})
	if err != nil {
		log.Fatal(err)
	}
	wrong, right := fiber.New(), fiber.New()
	wrong.Put("/notes", hello)
	wrong.Use(fibercors.New(cors))
	right.Use(fibercors.New(cors))
	right.Put("/notes", hello)

	ask(wrong, "OPTIONS", "/notes", "Origin", "https://app.example.com", "Access-Control-Request-Method", "PUT")
	ask(wrong, "PUT", "/notes", "Origin", "https://app.example.com")
	ask(right, "PUT", "/notes", "Origin", "https://app.example.com")
	// Output:
	// OPTIONS /notes: 204, for https://app.example.com
	// PUT /notes: 200, for no origin
	// PUT /notes: 200, for https://app.example.com
}

// ask sends a request in process, and prints the status of the answer and the origin that may read it.
func ask(app *fiber.App, method, path string, header ...string) {
	fmt.Println(adaptertest.Ask(appOf(app), method, path, header...))
}

func hello(c *fiber.Ctx) error { return c.SendString("hello") }
