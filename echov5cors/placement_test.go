package echov5cors_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/labstack/echo/v5"
	"github.com/labstack/echo/v5/middleware"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/echov5cors"
)

// The README says what goes wrong in the wrong places. This holds it to its word.
func TestPlacement(t *testing.T) {
	cors, err := core.New(core.Config{Origins: []string{"https://app.example.com"}, Methods: []string{"PUT"}})
	if err != nil {
		t.Fatal(err)
	}
	with := echov5cors.New(cors)
	const app = "https://app.example.com"
	tests := []struct {
		name       string
		install    func(*echo.Echo)
		method     string
		path       string
		wantStatus int
		wantOrigin string
	}{
		{"with Use, preflights are answered",
			func(e *echo.Echo) { e.Use(with); e.PUT("/notes", hello) }, "OPTIONS", "/notes", 204, app},
		{"with Use after a route, preflights are answered",
			func(e *echo.Echo) { e.PUT("/notes", hello); e.Use(with) }, "OPTIONS", "/notes", 204, app},
		{"with Use after a route, its responses carry the fields",
			func(e *echo.Echo) { e.PUT("/notes", hello); e.Use(with) }, "PUT", "/notes", 200, app},
		{"with Use, a 404 carries the fields",
			func(e *echo.Echo) { e.Use(with); e.PUT("/notes", hello) }, "GET", "/other", 404, app},
		{"with Use, a 405 carries the fields",
			func(e *echo.Echo) { e.Use(with); e.PUT("/notes", hello) }, "GET", "/notes", 405, app},
		{"with Pre, preflights are answered",
			func(e *echo.Echo) { e.Pre(with); e.PUT("/notes", hello) }, "OPTIONS", "/notes", 204, app},
		{"on a group, preflights are answered",
			func(e *echo.Echo) { e.Group("/api", with).PUT("/notes", hello) }, "OPTIONS", "/api/notes", 204, app},
		{"on a group, its 404 carries the fields",
			func(e *echo.Echo) { e.Group("/api", with).PUT("/notes", hello) }, "GET", "/api/other", 404, app},
		{"on a group after a route, its preflights are answered",
			func(e *echo.Echo) { groupAfterRoute(e, with) }, "OPTIONS", "/api/notes", 204, app},
		{"on a group after a route, its responses carry no field",
			func(e *echo.Echo) { groupAfterRoute(e, with) }, "PUT", "/api/notes", 200, ""},
		{"on one route, echo answers the preflight without a field",
			func(e *echo.Echo) { e.PUT("/notes", hello, with) }, "OPTIONS", "/notes", 204, ""},
		{"behind authentication, preflights are a 401",
			func(e *echo.Echo) { e.Use(authenticate, with); e.PUT("/notes", hello) }, "OPTIONS", "/notes", 401, ""},
		{"in front of authentication, preflights are answered",
			func(e *echo.Echo) { e.Use(with, authenticate); e.PUT("/notes", hello) }, "OPTIONS", "/notes", 204, app},
		{"in front of authentication, its 401 carries the fields",
			func(e *echo.Echo) { e.Use(with, authenticate); e.PUT("/notes", hello) }, "PUT", "/notes", 401, app},
		{"with Use, a redirect by a Pre middleware carries no field",
			func(e *echo.Echo) { e.Pre(redirectSlash); e.Use(with); e.PUT("/notes", hello) }, "PUT", "/notes/", 307, ""},
		{"with Pre in front of a redirect, it carries the fields",
			func(e *echo.Echo) { e.Pre(with, redirectSlash); e.PUT("/notes", hello) }, "PUT", "/notes/", 307, app},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := echo.New()
			test.install(e)
			r := httptest.NewRequest(test.method, "http://api.example.com"+test.path, nil)
			r.Header.Set("Origin", app)
			if test.method == "OPTIONS" {
				r.Header.Set("Access-Control-Request-Method", "PUT")
			}
			w := httptest.NewRecorder()
			e.ServeHTTP(w, r)
			origin := w.Result().Header.Get("Access-Control-Allow-Origin")
			if w.Code != test.wantStatus || origin != test.wantOrigin {
				t.Errorf("got status %d and origin %q, want %d and %q", w.Code, origin, test.wantStatus, test.wantOrigin)
			}
		})
	}
}

func groupAfterRoute(e *echo.Echo, with echo.MiddlewareFunc) {
	g := e.Group("/api")
	g.PUT("/notes", hello)
	g.Use(with)
}

var redirectSlash = middleware.RemoveTrailingSlashWithConfig(
	middleware.RemoveTrailingSlashConfig{RedirectCode: http.StatusTemporaryRedirect})

// A group gets what none of its routes takes, preflights among it, by routes that echo can be told to leave out.
func TestAGroupWithoutRoutesOfItsOwn(t *testing.T) {
	cors, err := core.New(core.Config{Origins: []string{"https://app.example.com"}, Methods: []string{"PUT"}})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name       string
		without    bool
		method     string
		wantOrigin string
	}{
		{"by default, preflights are answered", false, "OPTIONS", "https://app.example.com"},
		{"by default, responses carry the fields", false, "PUT", "https://app.example.com"},
		{"without them, echo answers preflights", true, "OPTIONS", ""},
		{"without them, responses carry the fields", true, "PUT", "https://app.example.com"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := echo.NewWithConfig(echo.Config{NoGroupAutoRegister404Routes: test.without})
			e.Group("/api", echov5cors.New(cors)).PUT("/notes", hello)
			if got := originOf(e, test.method, "/api/notes"); got != test.wantOrigin {
				t.Errorf("got origin %q, want %q", got, test.wantOrigin)
			}
		})
	}
}

// The handler of virtual hosts has middleware of its own, which known hosts do not get.
func TestVirtualHosts(t *testing.T) {
	cors, err := core.New(core.Config{Origins: []string{"https://app.example.com"}, Methods: []string{"PUT"}})
	if err != nil {
		t.Fatal(err)
	}
	with := echov5cors.New(cors)
	const app = "https://app.example.com"
	tests := []struct {
		name                  string
		onAll, onOne          []echo.MiddlewareFunc
		wantOrigin, wantOther string
	}{
		{"on the handler of all hosts", []echo.MiddlewareFunc{with}, nil, "", app},
		{"on each host", nil, []echo.MiddlewareFunc{with}, app, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			one := echo.New()
			one.Use(test.onOne...)
			one.PUT("/notes", hello)
			known := echo.NewVirtualHostHandler(map[string]*echo.Echo{"api.example.com": one})
			unknown := echo.NewVirtualHostHandler(map[string]*echo.Echo{"other.example.com": one})
			for e, want := range map[*echo.Echo]string{known: test.wantOrigin, unknown: test.wantOther} {
				e.Use(test.onAll...)
				for _, method := range []string{"OPTIONS", "PUT"} {
					if got := originOf(e, method, "/notes"); got != want {
						t.Errorf("%s, host known %v: got origin %q, want %q", method, e == known, got, want)
					}
				}
			}
		})
	}
}

// originOf returns the origin that an answer is readable for.
func originOf(h http.Handler, method, path string) string {
	r := httptest.NewRequest(method, "http://api.example.com"+path, nil)
	r.Header.Set("Origin", "https://app.example.com")
	if method == "OPTIONS" {
		r.Header.Set("Access-Control-Request-Method", "PUT")
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result().Header.Get("Access-Control-Allow-Origin")
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
			e := echo.New()
			e.Use(echov5cors.New(outside), echov5cors.New(inside))
			e.GET("/notes", hello)
			r := httptest.NewRequest(test.method, "http://api.example.com/notes", nil)
			r.Header.Set("Origin", test.origin)
			r.Header.Set("Access-Control-Request-Method", "PUT")
			w := httptest.NewRecorder()
			e.ServeHTTP(w, r)
			header := w.Result().Header
			test.want.Set(core.FieldVary, core.FieldOrigin)
			maps.DeleteFunc(header, func(name string, _ []string) bool {
				return name != core.FieldVary && !strings.HasPrefix(name, "Access-Control-")
			})
			if w.Code != test.wantStatus || !maps.EqualFunc(header, test.want, slices.Equal) {
				t.Errorf("got status %d with %v, want %d with %v", w.Code, header, test.wantStatus, test.want)
			}
		})
	}
}
