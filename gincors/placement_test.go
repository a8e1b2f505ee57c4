package gincors_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/gincors"
)

// The README says what goes wrong in the wrong places. This holds it to its word.
func TestPlacement(t *testing.T) {
	cors, err := core.New(core.Config{Origins: []string{"https://app.example.com"}, Methods: []string{"PUT"}})
	if err != nil {
		t.Fatal(err)
	}
	with := gincors.New(cors)
	tests := []struct {
		name       string
		install    func(*gin.Engine)
		method     string
		path       string
		wantStatus int
		wantOrigin string
	}{
		{"on a group, preflights are a 404",
			func(e *gin.Engine) { e.Group("/", with).PUT("/notes", hello) }, "OPTIONS", "/notes", 404, ""},
		{"on a group, actual requests still get the fields, which makes it hard to see",
			func(e *gin.Engine) { e.Group("/", with).PUT("/notes", hello) }, "PUT", "/notes", 200,
			"https://app.example.com"},
		{"after a route, preflights are answered",
			func(e *gin.Engine) { e.PUT("/notes", hello); e.Use(with) }, "OPTIONS", "/notes", 204,
			"https://app.example.com"},
		{"after a route, that route's responses carry no field",
			func(e *gin.Engine) { e.PUT("/notes", hello); e.Use(with) }, "PUT", "/notes", 200, ""},
		{"behind authentication, preflights are a 401",
			func(e *gin.Engine) { e.Use(authenticate, with); e.PUT("/notes", hello) }, "OPTIONS", "/notes", 401, ""},
		{"in front of authentication, preflights are answered",
			func(e *gin.Engine) { e.Use(with, authenticate); e.PUT("/notes", hello) }, "OPTIONS", "/notes", 204,
			"https://app.example.com"},
		{"in front of authentication, its 401 carries the fields",
			func(e *gin.Engine) { e.Use(with, authenticate); e.PUT("/notes", hello) }, "PUT", "/notes", 401,
			"https://app.example.com"},
		{"on the engine, a 404 carries the fields",
			func(e *gin.Engine) { e.Use(with); e.PUT("/notes", hello) }, "GET", "/other", 404,
			"https://app.example.com"},
		{"on the engine, a 405 carries the fields",
			func(e *gin.Engine) { e.HandleMethodNotAllowed = true; e.Use(with); e.PUT("/notes", hello) },
			"GET", "/notes", 405, "https://app.example.com"},
		{"a preflight to a path that gin would redirect is answered",
			func(e *gin.Engine) { e.Use(with); e.PUT("/notes", hello) }, "OPTIONS", "/notes/", 204,
			"https://app.example.com"},
		{"gin's trailing-slash redirect carries no field",
			func(e *gin.Engine) { e.Use(with); e.PUT("/notes", hello) }, "PUT", "/notes/", 307, ""},
		{"gin's fixed-path redirect carries no field",
			func(e *gin.Engine) { e.RedirectFixedPath = true; e.Use(with); e.PUT("/notes", hello) },
			"PUT", "/Notes", 307, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			engine := gin.New()
			test.install(engine)
			r := httptest.NewRequest(test.method, "http://api.example.com"+test.path, nil)
			r.Header.Set("Origin", "https://app.example.com")
			if test.method == "OPTIONS" {
				r.Header.Set("Access-Control-Request-Method", "PUT")
			}
			w := httptest.NewRecorder()
			engine.ServeHTTP(w, r)
			origin := w.Result().Header.Get("Access-Control-Allow-Origin")
			if w.Code != test.wantStatus || origin != test.wantOrigin {
				t.Errorf("got status %d and origin %q, want %d and %q", w.Code, origin, test.wantStatus, test.wantOrigin)
			}
		})
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
			engine := gin.New()
			engine.Use(gincors.New(outside), gincors.New(inside))
			engine.GET("/notes", hello)
			r := httptest.NewRequest(test.method, "http://api.example.com/notes", nil)
			r.Header.Set("Origin", test.origin)
			r.Header.Set("Access-Control-Request-Method", "PUT")
			w := httptest.NewRecorder()
			engine.ServeHTTP(w, r)
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
