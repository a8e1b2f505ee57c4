package corstest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/httpcors"
)

func TestConformance(t *testing.T) {
	corstest.Run(t, func(_ *testing.T, spec corstest.Spec) corstest.App {
		return corstest.HTTP(assemble(spec))
	})
}

func TestConformanceWithLateFields(t *testing.T) {
	corstest.Run(t, func(_ *testing.T, spec corstest.Spec) corstest.App {
		return corstest.HTTP(assemble(spec, httpcors.WithLateFields()))
	})
}

// assemble builds the application that corstest.Spec asks for, from the inside out.
func assemble(spec corstest.Spec, options ...httpcors.Option) http.Handler {
	api := httpcors.New(spec.CORS, options...)(http.HandlerFunc(api))
	recovered := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if recover() != nil {
				w.WriteHeader(http.StatusInternalServerError)
			}
		}()
		api.ServeHTTP(w, r)
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, f := range spec.Outer {
			w.Header().Add(f.Name, f.Value)
		}
		recovered.ServeHTTP(w, r)
	})
}

func api(w http.ResponseWriter, r *http.Request) {
	if !strings.HasPrefix(r.URL.Path, "/api/") {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("X-Handler", "hit")
	switch r.URL.Path {
	case "/api/panic":
		panic("as the case wants")
	case "/api/fail":
		w.WriteHeader(http.StatusInternalServerError)
	case "/api/moved":
		http.Redirect(w, r, "/api/ok", http.StatusTemporaryRedirect)
	}
}
