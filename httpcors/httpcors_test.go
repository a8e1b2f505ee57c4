package httpcors_test

import (
	"context"
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/corstest/adaptertest"
	"github.com/corselet/corselet/httpcors"
)

// telling is an observer that copies what an event tells of the request.
type telling struct {
	calls                            int
	origin, method, requested, host  string
	path, query, scheme, mode, other string
	addr                             netip.Addr
	needsPreflight                   bool
	value                            any
}

type contextKey struct{}

func (o *telling) Observe(ctx context.Context, e core.Event) {
	o.calls++
	o.origin, o.method, o.requested, o.host = e.Origin(), e.Method(), e.RequestedMethod(), e.Host()
	o.path, o.query, o.scheme, o.mode = e.Path(), e.Query(), e.Scheme(), e.SecFetchMode()
	o.other, _ = e.Header("X-Other")
	o.addr, o.needsPreflight = e.ClientAddr(), e.NeedsPreflight()
	o.value = ctx.Value(contextKey{})
}

func TestObserversSeeTheRequest(t *testing.T) {
	tests := []struct {
		name       string
		remoteAddr string
		tls        *tls.ConnectionState
		wantAddr   netip.Addr
		wantScheme string
	}{
		{"over IPv4", "192.0.2.1:1234", nil, netip.MustParseAddr("192.0.2.1"), "http"},
		{"over IPv6 and TLS", "[2001:db8::1]:1234", &tls.ConnectionState{}, netip.MustParseAddr("2001:db8::1"), "https"},
		{"over a mapped address", "[::ffff:192.0.2.1]:1234", nil, netip.MustParseAddr("192.0.2.1"), "http"},
		{"over a Unix socket", "@", nil, netip.Addr{}, "http"},
		{"over nothing known", "somewhere:else", nil, netip.Addr{}, "http"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := new(telling)
			cors, err := core.New(core.Config{Origins: []string{"https://a.example"}, RequestHeaders: []string{"X-Other"}},
				core.WithObserver(got))
			if err != nil {
				t.Fatal(err)
			}
			r := httptest.NewRequest("GET", "http://api.example/a%20b?q=1", nil)
			r = r.WithContext(context.WithValue(r.Context(), contextKey{}, "value"))
			r.RemoteAddr, r.TLS = test.remoteAddr, test.tls
			r.Header["Origin"] = []string{"https://a.example"}
			r.Header["X-Other"] = []string{"first", "second"}
			r.Header["Sec-Fetch-Mode"] = []string{"cors"}
			httpcors.New(cors)(http.NotFoundHandler()).ServeHTTP(httptest.NewRecorder(), r)
			want := telling{1, "https://a.example", "GET", "", "api.example", "/a b", "q=1", test.wantScheme, "cors", "first",
				test.wantAddr, true, "value"}
			if *got != want {
				t.Errorf("got  %+v\nwant %+v", *got, want)
			}
		})
	}
}

func TestSkippedRequestsAreLeftAlone(t *testing.T) {
	skip := httpcors.WithSkip(func(r *http.Request) bool { return r.URL.Path == "/skipped" })
	adaptertest.RunSkip(t, func(cors *core.CORS) corstest.App {
		return corstest.HTTP(httpcors.New(cors, skip)(http.HandlerFunc(api)))
	})
}

func TestOneMiddlewareServesManyHandlers(t *testing.T) {
	cors, err := core.New(core.Config{Origins: []string{"*"}})
	if err != nil {
		t.Fatal(err)
	}
	middleware := httpcors.New(cors)
	teapot := middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	missing := middleware(http.NotFoundHandler())
	for h, want := range map[http.Handler]int{teapot: http.StatusTeapot, missing: http.StatusNotFound} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		if w.Code != want {
			t.Errorf("got %d, want %d", w.Code, want)
		}
	}
}

func TestANilHandleTrustsNobody(t *testing.T) {
	h := httpcors.New(nil)(http.NotFoundHandler())
	r := httptest.NewRequest("OPTIONS", "/", nil)
	r.Header["Origin"] = []string{"https://a.example"}
	r.Header["Access-Control-Request-Method"] = []string{"GET"}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusForbidden || len(w.Header()) != 1 || w.Header().Get("Vary") != "Origin" {
		t.Errorf("got %d with %v, want 403 with Vary alone", w.Code, w.Header())
	}
}
