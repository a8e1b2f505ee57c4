package httpcors_test

import (
	"io"
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
		TwoPolicies:  func() corstest.App { return twoPolicies(router("/public/", "public", "private")) },
		SingleSignOn: func() corstest.App { return singleSignOn(router("/sso/callback", "callback", "transfer")) },
		WebSocket:    webSocket, ReverseProxy: reverseProxy,
	})
}

// router returns a mux with a handler for a pattern and one for all other paths, which say who they are.
func router(pattern, there, elsewhere string) http.Handler {
	mux := http.NewServeMux()
	mux.Handle(pattern, says(there))
	mux.Handle("/", says(elsewhere))
	return mux
}

func says(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, text) }
}

func twoPolicies(mux http.Handler) corstest.App {
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
	// Routers, file servers and upstreams read such paths in different ways.
	inDoubt := func(path string) bool {
		return strings.ContainsAny(path, `%\;`) || strings.Contains(path, "//") || strings.Contains(path, "/.")
	}
	isPublic := func(r *http.Request) bool {
		path := r.URL.EscapedPath()
		return strings.HasPrefix(path, "/public/") && !inDoubt(path)
	}
	isPrivate := func(r *http.Request) bool { return !isPublic(r) }

	handler := httpcors.New(public, httpcors.WithSkip(isPrivate))(
		httpcors.New(private, httpcors.WithSkip(isPublic))(mux))

	return corstest.HTTP(handler)
}

func webSocket(cors *core.CORS) corstest.App {
	upgrade := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusSwitchingProtocols) }
	mux := http.NewServeMux()

	mayOpen := httpcors.CheckOrigin(cors)
	mux.HandleFunc("GET /socket", func(w http.ResponseWriter, r *http.Request) {
		if !mayOpen(r) {
			http.Error(w, "origin not allowed", http.StatusForbidden)
			return
		}
		upgrade(w, r)
	})

	return corstest.HTTP(httpcors.New(cors)(mux))
}

func singleSignOn(mux http.Handler) corstest.App {
	cors, err := core.New(core.Config{
		Origins:        []string{"https://app.example.com"},
		RequestHeaders: []string{"Content-Type"},
		Block:          true,
	})
	if err != nil {
		log.Fatal(err)
	}
	// The identity provider's page posts a form here, from an origin that no script should get access from.
	isCallback := func(r *http.Request) bool { return r.URL.EscapedPath() == "/sso/callback" }
	handler := httpcors.New(cors, httpcors.WithSkip(isCallback))(mux)

	return corstest.HTTP(handler)
}

func TestRecipeForCSRF(t *testing.T) {
	cors := mustNew(t, core.Config{Origins: []string{adaptertest.Page}, Credentials: true})
	mux := http.NewServeMux()
	mux.HandleFunc("POST /transfer", says("transferred"))

	handler := httpcors.New(cors)(httpcors.ProtectCSRF(cors)(mux))

	for _, test := range []struct{ origin, want string }{
		{adaptertest.Page, "POST /transfer: 200, for " + adaptertest.Page},
		{adaptertest.Another, "POST /transfer: 403, for no origin"},
	} {
		got := adaptertest.Ask(corstest.HTTP(handler), "POST", "/transfer", "Origin", test.origin, "Sec-Fetch-Site", "cross-site")
		if got != test.want {
			t.Errorf("got %s, want %s", got, test.want)
		}
	}
}

func reverseProxy(cors *core.CORS, target *url.URL) corstest.App {
	proxy := &httputil.ReverseProxy{
		Rewrite:        func(r *httputil.ProxyRequest) { r.SetURL(target) },
		ModifyResponse: httpcors.StripResponse,
	}
	handler := httpcors.New(cors)(proxy)

	return corstest.HTTP(handler)
}
