package fiberv3cors_test

import (
	"bytes"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v3"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/fiberv3cors"
)

// The README says what goes wrong in the wrong places. This holds it to its word.
func TestPlacement(t *testing.T) {
	cors, err := core.New(core.Config{Origins: []string{"https://app.example.com"}, Methods: []string{"PUT", "PURGE"}})
	if err != nil {
		t.Fatal(err)
	}
	with := fiberv3cors.New(cors)
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
		{"a method that fiber does not know is a 501 without a field",
			func(a *fiber.App) { a.Use(with) }, "PURGE", "/notes", 501, ""},
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
		body       int
		wantStatus int
		wantOrigin string
	}{
		{"a method that RequestMethods adds gets the fields",
			fiber.Config{RequestMethods: moreMethods}, "PURGE", 0, 0, 200, "https://app.example.com"},
		{"a header of 5 KiB is refused without a field",
			fiber.Config{}, "GET", 5 << 10, 0, 431, ""},
		{"ReadBufferSize makes room for it",
			fiber.Config{ReadBufferSize: 16 << 10}, "GET", 5 << 10, 0, 200, "https://app.example.com"},
		{"GETOnly refuses preflights",
			fiber.Config{GETOnly: true}, "OPTIONS", 0, 0, 405, "https://app.example.com"},
		{"a body that is too large is refused with the fields",
			fiber.Config{BodyLimit: 10}, "POST", 0, 20, 413, "https://app.example.com"},
		{"BodyLimit makes room for it",
			fiber.Config{BodyLimit: 30}, "POST", 0, 20, 200, "https://app.example.com"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			app := fiber.New(test.config)
			app.Use(fiberv3cors.New(cors))
			app.Add([]string{test.method}, "/notes", hello)
			r, err := http.NewRequest(test.method, serve(t, app)+"/notes", bytes.NewReader(make([]byte, test.body)))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Cookie", "a="+strings.Repeat("c", test.cookies))
			checkAnswer(t, http.DefaultClient.Do, r, test.wantStatus, test.wantOrigin)
		})
	}
}

// fiber v3 can be told to answer what has no route before any middleware. It spares preflights, and nothing else.
func TestSkipUnmatchedRoutes(t *testing.T) {
	const app = "https://app.example.com"
	cors, err := core.New(core.Config{Origins: []string{app}, Methods: []string{"PUT"}})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name         string
		method, path string
		skip         bool
		wantStatus   int
		wantOrigin   string
	}{
		{"by default, a 404 carries the fields", "GET", "/other", false, 404, app},
		{"by default, a 405 carries the fields", "GET", "/notes", false, 405, app},
		{"set, a 404 carries no field", "GET", "/other", true, 404, ""},
		{"set, a 405 carries no field", "GET", "/notes", true, 405, ""},
		{"set, preflights are answered", "OPTIONS", "/notes", true, 204, app},
		{"set, preflights for no route are answered", "OPTIONS", "/other", true, 204, app},
		{"set, what has a route carries the fields", "PUT", "/notes", true, 200, app},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a := fiber.New(fiber.Config{SkipUnmatchedRoutes: test.skip})
			a.Use(fiberv3cors.New(cors))
			a.Put("/notes", hello)
			ask := func(r *http.Request) (*http.Response, error) { return a.Test(r) }
			checkAnswer(t, ask, httptest.NewRequest(test.method, test.path, nil), test.wantStatus, test.wantOrigin)
		})
	}
}

// An application of fiber v3 may have a context type of its own.
func TestAContextOfOnesOwn(t *testing.T) {
	type ownCtx struct{ fiber.DefaultCtx }
	const app = "https://app.example.com"
	cors, err := core.New(core.Config{Origins: []string{app}})
	if err != nil {
		t.Fatal(err)
	}
	a := fiber.NewWithCustomCtx(func(a *fiber.App) fiber.CustomCtx {
		return &ownCtx{*fiber.NewDefaultCtx(a)}
	})
	skipped := func(c fiber.Ctx) bool { return c.(*ownCtx).Path() == "/skipped" }
	a.Use(fiberv3cors.New(cors, fiberv3cors.WithSkip(skipped)))
	a.Get("/notes", hello)
	ask := func(r *http.Request) (*http.Response, error) { return a.Test(r) }
	checkAnswer(t, ask, httptest.NewRequest("GET", "/notes", nil), 200, app)
	checkAnswer(t, ask, httptest.NewRequest("OPTIONS", "/notes", nil), 204, app)
	checkAnswer(t, ask, httptest.NewRequest("OPTIONS", "/skipped", nil), 404, "")
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
	go func() { served <- app.Listener(listener, fiber.ListenConfig{DisableStartupMessage: true}) }()
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

// Two layers do not add up: the outer one alone answers preflights, and the inner one's fields replace the outer one's
// on everything else.
func TestTwoLayers(t *testing.T) {
	const both, outer, inner = "https://both.example.com", "https://outer.example.com", "https://inner.example.com"
	config := func(name string, origins ...string) core.Config {
		return core.Config{Origins: origins, Methods: []string{strings.ToUpper(name)}, ExposeHeaders: []string{name}}
	}
	outside, err := core.New(config("outer", both, outer))
	if err != nil {
		t.Fatal(err)
	}
	inside, err := core.New(config("inner", both, inner))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name           string
		method, origin string
		wantStatus     int
		want           http.Header // fields of the CORS protocol; and Vary: Origin
	}{
		{"a preflight gets the outer one's answer", "OPTIONS", both, 204, http.Header{
			core.FieldAllowOrigin: {both}, core.FieldAllowMethods: {"OUTER"}}},
		{"an actual request gets the inner one's fields", "GET", both, 200, http.Header{
			core.FieldAllowOrigin: {both}, core.FieldExposeHeaders: {"inner"}}},
		{"a preflight that only the outer one allows succeeds", "OPTIONS", outer, 204, http.Header{
			core.FieldAllowOrigin: {outer}, core.FieldAllowMethods: {"OUTER"}}},
		{"an actual request that only the outer one allows is for nobody", "GET", outer, 200, http.Header{}},
		{"a preflight that only the inner one allows is refused", "OPTIONS", inner, 403, http.Header{}},
		{"an actual request that only the inner one allows gets its fields", "GET", inner, 200, http.Header{
			core.FieldAllowOrigin: {inner}, core.FieldExposeHeaders: {"inner"}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a := fiber.New()
			a.Use(fiberv3cors.New(outside), fiberv3cors.New(inside))
			a.Get("/notes", hello)
			w, err := do(a, &corstest.RawRequest{Method: test.method, Path: "/notes", Fields: corstest.Fields{
				{Name: "Origin", Value: test.origin}, {Name: "Access-Control-Request-Method", Value: "PUT"}}})
			if err != nil {
				t.Fatal(err)
			}
			test.want.Set(core.FieldVary, core.FieldOrigin)
			maps.DeleteFunc(w.Header, func(name string, _ []string) bool {
				return name != core.FieldVary && !strings.HasPrefix(name, "Access-Control-")
			})
			if w.Status != test.wantStatus || !maps.EqualFunc(w.Header, test.want, slices.Equal) {
				t.Errorf("got status %d with %v, want %d with %v", w.Status, w.Header, test.wantStatus, test.want)
			}
		})
	}
}

// fiber can leave field names as they were sent, and then a name in lower case is another name.
func TestNamesThatAreNotNormalizedAreNotSeen(t *testing.T) {
	const app = "https://app.example.com"
	cors, err := core.New(core.Config{Origins: []string{app}, Methods: []string{"PUT"}, Block: true})
	if err != nil {
		t.Fatal(err)
	}
	asSent := fiber.Config{DisableHeaderNormalizing: true}
	const canonical, lower, stranger = "Origin", "origin", "https://stranger.example"
	tests := []struct {
		name                 string
		config               fiber.Config
		method, field, value string
		wantStatus           int
		wantOrigin           string
	}{
		{"by default lower case is fine", fiber.Config{}, "PUT", lower, app, 200, app},
		{"by default it is blocked like any other", fiber.Config{}, "PUT", lower, stranger, 403, ""},
		{"by default a preflight is answered", fiber.Config{}, "OPTIONS", lower, app, 204, app},
		{"as it was sent, canonical is fine", asSent, "PUT", canonical, app, 200, app},
		{"as it was sent, lower case is not seen", asSent, "PUT", lower, app, 200, ""},
		{"as it was sent, lower case is not blocked", asSent, "PUT", lower, stranger, 200, ""},
		{"as it was sent, a preflight is the routes'", asSent, "OPTIONS", lower, app, 405, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a := fiber.New(test.config)
			a.Use(fiberv3cors.New(cors))
			a.Put("/notes", hello)
			r, err := http.NewRequest(test.method, serve(t, a)+"/notes", nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header = http.Header{test.field: {test.value}, "Access-Control-Request-Method": {"PUT"}}
			r.Close = true
			w, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer w.Body.Close()
			origin := w.Header.Get("Access-Control-Allow-Origin")
			if w.StatusCode != test.wantStatus || origin != test.wantOrigin {
				t.Errorf("got status %d and origin %q, want %d and %q", w.StatusCode, origin, test.wantStatus, test.wantOrigin)
			}
		})
	}
}

// fiber routes paths without regard to case, so what splits policies by path must not mind it.
func TestPathsInAnotherCase(t *testing.T) {
	public, err := core.New(core.Config{Origins: []string{"*"}})
	if err != nil {
		t.Fatal(err)
	}
	splits := map[string]func(fiber.Ctx) bool{
		"the README's split":   func(c fiber.Ctx) bool { return strings.HasPrefix(strings.ToLower(c.Path()), "/public/") },
		"a split by the bytes": func(c fiber.Ctx) bool { return strings.HasPrefix(c.Path(), "/public/") },
	}
	tests := []struct {
		split, path string
		wantStatus  int
		wantOrigin  string
	}{
		{"the README's split", "/public/x", 200, "*"},
		{"the README's split", "/PUBLIC/x", 200, "*"},
		{"the README's split", "/other", 404, ""},
		{"a split by the bytes", "/public/x", 200, "*"},
		{"a split by the bytes", "/PUBLIC/x", 200, ""},
	}
	for _, test := range tests {
		t.Run(test.split+" of "+test.path, func(t *testing.T) {
			isPublic := splits[test.split]
			a := fiber.New()
			a.Use(fiberv3cors.New(public, fiberv3cors.WithSkip(func(c fiber.Ctx) bool { return !isPublic(c) })))
			a.Get("/public/x", hello)
			ask := func(r *http.Request) (*http.Response, error) { return a.Test(r) }
			checkAnswer(t, ask, httptest.NewRequest("GET", test.path, nil), test.wantStatus, test.wantOrigin)
		})
	}
}
