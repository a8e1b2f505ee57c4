package httpcors_test

import (
	"fmt"
	"io"
	"log"
	"net/http"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/corstest/adaptertest"
	"github.com/corselet/corselet/httpcors"
)

func Example() {
	cors, err := core.New(core.Config{
		Origins:        []string{"https://app.example.com"},
		Methods:        []string{"PUT", "DELETE"},
		RequestHeaders: []string{"Content-Type"}, // without it no page can send JSON
	})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/hello", hello)
	handler := httpcors.New(cors)(mux)

	ask(handler, "GET", "/api/hello", "Origin", "https://app.example.com")
	ask(handler, "GET", "/api/hello", "Origin", "https://another.example")
	ask(handler, "OPTIONS", "/api/hello", "Origin", "https://app.example.com", "Access-Control-Request-Method", "PUT")
	ask(handler, "OPTIONS", "/api/hello", "Origin", "https://another.example", "Access-Control-Request-Method", "PUT")
	// Output:
	// GET /api/hello: 200, for https://app.example.com
	// GET /api/hello: 200, for no origin
	// OPTIONS /api/hello: 204, for https://app.example.com
	// OPTIONS /api/hello: 403, for no origin
}

// A preflight carries no cookie and no Authorization field, so authentication in front of CORS turns every one of them
// away, and the browser never sends the request itself.
func Example_wrongAuthenticationInFront() {
	cors, err := core.New(core.Config{
		Origins:        []string{"https://app.example.com"},
		RequestHeaders: []string{"Authorization"},
	})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/hello", hello)

	wrong := authenticate(httpcors.New(cors)(mux))
	right := httpcors.New(cors)(authenticate(mux))

	preflight := []string{"Origin", "https://app.example.com",
		"Access-Control-Request-Method", "GET", "Access-Control-Request-Headers", "authorization"}
	ask(wrong, "OPTIONS", "/api/hello", preflight...)
	ask(right, "OPTIONS", "/api/hello", preflight...)
	ask(right, "GET", "/api/hello", "Origin", "https://app.example.com") // the script can read that it is a 401
	// Output:
	// OPTIONS /api/hello: 401, for no origin
	// OPTIONS /api/hello: 204, for https://app.example.com
	// GET /api/hello: 401, for https://app.example.com
}

// ask sends a request in process, and prints the status of the answer and the origin that may read it.
func ask(h http.Handler, method, path string, header ...string) {
	fmt.Println(adaptertest.Ask(corstest.HTTP(h), method, path, header...))
}

func hello(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") }

// authenticate is what authentication middleware does to a request without credentials.
func authenticate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}
