package adaptertest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
)

// Recipes are the applications that every adapter's README shows. The handles that they get allow
// Page.
type Recipes struct {
	// TwoPolicies has GET /public/news, which every origin may read, and GET /account, which Page
	// alone may read.
	TwoPolicies func() corstest.App
	// WebSocket has GET /socket, which switches protocols for Page, and for clients without Origin,
	// which are no browsers.
	WebSocket func(cors *core.CORS) corstest.App
	// NeedsOrigin says that WebSocket refuses clients without Origin, too.
	NeedsOrigin bool
	// SingleSignOn has POST /transfer, which is blocked for other origins, and POST /sso/callback,
	// which is not.
	SingleSignOn func() corstest.App
	// ReverseProxy hands everything below /api/ on to a server that has CORS fields of its own.
	ReverseProxy func(cors *core.CORS, target *url.URL) corstest.App
}

// RunRecipes asks each of the recipes.
func RunRecipes(t *testing.T, recipes Recipes) {
	cors := compile(t, core.Config{Origins: []string{Page}})
	t.Run("two policies", func(t *testing.T) {
		app := recipes.TwoPolicies()
		checkAsk(t, app, "GET /public/news: 200, for *", "Origin", Another)
		checkAsk(t, app, "GET /account: 200, for no origin", "Origin", Another)
		checkAsk(t, app, "GET /account: 200, for "+Page, "Origin", Page)
	})
	t.Run("WebSocket", func(t *testing.T) {
		app := recipes.WebSocket(cors)
		const refused = "GET /socket: 403, for no origin"
		checkAsk(t, app, "GET /socket: 101, for "+Page, "Upgrade", "websocket", "Origin", Page)
		checkAsk(t, app, refused, "Upgrade", "websocket", "Origin", Another)
		checkAsk(t, app, refused, "Upgrade", "websocket", "Origin", Page, "Origin", Page)
		without := "GET /socket: 101, for no origin"
		if recipes.NeedsOrigin {
			without = refused
		}
		checkAsk(t, app, without, "Upgrade", "websocket")
	})
	t.Run("single sign-on", func(t *testing.T) {
		app := recipes.SingleSignOn()
		checkAsk(t, app, "POST /transfer: 403, for no origin", "Origin", Another)
		checkAsk(t, app, "POST /sso/callback: 200, for no origin", "Origin", Another)
	})
	t.Run("reverse proxy", func(t *testing.T) {
		app := recipes.ReverseProxy(cors, serveUpstream(t))
		checkAsk(t, app, "GET /api/hello: 200, for "+Page, "Origin", Page)
		checkAsk(t, app, "GET /api/hello: 200, for no origin", "Origin", Another)
	})
}

// checkAsk sends a request, and compares the line that [Ask] returns with the one wanted.
func checkAsk(t *testing.T, app corstest.App, want string, header ...string) {
	t.Run(want, func(t *testing.T) {
		ask, _, _ := strings.Cut(want, ":")
		method, path, _ := strings.Cut(ask, " ")
		if got := Ask(app, method, path, header...); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

// serveUpstream serves what a reverse proxy gets, with its own idea of CORS, until the test ends.
func serveUpstream(t *testing.T) *url.URL {
	t.Helper()
	upstream := httptest.NewServer(http.HandlerFunc(
		func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set(core.FieldAllowOrigin, "*")
			_, _ = io.WriteString(w, "hello")
		}))
	t.Cleanup(upstream.Close)
	target, err := url.Parse(upstream.URL)
	if err != nil {
		t.Fatal(err)
	}
	return target
}
