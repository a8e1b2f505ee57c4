package httpcors_test

import (
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/corstest/adaptertest"
	"github.com/corselet/corselet/httpcors"
)

// The excerpts of the README, each in an application.
func TestRecipes(t *testing.T) {
	adaptertest.RunRecipes(t, adaptertest.Recipes{
		TwoPolicies: twoPolicies, WebSocket: webSocket, SingleSignOn: singleSignOn, ReverseProxy: reverseProxy,
	})
}

func twoPolicies() corstest.App {
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

	return corstest.HTTP(handler)
}

func webSocket(cors *core.CORS) corstest.App {
	upgrade := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusSwitchingProtocols) }
	mux := http.NewServeMux()

	mux.HandleFunc("GET /socket", func(w http.ResponseWriter, r *http.Request) {
		origins := r.Header["Origin"]
		if len(origins) != 1 || !cors.AllowsOrigin(r.Context(), origins[0]) {
			http.Error(w, "origin not allowed", http.StatusForbidden)
			return
		}
		upgrade(w, r)
	})

	return corstest.HTTP(httpcors.New(cors)(mux))
}

func singleSignOn() corstest.App {
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

	return corstest.HTTP(handler)
}

func reverseProxy(cors *core.CORS, target *url.URL) corstest.App {
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

	return corstest.HTTP(handler)
}
