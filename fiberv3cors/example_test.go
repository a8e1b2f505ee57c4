package fiberv3cors_test

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/proxy"
	"github.com/valyala/fasthttp"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/fiberv3cors"
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
	app.Use(fiberv3cors.New(cors))
	app.Get("/api/hello", hello)

	ask(app, "GET", "/api/hello", "Origin", "https://app.example.com")
	ask(app, "GET", "/api/hello", "Origin", "https://stranger.example")
	ask(app, "OPTIONS", "/api/hello", "Origin", "https://app.example.com", "Access-Control-Request-Method", "PUT")
	ask(app, "OPTIONS", "/api/hello", "Origin", "https://stranger.example", "Access-Control-Request-Method", "PUT")
	// Output:
	// GET /api/hello: 200, for https://app.example.com
	// GET /api/hello: 200, for nobody
	// OPTIONS /api/hello: 204, for https://app.example.com
	// OPTIONS /api/hello: 403, for nobody
}

func Example_twoPolicies() {
	app := fiber.New()

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
	isPublic := func(c fiber.Ctx) bool { return strings.HasPrefix(strings.ToLower(c.Path()), "/public/") }
	isPrivate := func(c fiber.Ctx) bool { return !isPublic(c) }

	app.Use(fiberv3cors.New(public, fiberv3cors.WithSkip(isPrivate)))
	app.Use(fiberv3cors.New(private, fiberv3cors.WithSkip(isPublic)))

	app.Get("/public/news", hello)
	app.Get("/account", hello)
	ask(app, "GET", "/public/news", "Origin", "https://anybody.example")
	ask(app, "GET", "/PUBLIC/news", "Origin", "https://anybody.example")
	ask(app, "GET", "/account", "Origin", "https://anybody.example")
	ask(app, "GET", "/account", "Origin", "https://app.example.com")
	// Output:
	// GET /public/news: 200, for *
	// GET /PUBLIC/news: 200, for *
	// GET /account: 200, for nobody
	// GET /account: 200, for https://app.example.com
}

func Example_webSocket() {
	cors, err := core.New(core.Config{Origins: []string{"https://app.example.com"}})
	if err != nil {
		log.Fatal(err)
	}
	app := fiber.New()
	app.Use(fiberv3cors.New(cors))

	app.Get("/socket", func(c fiber.Ctx) error {
		origins := c.Request().Header.PeekAll("Origin")
		if len(origins) != 1 || !cors.AllowsOrigin(c.Context(), string(origins[0])) {
			return fiber.ErrForbidden
		}
		return upgrade(c)
	})

	ask(app, "GET", "/socket", "Upgrade", "websocket", "Origin", "https://app.example.com")
	ask(app, "GET", "/socket", "Upgrade", "websocket", "Origin", "https://stranger.example")
	ask(app, "GET", "/socket", "Upgrade", "websocket")
	// Output:
	// GET /socket: 426, for https://app.example.com
	// GET /socket: 403, for nobody
	// GET /socket: 403, for nobody
}

func Example_singleSignOn() {
	app := fiber.New()

	cors, err := core.New(core.Config{
		Origins:        []string{"https://app.example.com"},
		RequestHeaders: []string{"Content-Type"},
		Block:          true,
	})
	if err != nil {
		log.Fatal(err)
	}
	// The identity provider's page posts a form here, from an origin that no script should get access from.
	isCallback := func(c fiber.Ctx) bool { return strings.EqualFold(c.Path(), "/sso/callback") }
	app.Use(fiberv3cors.New(cors, fiberv3cors.WithSkip(isCallback)))

	app.Post("/sso/callback", hello)
	app.Post("/transfer", hello)
	ask(app, "POST", "/transfer", "Origin", "https://login.example.org")
	ask(app, "POST", "/sso/callback", "Origin", "https://login.example.org")
	ask(app, "POST", "/SSO/callback", "Origin", "https://login.example.org")
	// Output:
	// POST /transfer: 403, for nobody
	// POST /sso/callback: 200, for nobody
	// POST /SSO/callback: 200, for nobody
}

func Example_reverseProxy() {
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*") // its own idea of CORS
		io.WriteString(w, "hello")
	}))
	defer upstream.Close()
	cors, err := core.New(core.Config{Origins: []string{"https://app.example.com"}})
	if err != nil {
		log.Fatal(err)
	}
	app := fiber.New()
	// The upstream is on a loopback address, which fiber's proxy refuses unless it is told otherwise.
	defer proxy.WithSecurityPolicy(proxy.WithSecurityPolicy(proxy.SecurityPolicy{AllowPrivateIPs: true}))

	app.Use(fiberv3cors.New(cors))
	app.All("/api/*", func(c fiber.Ctx) error {
		var ours fasthttp.ResponseHeader
		c.Response().Header.CopyTo(&ours)
		if err := proxy.Do(c, upstream.URL+c.OriginalURL()); err != nil {
			return err
		}
		theirs := &c.Response().Header
		for _, name := range []string{
			core.FieldAllowOrigin, core.FieldAllowCredentials, core.FieldAllowMethods,
			core.FieldAllowHeaders, core.FieldExposeHeaders, core.FieldMaxAge,
		} {
			theirs.Del(name)
			if value := ours.Peek(name); len(value) > 0 {
				theirs.SetBytesV(name, value)
			}
		}
		for _, value := range ours.PeekAll(core.FieldVary) {
			c.Vary(string(value))
		}
		return nil
	})

	ask(app, "GET", "/api/hello", "Origin", "https://app.example.com")
	ask(app, "GET", "/api/hello", "Origin", "https://stranger.example")
	// Output:
	// GET /api/hello: 200, for https://app.example.com
	// GET /api/hello: 200, for nobody
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
	wrong.Use(fiberv3cors.New(cors))
	right.Use(fiberv3cors.New(cors))
	right.Put("/notes", hello)

	ask(wrong, "OPTIONS", "/notes", "Origin", "https://app.example.com", "Access-Control-Request-Method", "PUT")
	ask(wrong, "PUT", "/notes", "Origin", "https://app.example.com")
	ask(right, "PUT", "/notes", "Origin", "https://app.example.com")
	// Output:
	// OPTIONS /notes: 204, for https://app.example.com
	// PUT /notes: 200, for nobody
	// PUT /notes: 200, for https://app.example.com
}

// ask sends a request in process, and prints the status of the answer and the origin that it is readable for.
func ask(app *fiber.App, method, path string, fields ...string) {
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(fields); i += 2 {
		r.Header.Set(fields[i], fields[i+1])
	}
	w, err := app.Test(r)
	if err != nil {
		log.Fatal(err)
	}
	readers := "nobody"
	if origins := w.Header["Access-Control-Allow-Origin"]; len(origins) > 0 {
		readers = strings.Join(origins, " and ")
	}
	fmt.Printf("%s %s: %d, for %s\n", method, path, w.StatusCode, readers)
}

func hello(c fiber.Ctx) error { return c.SendString("hello") }

// upgrade stands for a WebSocket library, which has to refuse here: App.Test makes no connection to upgrade.
func upgrade(fiber.Ctx) error { return fiber.ErrUpgradeRequired }

// authenticate stands for an authentication middleware.
func authenticate(c fiber.Ctx) error {
	if c.Get("Authorization") == "" {
		return fiber.ErrUnauthorized
	}
	return c.Next()
}
