package httpcors_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/corstest/adaptertest"
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
		name    string
		handler http.Handler
		method  string
		path    string
		want    string
	}{
		{"around one route, the mux answers the preflight first",
			muxOf("PUT /notes", with(ok)), "OPTIONS", "/notes", "405, for no origin"},
		{"around the mux, the preflight is answered",
			with(muxOf("PUT /notes", ok)), "OPTIONS", "/notes", "204, for https://app.example.com"},
		{"around one route, the mux's redirect carries no field",
			muxOf("/notes/", with(ok)), "GET", "/notes", "307, for no origin"},
		{"around the mux, its redirect carries the fields",
			with(muxOf("/notes/", ok)), "GET", "/notes", "307, for https://app.example.com"},
		{"around the mux, its 404 carries the fields",
			with(muxOf("/notes", ok)), "GET", "/other", "404, for https://app.example.com"},
		{"inside of TimeoutHandler, the 503 carries no field",
			http.TimeoutHandler(with(slow), time.Millisecond, ""), "GET", "/notes", "503, for no origin"},
		{"around TimeoutHandler, the 503 carries the fields",
			with(http.TimeoutHandler(slow, time.Millisecond, "")), "GET", "/notes", "503, for https://app.example.com"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := adaptertest.Ask(corstest.HTTP(test.handler), test.method, test.path,
				"Origin", adaptertest.Page, "Access-Control-Request-Method", "PUT")
			if want := test.method + " " + test.path + ": " + test.want; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

func muxOf(pattern string, h http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle(pattern, h)
	return mux
}

func TestTwoLayers(t *testing.T) {
	adaptertest.RunTwoLayers(t, func(outer, inner *core.CORS) corstest.App {
		return corstest.HTTP(httpcors.New(outer)(httpcors.New(inner)(http.HandlerFunc(api))))
	})
}

// api is the part of the handler that corstest.Spec asks for which is needed here.
func api(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-Handler", "hit") }
