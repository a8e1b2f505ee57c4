package httpcors_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/httpcors"
)

func TestProtectCSRF(t *testing.T) {
	const page, own, another = "https://app.example.com", "https://api.example.com", "https://another.example"
	credentials := mustNew(t, core.Config{Origins: []string{page, "https://*.preview.example.com"}, Credentials: true})
	without := mustNew(t, core.Config{Origins: []string{page}})
	star := mustNew(t, core.Config{Origins: []string{"*"}})
	null := mustNew(t, core.Config{Origins: []string{page, "null"}, Unsafe: core.Unsafe{Accept: []string{"null"}}})
	tests := []struct {
		name         string
		cors         *core.CORS
		method, site string
		origins      []string
		want         bool // the handler runs
	}{
		{"a form of another site", credentials, "POST", "cross-site", []string{another}, false},
		{"a form of another site, by an old browser", credentials, "POST", "", []string{another}, false},
		{"a form of another site without Origin", credentials, "POST", "cross-site", nil, false},
		{"a form of a page of the same site", credentials, "POST", "same-site", []string{"https://www.example.com"}, false},
		{"a form of an allowed page", credentials, "POST", "cross-site", []string{page}, true},
		{"a form of an allowed page, by an old browser", credentials, "POST", "", []string{page}, true},
		{"a form of a page that a wildcard allows", credentials, "POST", "same-site", []string{"https://pr-7.preview.example.com"}, true},
		{"DELETE of an allowed page", credentials, "DELETE", "same-site", []string{page}, true},
		{"DELETE of another page", credentials, "DELETE", "cross-site", []string{another}, false},
		{"an unknown method of another page", credentials, "get", "cross-site", []string{another}, false},
		{"a form of an allowed page, without credentials", without, "POST", "cross-site", []string{page}, false},
		{"a form of any page under *", star, "POST", "cross-site", []string{another}, false},
		{"a form of any page under *, by an old browser", star, "POST", "", []string{another}, false},
		{"a form from null", credentials, "POST", "cross-site", []string{"null"}, false},
		{"a form from null that the policy allows", null, "POST", "cross-site", []string{"null"}, false},
		{"a form of any page without a policy", nil, "POST", "cross-site", []string{page}, false},
		{"a form of any page with an empty handle", new(core.CORS), "POST", "cross-site", []string{page}, false},
		{"a form of the own page", credentials, "POST", "same-origin", []string{own}, true},
		{"a form of the own page, by an old browser", credentials, "POST", "", []string{own}, true},
		{"a form of the own page without a policy", nil, "POST", "same-origin", []string{own}, true},
		{"a request that the user typed", credentials, "POST", "none", nil, true},
		{"no browser sends nothing", credentials, "POST", "", nil, true},
		{"GET of another site", credentials, "GET", "cross-site", []string{another}, true},
		{"a preflight of another site", credentials, "OPTIONS", "cross-site", []string{another}, true},
		{"an allowed page twice", credentials, "POST", "cross-site", []string{page, page}, false},
		{"an allowed page twice, by an old browser", credentials, "POST", "", []string{page, page}, false},
		{"an allowed page and another one", credentials, "POST", "cross-site", []string{page, another}, false},
		{"an empty Origin", credentials, "POST", "cross-site", []string{""}, false},
		{"a slash at the end", credentials, "POST", "cross-site", []string{page + "/"}, false},
		{"upper case", credentials, "POST", "cross-site", []string{"HTTPS://APP.EXAMPLE.COM"}, false},
		{"a name that begins like an allowed one", credentials, "POST", "cross-site", []string{page + ".evil.example"}, false},
		{"64 KiB", credentials, "POST", "cross-site", []string{page + strings.Repeat(".a", 32<<10)}, false},
		{"64 KiB, by an old browser", credentials, "POST", "", []string{page + strings.Repeat(".a", 32<<10)}, false},
		{"a Sec-Fetch-Site that there is not", credentials, "POST", "SAME-ORIGIN", []string{another}, false},
	}
	for _, test := range tests {
		r := httptest.NewRequest(test.method, "/transfer", nil)
		r.Host = "api.example.com"
		if test.origins != nil {
			r.Header["Origin"] = test.origins
		}
		if test.site != "" {
			r.Header.Set("Sec-Fetch-Site", test.site)
		}
		ran := false
		h := httpcors.ProtectCSRF(test.cors)(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { ran = true }))
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		status := http.StatusOK
		if !test.want {
			status = http.StatusForbidden
		}
		if ran != test.want || w.Code != status || w.Body.Len() > 0 || len(w.Header()) > 0 {
			t.Errorf("%s: got handler %v, %d, header %v and body %q, want %v, %d and nothing more",
				test.name, ran, w.Code, w.Header(), w.Body, test.want, status)
		}
	}
}

func TestProtectCSRFAsksTheLivePolicy(t *testing.T) {
	a := core.Config{Origins: []string{"https://a.example"}, Credentials: true}
	cors := mustNew(t, a)
	h := httpcors.ProtectCSRF(cors)(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	withoutCredentials, other := a, a
	withoutCredentials.Credentials = false
	other.Origins = []string{"https://b.example"}
	for _, step := range []struct {
		name   string
		config core.Config
		want   int
	}{
		{"with credentials", a, 200}, {"without credentials", withoutCredentials, 403}, {"for another origin", other, 403}, {"again", a, 200},
	} {
		if err := cors.Reconfigure(step.config); err != nil {
			t.Fatal(err)
		}
		w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", nil)
		r.Header.Set("Origin", "https://a.example")
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		if h.ServeHTTP(w, r); w.Code != step.want {
			t.Errorf("%s: got %d, want %d", step.name, w.Code, step.want)
		}
	}
}

// Inside of the CORS middleware an allowed page is told even what is refused, and there is no body to speak of.
func TestProtectCSRFInsideOfCORS(t *testing.T) {
	cors := mustNew(t, core.Config{Origins: []string{"https://app.example.com"}})
	inner := httpcors.New(cors)(httpcors.ProtectCSRF(cors)(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("the handler ran")
	})))
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Content-Encoding", "gzip")
		inner.ServeHTTP(w, r)
	})
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", nil)
	r.Header.Set("Origin", "https://app.example.com")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	h.ServeHTTP(w, r)
	want := http.Header{"Access-Control-Allow-Origin": {"https://app.example.com"}, "Vary": {"Origin"}}
	if w.Code != http.StatusForbidden || !maps.EqualFunc(w.Header(), want, slices.Equal) || w.Body.Len() > 0 {
		t.Errorf("got %d, %v and body %q, want 403, %v and no body", w.Code, w.Header(), w.Body, want)
	}
}

func TestProtectCSRFDoesNotAllocate(t *testing.T) {
	cors := mustNew(t, core.Config{Origins: []string{"https://app.example.com"}, Credentials: true})
	ran := 0
	h := httpcors.ProtectCSRF(cors)(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { ran++ }))
	w := discard{}
	for _, site := range []string{"same-origin", "cross-site"} {
		for _, origin := range []string{"https://app.example.com", "https://another.example"} {
			r := httptest.NewRequest(http.MethodPost, "/", nil)
			r.Header.Set("Origin", origin)
			r.Header.Set("Sec-Fetch-Site", site)
			if got := testing.AllocsPerRun(100, func() { h.ServeHTTP(w, r) }); got != 0 {
				t.Errorf("%s, %s: got %v allocations, want 0", site, origin, got)
			}
		}
	}
	if ran == 0 {
		t.Error("the handler never ran")
	}
}

// discard is a response writer without a memory.
type discard struct{}

func (discard) Header() http.Header         { return nil }
func (discard) Write(p []byte) (int, error) { return len(p), nil }
func (discard) WriteHeader(int)             {}
