package fibercors_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/fibercors"
)

// The README says what goes wrong in the wrong places. This holds it to its word.
func TestPlacement(t *testing.T) {
	cors, err := core.New(core.Config{Origins: []string{"https://app.example.com"}, Methods: []string{"PUT", "PURGE"}})
	if err != nil {
		t.Fatal(err)
	}
	with := fibercors.New(cors)
	const app = "https://app.example.com"
	tests := []struct {
		name       string
		install    func(*fiber.App)
		method     string
		path       string
		wantStatus int
		wantOrigin string
	}{
		{"in front of the routes, preflights are answered",
			func(a *fiber.App) { a.Use(with); a.Put("/notes", hello) }, "OPTIONS", "/notes", 204, app},
		{"in front of the routes, a 404 carries the fields",
			func(a *fiber.App) { a.Use(with); a.Put("/notes", hello) }, "GET", "/other", 404, app},
		{"in front of the routes, a 405 carries the fields",
			func(a *fiber.App) { a.Use(with); a.Put("/notes", hello) }, "GET", "/notes", 405, app},
		{"after a route, its responses carry no field",
			func(a *fiber.App) { a.Put("/notes", hello); a.Use(with) }, "PUT", "/notes", 200, ""},
		{"on a group, preflights are answered",
			func(a *fiber.App) { a.Group("/api", with).Put("/notes", hello) }, "OPTIONS", "/api/notes", 204, app},
		{"on one route, preflights are a 405",
			func(a *fiber.App) { a.Put("/notes", with, hello) }, "OPTIONS", "/notes", 405, ""},
		{"behind authentication, preflights are a 401",
			func(a *fiber.App) { a.Use(authenticate, with); a.Put("/notes", hello) }, "OPTIONS", "/notes", 401, ""},
		{"in front of authentication, preflights are answered",
			func(a *fiber.App) { a.Use(with, authenticate); a.Put("/notes", hello) }, "OPTIONS", "/notes", 204, app},
		{"in front of authentication, its 401 carries the fields",
			func(a *fiber.App) { a.Use(with, authenticate); a.Put("/notes", hello) }, "PUT", "/notes", 401, app},
		{"a method that fiber does not know is a 400 without a field",
			func(a *fiber.App) { a.Use(with) }, "PURGE", "/notes", 400, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a := fiber.New()
			test.install(a)
			do := func(r *http.Request) (*http.Response, error) { return a.Test(r) }
			checkAnswer(t, do, httptest.NewRequest(test.method, test.path, nil), test.wantStatus, test.wantOrigin)
		})
	}
}

// The cures that are settings of fiber.
func TestSettings(t *testing.T) {
	cors, err := core.New(core.Config{Origins: []string{"https://app.example.com"}, Methods: []string{"PURGE"}})
	if err != nil {
		t.Fatal(err)
	}
	moreMethods := append([]string{"PURGE"}, fiber.DefaultMethods...)
	tests := []struct {
		name       string
		config     fiber.Config
		method     string
		cookies    int
		wantStatus int
		wantOrigin string
	}{
		{"a method that RequestMethods adds gets the fields",
			fiber.Config{RequestMethods: moreMethods}, "PURGE", 0, 200, "https://app.example.com"},
		{"a header of 5 KiB is refused without a field",
			fiber.Config{}, "GET", 5 << 10, 431, ""},
		{"ReadBufferSize makes room for it",
			fiber.Config{ReadBufferSize: 16 << 10}, "GET", 5 << 10, 200, "https://app.example.com"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.config.DisableStartupMessage = true
			app := fiber.New(test.config)
			app.Use(fibercors.New(cors))
			app.Add(test.method, "/notes", hello)
			r, err := http.NewRequest(test.method, serve(t, app)+"/notes", nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Cookie", "a="+strings.Repeat("c", test.cookies))
			checkAnswer(t, http.DefaultClient.Do, r, test.wantStatus, test.wantOrigin)
		})
	}
}

// serve serves app on a free port for as long as the test runs, and returns its URL.
func serve(t *testing.T, app *fiber.App) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return serveOn(t, app, listener, "http://")
}

func serveOn(t *testing.T, app *fiber.App, listener net.Listener, scheme string) string {
	t.Helper()
	served := make(chan error, 1)
	go func() { served <- app.Listener(listener) }()
	t.Cleanup(func() {
		if err := app.ShutdownWithTimeout(time.Second); err != nil {
			t.Errorf("got error %v from the shutdown, want none", err)
		}
		if err := <-served; err != nil {
			t.Errorf("got error %v from the server, want none", err)
		}
	})
	return scheme + listener.Addr().String()
}

func checkAnswer(t *testing.T, do func(*http.Request) (*http.Response, error), r *http.Request,
	wantStatus int, wantOrigin string) {
	t.Helper()
	r.Header.Set("Origin", "https://app.example.com")
	r.Close = true // so that a shutdown need not wait for an idle connection
	if r.Method == "OPTIONS" {
		r.Header.Set("Access-Control-Request-Method", "PUT")
	}
	w, err := do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Body.Close()
	origin := w.Header.Get("Access-Control-Allow-Origin")
	if w.StatusCode != wantStatus || origin != wantOrigin {
		t.Errorf("got status %d and origin %q, want %d and %q", w.StatusCode, origin, wantStatus, wantOrigin)
	}
}
