package httpcors_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/httpcors"
)

// The README says what goes wrong in the wrong places. This holds it to its word.
func TestPlacement(t *testing.T) {
	cors, err := core.New(core.Config{Origins: []string{"https://app.example.com"}, Methods: []string{"PUT"}})
	if err != nil {
		t.Fatal(err)
	}
	with := httpcors.New(cors)
	slow := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ok := http.HandlerFunc(hello)
	tests := []struct {
		name       string
		handler    http.Handler
		method     string
		path       string
		wantStatus int
		wantOrigin string
	}{
		{"around one route, the mux answers the preflight first",
			muxOf("PUT /notes", with(ok)), "OPTIONS", "/notes", 405, ""},
		{"around the mux, the preflight is answered",
			with(muxOf("PUT /notes", ok)), "OPTIONS", "/notes", 204, "https://app.example.com"},
		{"around one route, the mux's redirect carries no field",
			muxOf("/notes/", with(ok)), "GET", "/notes", 307, ""},
		{"around the mux, its redirect carries the fields",
			with(muxOf("/notes/", ok)), "GET", "/notes", 307, "https://app.example.com"},
		{"around the mux, its 404 carries the fields",
			with(muxOf("/notes", ok)), "GET", "/other", 404, "https://app.example.com"},
		{"inside of TimeoutHandler, the 503 carries no field",
			http.TimeoutHandler(with(slow), time.Millisecond, ""), "GET", "/notes", 503, ""},
		{"around TimeoutHandler, the 503 carries the fields",
			with(http.TimeoutHandler(slow, time.Millisecond, "")), "GET", "/notes", 503, "https://app.example.com"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := httptest.NewRequest(test.method, "http://api.example.com"+test.path, nil)
			r.Header.Set("Origin", "https://app.example.com")
			if test.method == "OPTIONS" {
				r.Header.Set("Access-Control-Request-Method", "PUT")
			}
			w := httptest.NewRecorder()
			test.handler.ServeHTTP(w, r)
			origin := w.Result().Header.Get("Access-Control-Allow-Origin")
			if w.Code != test.wantStatus || origin != test.wantOrigin {
				t.Errorf("got status %d and origin %q, want %d and %q", w.Code, origin, test.wantStatus, test.wantOrigin)
			}
		})
	}
}

func muxOf(pattern string, h http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle(pattern, h)
	return mux
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
			r := httptest.NewRequest(test.method, "http://api.example.com/notes", nil)
			r.Header.Set("Origin", test.origin)
			r.Header.Set("Access-Control-Request-Method", "PUT")
			h := httpcors.New(outside)(httpcors.New(inside)(http.HandlerFunc(hello)))
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
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
