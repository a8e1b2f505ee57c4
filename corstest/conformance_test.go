package corstest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/httpcors"
)

func TestConformance(t *testing.T) {
	for name, option := range map[string]httpcors.Option{"by default": nil, "with late fields": httpcors.WithLateFields()} {
		t.Run(name, func(t *testing.T) {
			corstest.Run(t, func(_ *testing.T, spec corstest.Spec) corstest.App {
				return corstest.HTTP(assemble(spec, option))
			})
		})
	}
}

// assemble builds the application that corstest.Spec asks for, from the inside out.
func assemble(spec corstest.Spec, option httpcors.Option) http.Handler {
	api := httpcors.New(spec.CORS, option)(http.HandlerFunc(api))
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
