package httpcors_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/corstest/adaptertest"
	"github.com/corselet/corselet/httpcors"
)

type layer = func(http.Handler) http.Handler

// docs/layers.md says where these go. Each is asked for the same thing by a page, another one, and the first one again.
func TestLayers(t *testing.T) {
	timeout := func(next http.Handler) http.Handler { return http.TimeoutHandler(next, 20*time.Millisecond, "") }
	byURL := caching(func(r *http.Request) string { return r.URL.Path })
	byOrigin := caching(func(r *http.Request) string { return r.URL.Path + r.Header.Get("Origin") })
	late := httpcors.WithLateFields()
	type wants = [3]string
	same := func(status string) wants { return wants{status, status, status} }
	adaptertest.RunLayers(t, []adaptertest.Layering{
		{Name: "TimeoutHandler behind CORS, with a handler that sets Vary", Ask: "GET /vary",
			App: behind(timeout), Want: same("200, Vary lost")},
		{Name: "TimeoutHandler behind CORS with late fields, with a handler that sets Vary", Ask: "GET /vary",
			App: behind(timeout, late), Want: same("200")},
		{Name: "TimeoutHandler behind CORS, with a handler that does not set Vary", Ask: "GET /",
			App: behind(timeout), Want: same("200")},
		{Name: "TimeoutHandler behind CORS, after the timeout", Ask: "GET /slow",
			App: behind(timeout), Want: same("503")},
		{Name: "TimeoutHandler in front of CORS, after the timeout", Ask: "GET /slow",
			App: inFront(timeout), Want: same("503, no fields")},
		{Name: "recovery behind CORS", Ask: "GET /panic", App: behind(recovers), Want: same("500")},
		{Name: "recovery in front of CORS", Ask: "GET /panic", App: inFront(recovers), Want: same("500")},
		{Name: "recovery behind CORS that clears the header", Ask: "GET /panic",
			App: behind(clearing), Want: same("500, no fields")},
		{Name: "recovery behind CORS with late fields that clears the header", Ask: "GET /panic",
			App: behind(clearing, late), Want: same("500")},
		{Name: "recovery in front of CORS that clears the header", Ask: "GET /panic",
			App: inFront(clearing), Want: same("500, no fields")},
		{Name: "recovery in front of CORS with late fields that clears the header", Ask: "GET /panic",
			App: inFront(clearing, late), Want: same("500, no fields")},
		{Name: "a cache behind CORS that stores header fields", Ask: "GET /",
			App: behind(byURL), Want: wants{"200", "200, the other's fields", "200"}},
		{Name: "a cache behind CORS with late fields that stores header fields", Ask: "GET /",
			App: behind(byURL, late), Want: same("200")},
		{Name: "a cache in front of CORS that stores header fields", Ask: "GET /",
			App: inFront(byURL), Want: wants{"200", "200, the other's fields", "200"}},
		{Name: "a cache in front of CORS with late fields that stores header fields", Ask: "GET /",
			App: inFront(byURL, late), Want: wants{"200", "200, the other's fields", "200"}},
		{Name: "a cache in front of CORS that stores header fields, by origin", Ask: "GET /",
			App: inFront(byOrigin), Want: same("200")},
	})
}

func behind(l layer, opts ...httpcors.Option) func(*core.CORS) corstest.App {
	return func(cors *core.CORS) corstest.App { return corstest.HTTP(httpcors.New(cors, opts...)(l(layered()))) }
}

func inFront(l layer, opts ...httpcors.Option) func(*core.CORS) corstest.App {
	return func(cors *core.CORS) corstest.App { return corstest.HTTP(l(httpcors.New(cors, opts...)(layered()))) }
}

// layered returns an application that layers are put around.
func layered() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/", hello)
	mux.HandleFunc("/vary", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Accept")
		hello(w, r)
	})
	mux.HandleFunc("/slow", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	mux.HandleFunc("/panic", func(http.ResponseWriter, *http.Request) { panic("as the case wants") })
	return mux
}

func recovers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if recover() != nil {
				w.WriteHeader(http.StatusInternalServerError)
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// clearing is recovery that throws away what the handler has set.
func clearing(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if recover() != nil {
				clear(w.Header())
				w.WriteHeader(http.StatusInternalServerError)
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// caching is a response cache that stores header and body, as they come, by a key.
func caching(key func(*http.Request) string) layer {
	return func(next http.Handler) http.Handler {
		stored := map[string]*httptest.ResponseRecorder{}
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			k := key(r)
			if stored[k] == nil {
				recorder := httptest.NewRecorder()
				for name, lines := range w.Header() {
					recorder.Header()[name] = lines
				}
				next.ServeHTTP(recorder, r)
				stored[k] = recorder
			}
			for name, lines := range stored[k].Header() {
				w.Header()[name] = append([]string(nil), lines...)
			}
			w.WriteHeader(stored[k].Code)
			io.WriteString(w, stored[k].Body.String())
		})
	}
}
