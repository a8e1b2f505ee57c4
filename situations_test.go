package corselet_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/httpcors"
)

const app = "https://app.example.com"

// docs/situations.md shows a policy for each of these. It is found by a header that it lists.
func TestSituationsHavePoliciesThatPass(t *testing.T) {
	headers := func(names ...string) http.Header {
		h := http.Header{}
		for _, name := range names {
			h.Set(name, "1")
		}
		return h
	}
	tests := []struct {
		name, policy string
		request      corstest.Request
		exposed      []string
	}{
		{"tus creates an upload", "Tus-Resumable", corstest.Request{Method: "POST", Header: headers("Tus-Resumable",
			"Upload-Length", "Upload-Metadata", "Authorization")}, []string{"Location", "Tus-Resumable"}},
		{"tus sends a chunk", "Tus-Resumable", corstest.Request{Method: "PATCH", Body: "x", Header: http.Header{
			"Content-Type": {"application/offset+octet-stream"}, "Upload-Offset": {"0"}, "Tus-Resumable": {"1.0.0"}}},
			[]string{"Upload-Offset", "Upload-Expires"}},
		{"tus asks how far it is", "Tus-Resumable",
			corstest.Request{Method: "HEAD", Header: headers("Tus-Resumable")},
			[]string{"Upload-Offset", "Upload-Length"}},
		{"tus ends an upload", "Tus-Resumable",
			corstest.Request{Method: "DELETE", Header: headers("Tus-Resumable")}, nil},
		{"a viewer asks for a range", "If-Range", corstest.Request{Header: http.Header{"Range": {"bytes=0-99"}}},
			[]string{"Accept-Ranges", "Content-Range", "Content-Length", "Content-Encoding",
				"Content-Disposition", "Etag"}},
		{"a viewer asks for the end", "If-Range", corstest.Request{Header: http.Header{
			"Range": {"bytes=-500"}, "If-Range": {`"1"`}}}, nil},
		{"a POST with a key", "Idempotency-Key", corstest.Request{Method: "POST", Body: "{}", Header: http.Header{
			"Content-Type": {"application/json"}, "Idempotency-Key": {"1"}}}, []string{"Location", "Retry-After"}},
		{"a beacon of JSON", `"credentials": true`, beacon("application/json"), nil},
		{"an app", "capacitor://", corstest.Request{Page: "capacitor://localhost", Method: "POST", Body: "{}",
			Header: http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer x"}}}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			handler := situation(t, test.policy, func(w http.ResponseWriter, _ *http.Request) {
				for _, name := range test.exposed {
					w.Header().Set(name, "1")
				}
			})
			test.request.URL = "https://api.example.com/"
			if test.request.Page == "" {
				test.request.Page = app
			}
			got, err := corstest.NewBrowser(handler).Fetch(t.Context(), test.request)
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range test.exposed {
				if got.Header.Get(name) == "" {
					t.Errorf("got no %s in the page, want it exposed", name)
				}
			}
		})
	}
}

// beacon is a request as sendBeacon makes it: with credentials, and by CORS if the type is none of a form's.
func beacon(contentType string) corstest.Request {
	r := corstest.Request{
		Page: app, URL: "https://api.example.com/", Method: "POST", Body: "{}",
		Credentials: corstest.CredentialsInclude, Mode: corstest.ModeNoCORS, Header: http.Header{"Content-Type": {contentType}},
	}
	if contentType == "application/json" {
		r.Mode = corstest.ModeCORS
	}
	return r
}

// situation returns a handler behind the policy in docs/situations.md that mentions a word.
func situation(t *testing.T, word string, handler http.HandlerFunc) http.Handler {
	t.Helper()
	policies := blocks(t, "docs/situations.md", "json", func(text string) bool { return strings.Contains(text, word) })
	if len(policies) != 1 {
		t.Fatalf("got %d policies with %s, want one", len(policies), word)
	}
	config, err := core.ParseConfig([]byte(policies[0]))
	if err != nil {
		t.Fatal(err)
	}
	return around(t, config, handler)
}

// around returns a handler behind a policy.
func around(t *testing.T, config core.Config, handler http.HandlerFunc, opts ...httpcors.Option) http.Handler {
	t.Helper()
	cors, err := core.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return httpcors.New(cors, opts...)(handler)
}

func TestABeaconOfJSONNeedsCredentials(t *testing.T) {
	hits := 0
	handler := func(http.ResponseWriter, *http.Request) { hits++ }
	config := core.Config{Origins: []string{app}, RequestHeaders: []string{"Content-Type"}}
	send := func(contentType string) error {
		_, err := corstest.NewBrowser(around(t, config, handler)).Fetch(t.Context(), beacon(contentType))
		return err
	}
	if err := send("application/json"); err == nil || hits != 0 {
		t.Errorf("JSON: got error %v and %d requests, want it refused", err, hits)
	}
	config.Origins = []string{"https://other.example"}
	if err := send("text/plain"); err != nil || hits != 1 {
		t.Errorf("text: got error %v and %d requests, want it to arrive", err, hits)
	}
	config.Block = true
	if err := send("text/plain"); err != nil || hits != 1 {
		t.Errorf("text, with Block: got error %v and %d requests, want it stopped, unseen by the page", err, hits)
	}
}

func TestAPageCanReadA401AndNoLoginPage(t *testing.T) {
	for _, policy := range []core.Config{
		{Origins: []string{app}, Credentials: true},
		{Origins: []string{app, "https://login.example.org"}, Credentials: true},
	} {
		handler := around(t, policy, func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.Host == "login.example.org": // the policy is in front of it, too
			case r.URL.Path == "/redirects":
				http.Redirect(w, r, "https://login.example.org/", http.StatusFound)
			default:
				w.WriteHeader(http.StatusUnauthorized)
			}
		})
		request := corstest.Request{
			Page: app, URL: "https://api.example.com/redirects", Credentials: corstest.CredentialsInclude,
		}
		if _, err := corstest.NewBrowser(handler).Fetch(t.Context(), request); err == nil {
			t.Errorf("%v: got the login page, want it refused", policy.Origins)
		}
		request.URL = "https://api.example.com/says"
		got, err := corstest.NewBrowser(handler).Fetch(t.Context(), request)
		if err != nil || got.Status != http.StatusUnauthorized {
			t.Errorf("%v: got %v and error %v, want 401", policy.Origins, got, err)
		}
	}
}

// A handler that sets fields of its own overrules the policy, and the log cannot know.
func TestAHandlerWithItsOwnCORS(t *testing.T) {
	other := corstest.Request{Page: "https://other.example", URL: "https://api.example.com/"}
	set := func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Access-Control-Allow-Origin", "*") }
	add := func(w http.ResponseWriter, _ *http.Request) { w.Header().Add("Access-Control-Allow-Origin", "*") }
	late := httpcors.WithLateFields()
	tests := []struct {
		name    string
		handler http.HandlerFunc
		opts    []httpcors.Option
		page    string
		method  string
		passes  bool
	}{
		{"it sets the field: a page that is denied passes", set, nil, other.Page, "GET", true},
		{"it sets the field: not if there is a preflight", set, nil, other.Page, "PUT", false},
		{"it sets the field, late fields: the page is denied", set, []httpcors.Option{late}, other.Page, "GET", false},
		{"it adds the field: an allowed page is denied", add, nil, app, "GET", false},
		{"it adds the field, late fields: the page passes", add, []httpcors.Option{late}, app, "GET", true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			logged := new(reasons)
			config := core.Config{Origins: []string{app}, Methods: []string{"PUT"}}
			cors, err := core.New(config, core.WithObserver(logged))
			if err != nil {
				t.Fatal(err)
			}
			handler := httpcors.New(cors, test.opts...)(test.handler)
			_, err = corstest.NewBrowser(handler).Fetch(t.Context(),
				corstest.Request{Page: test.page, URL: other.URL, Method: test.method})
			if (err == nil) != test.passes {
				t.Errorf("got error %v, want none: %v", err, test.passes)
			}
			if want := test.page != app; (logged.String() != "") != want {
				t.Errorf("got %q logged, want a denial: %v", logged, want)
			}
		})
	}
}

// Where browsers send no Sec-Fetch-Site, which is plain http, Origin and Host are all there is.
func TestBlockAndOnesOwnPages(t *testing.T) {
	handler := around(t, core.Config{Origins: []string{"https://other.example"}, Block: true},
		func(http.ResponseWriter, *http.Request) {})
	tests := []struct {
		name, host, origin, site string
		want                     int
	}{
		{"an own page", "app.example.com", "http://app.example.com", "", 200},
		{"an own page, and a proxy rewrites Host", "backend:8080", "http://app.example.com", "", 403},
		{"an own page, a proxy rewrites Host, https", "backend:8080", "https://app.example.com", "same-origin", 200},
		{"an own page's form with no-referrer", "app.example.com", "null", "", 403},
		{"an own page's form with no-referrer, https", "app.example.com", "null", "same-origin", 200},
		{"a page of another origin", "app.example.com", "https://evil.example", "cross-site", 403},
	}
	for _, test := range tests {
		r := httptest.NewRequest("POST", "/", nil)
		r.Host = test.host
		r.Header.Set("Origin", test.origin)
		if test.site != "" {
			r.Header.Set("Sec-Fetch-Site", test.site)
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != test.want {
			t.Errorf("%s: got %d, want %d", test.name, w.Code, test.want)
		}
	}
}

// SECURITY.md says so.
func TestAllowOriginIsTheRequestsOwnSlice(t *testing.T) {
	overwrite := func(_ http.ResponseWriter, r *http.Request) { r.Header["Origin"][0] = "https://evil.example" }
	replace := func(_ http.ResponseWriter, r *http.Request) { r.Header.Set("Origin", "https://evil.example") }
	tests := []struct {
		name    string
		handler http.HandlerFunc
		opts    []httpcors.Option
		want    string
	}{
		{"a handler writes into it", overwrite, nil, "https://evil.example"},
		{"a handler replaces it", replace, nil, app},
		{"a handler writes into it, late fields", overwrite, []httpcors.Option{httpcors.WithLateFields()}, app},
	}
	for _, test := range tests {
		handler := around(t, core.Config{Origins: []string{app}}, test.handler, test.opts...)
		for range 2 { // the second answer shows that it is that one response only
			r := httptest.NewRequest("GET", "/", nil)
			r.Header.Set("Origin", app)
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			if got := w.Header().Get("Access-Control-Allow-Origin"); got != test.want {
				t.Errorf("%s: got %s, want %s", test.name, got, test.want)
			}
		}
	}
}

func TestPrivateNetworkAccessIsNotAnswered(t *testing.T) {
	handler := around(t, core.Config{Origins: []string{app}}, func(http.ResponseWriter, *http.Request) {})
	r := httptest.NewRequest("OPTIONS", "/", nil)
	r.Header.Set("Origin", app)
	r.Header.Set("Access-Control-Request-Method", "GET")
	r.Header.Set("Access-Control-Request-Private-Network", "true")
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	if got := w.Header().Get("Access-Control-Allow-Private-Network"); w.Code != 204 || got != "" {
		t.Errorf("got %d and %q, want 204 and no such field", w.Code, got)
	}
}

func TestOnlyAListOfOriginsCostsACDNCopies(t *testing.T) {
	for origins, want := range map[string]string{"*": "", app: "Origin"} {
		handler := around(t, core.Config{Origins: []string{origins}}, func(http.ResponseWriter, *http.Request) {})
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		if got := w.Header().Get("Vary"); got != want {
			t.Errorf("%s: got Vary %q, want %q", origins, got, want)
		}
	}
}

// What docs/situations.md says of beacons and of Cross-Origin-Resource-Policy, and the READMEs of forms with
// no-referrer.
func TestChromiumDoesWhatSituationsSays(t *testing.T) {
	if _, err := os.Stat("docs/situations.md"); err != nil {
		t.Skip("needs a checkout of the repository:", err)
	}
	seen := new(journal)
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { seen.servePage(w, r) }))
	defer page.Close()
	origin := strings.Replace(page.URL, "127.0.0.1", "app.localhost", 1)
	cors, err := core.New(core.Config{
		Origins: []string{origin}, Credentials: true, RequestHeaders: []string{"Content-Type"},
	})
	if err != nil {
		t.Fatal(err)
	}
	with := httpcors.New(cors)(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cross-Origin-Resource-Policy", "same-origin")
		w.Header().Set("Content-Type", "image/svg+xml")
		io.WriteString(w, `<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>`)
	}))
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen.note("%s %s %s", r.Method, r.URL.Path, r.Header.Get("Sec-Fetch-Mode"))
		with.ServeHTTP(w, r)
	}))
	defer api.Close()
	runChromium(t, origin+"/?"+strings.Replace(api.URL, "127.0.0.1", "api.app.localhost", 1))
	for _, want := range []string{
		"POST /text no-cors", "OPTIONS /json cors", "POST /json cors", // beacons
		"plain image fails", "image with crossorigin passes", "fetch passes", // Cross-Origin-Resource-Policy
		"form from null, same-origin",
	} {
		if !slices.Contains(seen.lines(), want) {
			t.Errorf("got no %q, want it in %q", want, seen.lines())
		}
	}
	if unwanted := "OPTIONS /text cors"; slices.Contains(seen.lines(), unwanted) {
		t.Errorf("got %q, want no preflight", unwanted)
	}
}

// journal is what a page and its server have seen.
type journal struct {
	mu  sync.Mutex
	all []string
}

func (j *journal) note(format string, args ...any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.all = append(j.all, fmt.Sprintf(format, args...))
}

func (j *journal) lines() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.all)
}

// servePage serves a page that does all of it, and takes what it says.
func (j *journal) servePage(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/says":
		what, _ := io.ReadAll(r.Body)
		j.note("%s", what)
	case "/form":
		j.note("form from %s, %s", r.Header.Get("Origin"), r.Header.Get("Sec-Fetch-Site"))
	default:
		w.Header().Set("Content-Type", "text/html")
		io.WriteString(w, `<!doctype html><link rel="icon" href="data:,"><meta name="referrer" content="no-referrer">
<iframe name="target"></iframe><form method="post" action="/form" target="target"></form><script type="module">
const api = location.search.slice(1);
const says = what => fetch("/says", {method: "POST", body: what});
const image = (name, crossOrigin) => new Promise(done => {
	const img = new Image();
	img.crossOrigin = crossOrigin;
	img.onload = () => says(name + " passes").then(done);
	img.onerror = () => says(name + " fails").then(done);
	img.src = api + "/image?" + name;
});
navigator.sendBeacon(api + "/text", "x");
navigator.sendBeacon(api + "/json", new Blob(["{}"], {type: "application/json"}));
await image("plain image", null);
await image("image with crossorigin", "anonymous");
await fetch(api + "/image").then(() => says("fetch passes"), () => says("fetch fails"));
const loaded = new Promise(done => document.querySelector("iframe").onload = done);
document.forms[0].submit();
await loaded;
await new Promise(done => setTimeout(done, 500));
console.log("all is said");
</script>`)
	}
}
