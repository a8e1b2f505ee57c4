package httpcors_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/httpcors"
)

// mustNew returns the handle of a policy, or ends the test.
func mustNew(t *testing.T, config core.Config) *core.CORS {
	t.Helper()
	cors, err := core.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return cors
}

var boolSink bool

func TestCheckOrigin(t *testing.T) {
	const page, own = "https://app.example.com", "https://socket.example.com"
	listed := mustNew(t, core.Config{Origins: []string{page, "https://*.preview.example.com"}})
	credentials := mustNew(t, core.Config{Origins: []string{page}, Credentials: true})
	star := mustNew(t, core.Config{Origins: []string{"*"}})
	regexp := mustNew(t, core.Config{OriginRegexps: []string{".*"}, Unsafe: core.Unsafe{Accept: []string{".*"}}})
	null := mustNew(t, core.Config{Origins: []string{page, "null"}, Unsafe: core.Unsafe{Accept: []string{"null"}}})
	tests := []struct {
		name       string
		cors       *core.CORS
		host, site string
		origins    []string
		want       bool
	}{
		{"no browser sends no Origin", listed, "", "", nil, true},
		{"no Origin, whatever the policy", nil, "", "", nil, true},
		{"an allowed page", listed, "", "", []string{page}, true},
		{"an allowed page of another site, as the browser says", listed, "", "cross-site", []string{page}, true},
		{"an allowed page, with credentials", credentials, "", "", []string{page}, true},
		{"a page that a wildcard allows", listed, "", "", []string{"https://pr-7.preview.example.com"}, true},
		{"another page", listed, "", "", []string{"https://another.example"}, false},
		{"another page that extends an allowed name", listed, "", "", []string{page + ".evil.example"}, false},
		{"a page under *", star, "", "", []string{page}, false},
		{"a page under a regexp that trusts every domain", regexp, "", "", []string{page}, false},
		{"null", listed, "", "", []string{"null"}, false},
		{"null that the policy allows", null, "", "", []string{"null"}, false},
		{"null under *", star, "", "", []string{"null"}, false},
		{"the own page", listed, "", "", []string{own}, true},
		{"the own page under *", star, "", "", []string{own}, true},
		{"the own page without a policy", nil, "", "", []string{own}, true},
		{"the own page, with the default port in Host", listed, "socket.example.com:443", "", []string{own}, true},
		{"the own page, with Host in upper case", listed, "SOCKET.example.com", "", []string{own}, true},
		{"the own page behind a proxy that rewrites Host", listed, "10.0.0.7:8080", "same-origin", []string{own}, true},
		{"the same host by http, as the browser says", listed, "", "cross-site", []string{"http://socket.example.com"}, false},
		{"another port of the host", listed, "", "", []string{own + ":8443"}, false},
		{"another host of the site", listed, "", "same-site", []string{"https://www.example.com"}, false},
		{"an allowed page without a policy", nil, "", "", []string{page}, false},
		{"an allowed page with an empty handle", new(core.CORS), "", "", []string{page}, false},
		{"an allowed page twice", listed, "", "", []string{page, page}, false},
		{"the own page and another one", listed, "", "", []string{own, "https://another.example"}, false},
		{"two lines under *", star, "", "", []string{page, page}, false},
		{"two lines, though the browser says same-origin", listed, "", "same-origin", []string{own, own}, false},
		{"an empty Origin", listed, "", "", []string{""}, false},
		{"two origins on a line", listed, "", "", []string{page + " " + page}, false},
		{"a slash at the end", listed, "", "", []string{page + "/"}, false},
		{"upper case", listed, "", "", []string{"HTTPS://APP.EXAMPLE.COM"}, false},
		{"a default port", listed, "", "", []string{page + ":443"}, false},
		{"the scheme of a socket", listed, "", "", []string{"wss://app.example.com"}, false},
		{"a control byte", listed, "", "", []string{page + "\x00"}, false},
		{"64 KiB", listed, "", "", []string{page + strings.Repeat(".a", 32<<10)}, false},
		{"64 KiB that are the Host as well", listed, strings.Repeat("a", 64<<10), "",
			[]string{"https://" + strings.Repeat("a", 64<<10)}, false},
	}
	for _, test := range tests {
		r := httptest.NewRequest(http.MethodGet, "/socket", nil)
		if r.Host = "socket.example.com"; test.host != "" {
			r.Host = test.host
		}
		if test.origins != nil {
			r.Header["Origin"] = test.origins
		}
		if test.site != "" {
			r.Header.Set("Sec-Fetch-Site", test.site)
		}
		check := httpcors.CheckOrigin(test.cors)
		if got := check(r); got != test.want {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
		if allocs := testing.AllocsPerRun(100, func() { boolSink = check(r) }); allocs != 0 {
			t.Errorf("%s: got %v allocations, want 0", test.name, allocs)
		}
	}
}

func TestCheckOriginAsksTheLivePolicy(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, "/socket", nil)
	r.Header.Set("Origin", "https://b.example")
	cors := mustNew(t, core.Config{Origins: []string{"https://a.example"}})
	check := httpcors.CheckOrigin(cors)
	for _, step := range []struct {
		origin string
		want   bool
	}{{"https://a.example", false}, {"https://b.example", true}, {"*", false}} {
		if err := cors.Reconfigure(core.Config{Origins: []string{step.origin}}); err != nil {
			t.Fatal(err)
		}
		if got := check(r); got != step.want {
			t.Errorf("under %s: got %v, want %v", step.origin, got, step.want)
		}
	}
}

// An application with tenants tells them apart by Host.
func TestCheckOriginTellsOriginFuncTheHost(t *testing.T) {
	var asked []core.OriginRequest
	check := httpcors.CheckOrigin(mustNew(t, core.Config{OriginFunc: func(_ context.Context, r core.OriginRequest) (bool, error) {
		asked = append(asked, r)
		return r.Host == "a.example.com", nil
	}}))
	for host, want := range map[string]bool{"a.example.com": true, "b.example.com": false} {
		r := httptest.NewRequest(http.MethodGet, "/socket", nil)
		r.Host = host
		r.Header.Set("Origin", "https://tenant.example")
		asked = nil
		if got := check(r); got != want {
			t.Errorf("%s: got %v, want %v", host, got, want)
		}
		if want := []core.OriginRequest{{Origin: "https://tenant.example", Host: host, Path: "/socket"}}; !slices.Equal(asked, want) {
			t.Errorf("%s: got look-ups %v, want %v", host, asked, want)
		}
	}
}
