package httpcors_test

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"

	"github.com/corselet/corselet/core"
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
	ask(handler, "GET", "/api/hello", "Origin", "https://stranger.example")
	ask(handler, "OPTIONS", "/api/hello", "Origin", "https://app.example.com", "Access-Control-Request-Method", "PUT")
	ask(handler, "OPTIONS", "/api/hello", "Origin", "https://stranger.example", "Access-Control-Request-Method", "PUT")
	// Output:
	// GET /api/hello: 200, for https://app.example.com
	// GET /api/hello: 200, for nobody
	// OPTIONS /api/hello: 204, for https://app.example.com
	// OPTIONS /api/hello: 403, for nobody
}

func Example_twoPolicies() {
	mux := http.NewServeMux()
	mux.HandleFunc("/public/news", hello)
	mux.HandleFunc("/account", hello)

	public, err := core.New(core.Config{Origins: []string{"*"}}, core.WithName("public"))
	if err != nil {
		log.Fatal(err)
	}
	private, err := core.New(core.Config{
		Origins:        []string{"https://app.example.com"},
		Credentials:    true,
		RequestHeaders: []string{"Content-Type"},
	}, core.WithName("private"))
	if err != nil {
		log.Fatal(err)
	}
	isPublic := func(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/public/") }
	isPrivate := func(r *http.Request) bool { return !isPublic(r) }

	handler := httpcors.New(public, httpcors.WithSkip(isPrivate))(
		httpcors.New(private, httpcors.WithSkip(isPublic))(mux))

	ask(handler, "GET", "/public/news", "Origin", "https://anybody.example")
	ask(handler, "GET", "/account", "Origin", "https://anybody.example")
	ask(handler, "GET", "/account", "Origin", "https://app.example.com")
	// Output:
	// GET /public/news: 200, for *
	// GET /account: 200, for nobody
	// GET /account: 200, for https://app.example.com
}

func Example_webSocket() {
	cors, err := core.New(core.Config{Origins: []string{"https://app.example.com"}})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()

	mux.HandleFunc("GET /socket", func(w http.ResponseWriter, r *http.Request) {
		origins := r.Header["Origin"]
		if len(origins) != 1 || !cors.AllowsOrigin(r.Context(), origins[0]) {
			http.Error(w, "origin not allowed", http.StatusForbidden)
			return
		}
		upgrade(w, r)
	})

	handler := httpcors.New(cors)(mux)
	ask(handler, "GET", "/socket", "Upgrade", "websocket", "Origin", "https://app.example.com")
	ask(handler, "GET", "/socket", "Upgrade", "websocket", "Origin", "https://stranger.example")
	ask(handler, "GET", "/socket", "Upgrade", "websocket")
	// Output:
	// GET /socket: 101, for https://app.example.com
	// GET /socket: 403, for nobody
	// GET /socket: 403, for nobody
}

func Example_singleSignOn() {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /sso/callback", hello)
	mux.HandleFunc("POST /transfer", hello)

	cors, err := core.New(core.Config{
		Origins:        []string{"https://app.example.com"},
		RequestHeaders: []string{"Content-Type"},
		Block:          true,
	})
	if err != nil {
		log.Fatal(err)
	}
	// The identity provider's page posts a form here, from an origin that no script should get access from.
	isCallback := func(r *http.Request) bool { return r.URL.Path == "/sso/callback" }
	handler := httpcors.New(cors, httpcors.WithSkip(isCallback))(mux)

	ask(handler, "POST", "/transfer", "Origin", "https://login.example.org")
	ask(handler, "POST", "/sso/callback", "Origin", "https://login.example.org")
	// Output:
	// POST /transfer: 403, for nobody
	// POST /sso/callback: 200, for nobody
}

func Example_reverseProxy() {
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*") // its own idea of CORS
		hello(w, r)
	}))
	defer upstream.Close()
	target, err := url.Parse(upstream.URL)
	if err != nil {
		log.Fatal(err)
	}
	cors, err := core.New(core.Config{Origins: []string{"https://app.example.com"}})
	if err != nil {
		log.Fatal(err)
	}

	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) },
		ModifyResponse: func(r *http.Response) error {
			for name := range r.Header {
				if strings.HasPrefix(name, "Access-Control-") {
					r.Header.Del(name)
				}
			}
			return nil
		},
	}
	handler := httpcors.New(cors)(proxy)

	ask(handler, "GET", "/api/hello", "Origin", "https://app.example.com")
	ask(handler, "GET", "/api/hello", "Origin", "https://stranger.example")
	// Output:
	// GET /api/hello: 200, for https://app.example.com
	// GET /api/hello: 200, for nobody
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
	// OPTIONS /api/hello: 401, for nobody
	// OPTIONS /api/hello: 204, for https://app.example.com
	// GET /api/hello: 401, for https://app.example.com
}

// ask sends a request in process, and prints the status of the answer and the origin that it is readable for.
func ask(h http.Handler, method, path string, fields ...string) {
	r := httptest.NewRequest(method, "http://api.example.com"+path, nil)
	for i := 0; i < len(fields); i += 2 {
		r.Header.Set(fields[i], fields[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	readers := "nobody"
	if origins := w.Result().Header["Access-Control-Allow-Origin"]; len(origins) > 0 {
		readers = strings.Join(origins, " and ")
	}
	fmt.Printf("%s %s: %d, for %s\n", method, path, w.Code, readers)
}

func hello(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") }

// upgrade stands for a WebSocket library.
func upgrade(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusSwitchingProtocols) }

// authenticate stands for an authentication middleware.
func authenticate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}
