package e2e

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/corselet/corselet/core"
)

// The pages of the scenarios. Every label below localhost is its own site.
const (
	front   = "http://app.localhost"      // allowed by the policy
	preview = "http://pr-7.app.localhost" // of the same site, allowed by a wildcard
	other   = "http://stranger.localhost"
)

func scenarioPolicy() core.Config {
	return core.Config{
		Origins: []string{front, "http://*.app.localhost"}, Credentials: true, Methods: []string{"PUT", "DELETE"},
		RequestHeaders: []string{"Content-Type", "X-Custom"}, ExposeHeaders: []string{"X-Handler"},
		MaxAge: 10 * time.Minute,
	}
}

// scenario is a request, what its script sees, and what the server logs.
type scenario struct {
	name  string
	page  string // front if empty
	where where  // the page itself if empty
	call  call   // URL is a path; each scenario adds a unique query
	tls   bool   // over TLS, and so over HTTP/2 if the framework supports it
	fails bool
	sees  seen // the body, and headers that are not listed, do not matter
	logs  []string
}

// visible has the headers that every allowed page can read.
var visible = map[string]string{"x-handler": "hit"}

func scenarios() []scenario {
	return []scenario{
		{
			name: "a simple request is sent at once", call: call{URL: "/api/ok"},
			sees: seen{Type: "cors", Status: 200, Headers: visible}, logs: []string{"GET /api/ok: allowed"},
		}, {
			name: "a subdomain that a wildcard allows is allowed", page: preview, call: call{URL: "/api/ok"},
			sees: seen{Type: "cors", Status: 200, Headers: visible}, logs: []string{"GET /api/ok: allowed"},
		}, {
			name: "JSON is preflighted", call: call{
				URL: "/api/ok", Method: "POST", Headers: [][2]string{{"Content-Type", "application/json"}}, Body: "{}",
			},
			sees: seen{Type: "cors", Status: 200, Headers: visible},
			logs: []string{"OPTIONS /api/ok for POST content-type: allowed", "POST /api/ok: allowed"},
		}, {
			name: "PUT is preflighted", call: call{URL: "/api/ok", Method: "put"},
			sees: seen{Type: "cors", Status: 200, Headers: visible},
			logs: []string{"OPTIONS /api/ok for PUT: allowed", "PUT /api/ok: allowed"},
		}, {
			name: "header names are asked for in lower case, sorted", call: call{
				URL: "/api/ok", Headers: [][2]string{{"X-Custom", "1"}, {"Content-Type", "application/json"}, {"Accept", "a/b"}},
			},
			sees: seen{Type: "cors", Status: 200, Headers: visible},
			logs: []string{"OPTIONS /api/ok for GET content-type,x-custom: allowed", "GET /api/ok: allowed"},
		}, {
			name: "cookies go with credentials", call: call{URL: "/api/ok", Credentials: "include"},
			sees: seen{Type: "cors", Status: 200, Headers: visible},
			logs: []string{"GET /api/ok with cookie: allowed"},
		}, {
			name: "preflights carry no cookies",
			call: call{URL: "/api/ok", Method: "DELETE", Credentials: "include"},
			sees: seen{Type: "cors", Status: 200, Headers: visible},
			logs: []string{"OPTIONS /api/ok for DELETE: allowed", "DELETE /api/ok with cookie: allowed"},
		}, {
			name: "a denied origin sends its request, and reads nothing", page: other, call: call{URL: "/api/ok"},
			fails: true, logs: []string{"GET /api/ok: denied origin_not_allowed"},
		}, {
			name: "a denied origin sends only the preflight", page: other,
			call: call{URL: "/api/ok", Method: "PUT"}, fails: true,
			logs: []string{"OPTIONS /api/ok for PUT: denied origin_not_allowed"},
		}, {
			name: "a denied method is not sent", call: call{URL: "/api/ok", Method: "PATCH"}, fails: true,
			logs: []string{"OPTIONS /api/ok for PATCH: denied method_not_allowed PATCH"},
		}, {
			name: "fetch does not turn patch into upper case", call: call{URL: "/api/ok", Method: "patch"}, fails: true,
			logs: []string{"OPTIONS /api/ok for patch: denied method_not_allowed patch"},
		}, {
			name:  "a denied header is not sent",
			call:  call{URL: "/api/ok", Headers: [][2]string{{"X-Other", "1"}, {"X-Custom", "1"}}},
			fails: true,
			logs:  []string{"OPTIONS /api/ok for GET x-custom,x-other: denied header_not_allowed x-other"},
		}, {
			name: "a redirect to the same API is followed", call: call{URL: "/api/moved"},
			sees: seen{Type: "cors", Status: 200, Redirected: true, Headers: visible},
			logs: []string{"GET /api/moved: allowed", "GET /api/ok: allowed"},
		}, {
			name: "a redirect to another origin arrives as null, which is denied",
			call: call{URL: "/api/moved?to=TLS/api/ok"}, fails: true,
			logs: []string{"GET /api/moved: allowed", "GET /api/ok: denied origin_null"},
		}, {
			name: "a request that was preflighted can be redirected", call: call{URL: "/api/moved", Method: "PUT"},
			sees: seen{Type: "cors", Status: 200, Redirected: true, Headers: visible},
			logs: []string{
				"OPTIONS /api/moved for PUT: allowed", "PUT /api/moved: allowed",
				"OPTIONS /api/ok for PUT: allowed", "PUT /api/ok: allowed",
			},
		}, {
			name: "redirect mode error follows no redirect", call: call{URL: "/api/moved", Redirect: "error"},
			fails: true, logs: []string{"GET /api/moved: allowed"},
		}, {
			name: "an error can be read", call: call{URL: "/api/fail"},
			sees: seen{Type: "cors", Status: 500, Headers: visible}, logs: []string{"GET /api/fail: allowed"},
		}, {
			name: "a panic can be read", call: call{URL: "/api/panic"},
			sees: seen{Type: "cors", Status: 500}, logs: []string{"GET /api/panic: allowed"},
		}, {
			name: "the framework's 404 can be read", call: call{URL: "/missing"},
			sees: seen{Type: "cors", Status: 404}, logs: []string{"GET /missing: allowed"},
		}, {
			name: "an upload with a progress bar is preflighted",
			call: call{URL: "/api/ok", Method: "POST", Body: "some bytes", XHR: true, Listener: true},
			sees: seen{Status: 200, Headers: visible, Progress: 1},
			logs: []string{"OPTIONS /api/ok for POST: allowed", "POST /api/ok: allowed"},
		}, {
			name: "an upload without a listener is not preflighted",
			call: call{URL: "/api/ok", Method: "POST", Body: "some bytes", XHR: true},
			sees: seen{Status: 200, Headers: visible}, logs: []string{"POST /api/ok: allowed"},
		}, {
			name: "a stream is preflighted", tls: true, call: call{URL: "/api/ok", Method: "POST", Body: "bytes", Stream: true},
			sees: seen{Type: "cors", Status: 200, Headers: visible},
			logs: []string{"OPTIONS /api/ok for POST: allowed", "POST /api/ok: allowed"},
		}, {
			name: "a worker has its page's origin", where: inWorker, call: call{URL: "/api/ok", Method: "PUT"},
			sees: seen{Type: "cors", Status: 200, Headers: visible},
			logs: []string{"OPTIONS /api/ok for PUT: allowed", "PUT /api/ok: allowed"},
		}, {
			name: "a sandboxed frame is null", where: inSandbox, call: call{URL: "/api/ok"}, fails: true,
			logs: []string{"GET /api/ok: denied origin_null"},
		}, {
			name: "CORS does not apply to a request in mode no-cors", call: call{
				URL: "/api/ok", Method: "POST", Mode: "no-cors", Body: "1",
			},
			sees: seen{Type: "opaque"}, logs: []string{"POST /api/ok: not_applicable"},
		},
	}
}

func TestScenarios(t *testing.T) {
	needsBrowser(t)
	for _, a := range hosts.apis {
		t.Run(a.name, func(t *testing.T) {
			a.use(t, scenarioPolicy())
			pages := map[string]*tab{}
			for _, origin := range []string{front, preview, other} {
				pages[origin] = openTab(t, origin)
			}
			pages[front].calls(inPage, 1, call{URL: a.url("/api/login"), Credentials: "include"})
			for _, s := range scenarios() {
				t.Run(s.name, func(t *testing.T) { s.run(t, a, pages) })
			}
		})
	}
}

func (s *scenario) run(t *testing.T, a *api, pages map[string]*tab) {
	page, place, c := pages[front], inPage, s.call
	if s.page != "" {
		page = pages[s.page]
	}
	if s.where != "" {
		place = s.where
	}
	separator := "?"
	if strings.Contains(c.URL, "?") {
		separator = "&"
	}
	// A unique query avoids preflights that are in the cache.
	c.URL = strings.ReplaceAll(c.URL, "TLS", a.urlTLS("")) + separator + strings.ReplaceAll(s.name, " ", "-")
	if s.tls {
		c.URL = a.urlTLS(c.URL)
	} else {
		c.URL = a.url(c.URL)
	}
	if c.Stream && !a.http2 {
		s.fails, s.logs = true, s.logs[:1] // Chromium sends streams only over HTTP/2, and checks that after the preflight
	}
	a.log.take()
	got := page.calls(place, 1, c)[0]
	s.check(t, &got)
	var logs []string
	for _, entry := range a.log.take() {
		logs = append(logs, entry.String())
	}
	if !slices.Equal(logs, s.logs) {
		t.Errorf("got log\n\t%s\nwant\n\t%s", strings.Join(logs, "\n\t"), strings.Join(s.logs, "\n\t"))
	}
}

func (s *scenario) check(t *testing.T, got *seen) {
	t.Helper()
	if s.fails {
		if got.Failed != "TypeError" {
			t.Errorf("got %+v, want a TypeError", *got)
		}
		return
	}
	if got.Failed != "" || got.Type != s.sees.Type || got.Status != s.sees.Status ||
		got.Redirected != s.sees.Redirected || got.Progress < s.sees.Progress {
		t.Errorf("got %+v, want %+v", *got, s.sees)
	}
	// Besides the safelist a page reads only what the policy exposes.
	exposed := maps.Clone(got.Headers)
	for _, name := range []string{"cache-control", "content-length", "content-type"} {
		delete(exposed, name)
	}
	if !maps.Equal(exposed, s.sees.Headers) {
		t.Errorf("got headers %v, want %v", exposed, s.sees.Headers)
	}
}
