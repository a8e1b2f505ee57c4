package httpcors_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/httpcors"
)

func TestConformance(t *testing.T) {
	corstest.Run(t, func(_ *testing.T, spec corstest.Spec) corstest.App {
		h := recovered(httpcors.New(spec.CORS)(http.HandlerFunc(api)))
		return corstest.HTTP(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			for _, f := range spec.Outer {
				w.Header().Add(f.Name, f.Value)
			}
			h.ServeHTTP(w, r)
		}))
	})
}

// api is the handler that corstest.Spec asks for.
func api(w http.ResponseWriter, r *http.Request) {
	if !strings.HasPrefix(r.URL.Path, "/api/") {
		http.NotFound(w, r)
		return
	}
	if r.URL.Path == "/api/panic" {
		panic("as the case wants")
	}
	w.Header().Set("X-Handler", "hit")
	switch r.URL.Path {
	case "/api/fail":
		w.WriteHeader(http.StatusInternalServerError)
	case "/api/moved":
		http.Redirect(w, r, "/api/ok", http.StatusTemporaryRedirect)
	}
}

// recovered is a recovery middleware.
func recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if recover() != nil {
				w.WriteHeader(http.StatusInternalServerError)
			}
		}()
		next.ServeHTTP(w, r)
	})
}
