package corselet_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/httpcors"
)

// complaint is something that a page does, and what Chromium's console says of it. docs/troubleshooting.md begins with
// what consoles say.
type complaint struct {
	name       string
	policy     core.Config // PAGE in Origins is the page's origin
	wiring     wiring      // nil: around everything
	fetch      string      // second argument of fetch
	redirected bool        // the console says "redirected from"
	says       string      // ORIGIN is the page's origin
	logged     string      // reason that the server logs; empty if it cannot know
}

// wiring puts a policy in front of an application.
type wiring func(with func(http.Handler) http.Handler, app http.Handler) http.Handler

var everything = core.Config{Origins: []string{"PAGE"}, Methods: []string{"PUT"}, RequestHeaders: []string{"Content-Type"}}

var listed = core.Config{Origins: []string{"https://app.example.com"}}

const (
	onPreflight = "Response to preflight request doesn't pass access control check: "
	missing     = "No 'Access-Control-Allow-Origin' header is present on the requested resource."
	noLeave     = "The value of the 'Access-Control-Allow-Credentials' header in the response is '' " +
		"which must be 'true' when the request's credentials mode is 'include'."
)

var complaints = []complaint{
	{
		name: "the origin is not on the list", policy: listed, fetch: `{}`,
		says: missing, logged: "origin_not_allowed",
	},
	{
		name: "the origin is not on the list, preflight", policy: listed, fetch: `{method: "PUT"}`,
		says: onPreflight + missing, logged: "origin_not_allowed",
	},
	{
		name: "the origin is not on the list, and the policy blocks", fetch: `{}`,
		policy: core.Config{Origins: listed.Origins, Block: true},
		says:   missing, logged: "origin_not_allowed",
	},
	{
		name: "OriginFunc fails", fetch: `{}`, says: missing, logged: "origin_lookup_failed",
		policy: core.Config{OriginFunc: func(context.Context, core.OriginRequest) (bool, error) {
			return false, errors.New("the database does not answer")
		}},
	},
	{
		name: "there is no policy here at all", policy: everything, wiring: nowhere, fetch: `{}`, says: missing,
	},
	{
		name: "authentication is in front", policy: everything, wiring: behindAuthentication,
		fetch: `{headers: {Authorization: "Bearer x"}}`, says: onPreflight + missing,
	},
	{
		name: "the policy is around one route", policy: everything, wiring: aroundOneRoute,
		fetch: `{method: "PUT"}`, says: onPreflight + missing,
	},
	{
		name: "the router redirects in front of the policy", policy: everything, wiring: behindRedirect,
		fetch: `{method: "PUT"}`, says: onPreflight + "Redirect is not allowed for a preflight request.",
	},
	{
		name: "the application redirects to a login page elsewhere", policy: everything, wiring: toLogin,
		fetch: `{credentials: "same-origin"}`, redirected: true, says: missing,
	},
	{
		name: "the login page elsewhere has the policy, too", policy: everything, wiring: toLoginWithPolicy,
		fetch: `{}`, redirected: true, says: missing, logged: "origin_null",
	},
	{
		name: "a proxy sets the field, and the preflight fails", policy: everything, wiring: behindProxyThatFails,
		fetch: `{method: "PUT"}`, says: onPreflight + "It does not have HTTP ok status.",
	},
	{
		name: "a proxy sets the field as well", policy: everything, wiring: behindProxyThatAdds, fetch: `{}`,
		says: "The 'Access-Control-Allow-Origin' header contains multiple values 'ORIGIN, ORIGIN', but only one is " +
			"allowed. Have the server send the header with a valid value.",
	},
	{
		name: "a proxy sets another origin", policy: listed, wiring: behindProxyThatSets, fetch: `{}`,
		says: "The 'Access-Control-Allow-Origin' header has a value 'https://app.example.com' that is not equal to the " +
			"supplied origin. Have the server send the header with a valid value.",
		logged: "origin_not_allowed",
	},
	{
		name: "credentials under a policy without", policy: everything, fetch: `{credentials: "include"}`,
		says: noLeave,
	},
	{
		name: "cookies under a policy without credentials", policy: everything, wiring: withCookie,
		fetch: `{credentials: "include"}`, says: noLeave, logged: "credentials_not_allowed",
	},
	{
		name: "credentials under a policy without, preflight", policy: everything,
		fetch: `{method: "PUT", credentials: "include"}`, says: onPreflight + noLeave,
	},
	{
		name: "credentials under *", policy: core.Config{Origins: []string{"*"}}, fetch: `{credentials: "include"}`,
		says: "The value of the 'Access-Control-Allow-Origin' header in the response must not be the wildcard '*' when " +
			"the request's credentials mode is 'include'.",
	},
	{
		name: "the method is not on the list", policy: everything, fetch: `{method: "DELETE"}`,
		says: "Method DELETE is not allowed by Access-Control-Allow-Methods in preflight response.", logged: "method_not_allowed",
	},
	{
		name: "the page writes patch in lower case", fetch: `{method: "patch"}`,
		policy: core.Config{Origins: []string{"PAGE"}, Methods: []string{"PATCH"}},
		says:   "Method patch is not allowed by Access-Control-Allow-Methods in preflight response.", logged: "method_not_allowed",
	},
	{
		name: "the header is not on the list", policy: everything, fetch: `{headers: {"X-Trace": "1"}}`,
		says:   "Request header field x-trace is not allowed by Access-Control-Allow-Headers in preflight response.",
		logged: "header_not_allowed",
	},
	{
		name: "JSON without Content-Type on the list", policy: core.Config{Origins: []string{"PAGE"}},
		fetch:  `{method: "POST", headers: {"Content-Type": "application/json"}, body: "{}"}`,
		says:   "Request header field content-type is not allowed by Access-Control-Allow-Headers in preflight response.",
		logged: "header_not_allowed",
	},
	{
		name: "a proxy sends a list that is none", policy: everything, wiring: behindProxyThatGarbles,
		fetch: `{method: "PUT"}`, says: "Cannot parse Access-Control-Allow-Methods response header field in preflight response.",
	},
}

// The page is for people who search it for what their console says, so it has to be there, with what the server logs.
func TestTroubleshootingNamesEveryComplaint(t *testing.T) {
	inCheckout(t)
	data, err := os.ReadFile("docs/troubleshooting.md")
	if err != nil {
		t.Fatal(err)
	}
	page := strings.Join(strings.Fields(string(data)), " ")
	for _, c := range complaints {
		text := strings.TrimPrefix(c.says, onPreflight)
		for _, example := range [][2]string{
			{"ORIGIN", "https://app.example.com"}, {"DELETE", "PATCH"}, {"patch", "PATCH"}, {"content-type", "x-trace"},
		} {
			text = strings.ReplaceAll(text, example[0], example[1])
		}
		if !strings.Contains(page, text) {
			t.Errorf("%s: got no %q in docs/troubleshooting.md, want it", c.name, text)
		}
		if c.redirected && !strings.Contains(page, "(redirected from '…')") {
			t.Errorf("%s: got no %q in docs/troubleshooting.md, want it", c.name, "redirected from")
		}
		if !strings.Contains(page, "`"+c.logged+"`") && c.logged != "" {
			t.Errorf("%s: got no `%s` in docs/troubleshooting.md, want it", c.name, c.logged)
		}
	}
}

func TestChromiumSaysWhatTroubleshootingSays(t *testing.T) {
	inCheckout(t)
	logged := make([]reasons, len(complaints))
	api := httptest.NewUnstartedServer(nil)
	page := httptest.NewServer(http.HandlerFunc(servePage))
	defer page.Close()
	origin := strings.Replace(page.URL, "127.0.0.1", "app.localhost", 1)
	mux := http.NewServeMux()
	for i, c := range complaints {
		mux.Handle(casePath(i), c.application(t, origin, &logged[i]))
	}
	api.Config.Handler = mux
	api.Start()
	defer api.Close()

	said := runChromium(t, origin+"/?"+strings.Replace(api.URL, "127.0.0.1", "api.app.localhost", 1)) // one site, for cookies
	for i, c := range complaints {
		want := strings.ReplaceAll(c.says, "ORIGIN", origin)
		if c.redirected {
			want = redirected + want
		}
		if got := said[casePath(i)]; got != want {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, want)
		}
		if got := logged[i].String(); got != c.logged {
			t.Errorf("%s: got %q logged, want %q", c.name, got, c.logged)
		}
	}
}

// application returns the API that a complaint is about, for a page of the origin.
func (c *complaint) application(t *testing.T, origin string, logged *reasons) http.Handler {
	t.Helper()
	config := c.policy
	config.Origins = nil
	for _, entry := range c.policy.Origins {
		config.Origins = append(config.Origins, strings.ReplaceAll(entry, "PAGE", origin))
	}
	cors, err := core.New(config, core.WithObserver(logged))
	if err != nil {
		t.Fatal(err)
	}
	wire := c.wiring
	if wire == nil {
		wire = func(with func(http.Handler) http.Handler, app http.Handler) http.Handler { return with(app) }
	}
	return wire(httpcors.New(cors), http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
}
