package httpcors_test

import (
	"net/http"
	"net/http/httptest"
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
