package core

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestWhoMaySendCookies(t *testing.T) {
	const a, b, tenant = "https://a.example", "https://b.example", "https://tenant.example"
	failing := &keeper{err: errors.New("down")}
	listed := Config{Origins: []string{a, "https://*.wild.example"}, OriginRegexps: []string{`https://pr-\d+\.a\.example`}}
	withCredentials := func(c Config) Config { c.Credentials = true; return c }
	tests := []struct {
		name          string
		origins       []string
		cfg           Config
		named, allows bool
	}{
		{"a listed origin, with credentials", []string{a}, withCredentials(listed), true, true},
		{"a listed origin, without credentials", []string{a}, listed, true, false},
		{"a subdomain", []string{"https://x.wild.example"}, withCredentials(listed), true, true},
		{"what a regexp matches", []string{"https://pr-7.a.example"}, withCredentials(listed), true, true},
		{"another origin", []string{b}, withCredentials(listed), false, false},
		{"another origin, without credentials", []string{b}, listed, false, false},
		{"no origin", nil, withCredentials(listed), false, false},
		{"no origin under *", nil, Config{Origins: []string{"*"}}, false, false},
		{"an empty origin", []string{""}, withCredentials(listed), false, false},
		{"a listed origin twice", []string{a, a}, withCredentials(listed), false, false},
		{"a malformed origin", []string{a + "/"}, withCredentials(listed), false, false},
		{"an origin in upper case", []string{"HTTPS://A.EXAMPLE"}, withCredentials(listed), false, false},
		{"64 KiB of origin", []string{a + strings.Repeat("a", 64<<10)}, withCredentials(listed), false, false},
		{"null", []string{"null"}, withCredentials(listed), false, false},
		{"null by name", []string{"null"},
			Config{Origins: []string{a, "null"}, Unsafe: Unsafe{Accept: []string{"null"}}}, false, false},
		{"any origin under a regexp that trusts every domain", []string{b},
			Config{OriginRegexps: []string{".*"}, Unsafe: Unsafe{Accept: []string{".*"}}}, false, false},
		{"a listed origin next to a regexp that trusts every domain", []string{a},
			Config{Origins: []string{a}, OriginRegexps: []string{".*"}, Unsafe: Unsafe{Accept: []string{".*"}}}, true, false},
		{"an extension, by consent", []string{"moz-extension://2c127fa4-62c7-7e4f-90e5-472b45eecfdc"},
			Config{Credentials: true, Origins: []string{"moz-extension://*"}, Unsafe: Unsafe{Accept: []string{"moz-extension://*"}}},
			true, true},
		{"any origin under *", []string{b}, Config{Origins: []string{"*"}}, false, false},
		{"null under *", []string{"null"}, Config{Origins: []string{"*"}}, false, false},
		{"an origin that is looked up", []string{tenant},
			Config{Credentials: true, OriginFunc: new(keeper).allows}, true, true},
		{"an origin that is looked up, without credentials", []string{tenant},
			Config{OriginFunc: new(keeper).allows}, true, false},
		{"an origin that a look-up refuses", []string{b},
			Config{Credentials: true, OriginFunc: new(keeper).allows}, false, false},
		{"an origin whose look-up fails", []string{tenant},
			Config{Credentials: true, OriginFunc: failing.allows}, false, false},
	}
	for _, test := range tests {
		cors, ctx, r := mustNew(t, test.cfg), context.Background(), message{Method: "POST", Origins: test.origins}.request()
		if got := cors.NamesOrigin(ctx, r); got != test.named {
			t.Errorf("%s: got NamesOrigin %v, want %v", test.name, got, test.named)
		}
		if got := cors.AllowsCredentials(ctx, r); got != test.allows {
			t.Errorf("%s: got AllowsCredentials %v, want %v", test.name, got, test.allows)
		}
		if test.cfg.OriginFunc != nil {
			continue
		}
		allocs := testing.AllocsPerRun(100, func() { boolSink = cors.NamesOrigin(ctx, r) || cors.AllowsCredentials(ctx, r) })
		if allocs != 0 {
			t.Errorf("%s: got %v allocations, want 0", test.name, allocs)
		}
	}
}

func TestWithoutAPolicyNobodyMaySendCookies(t *testing.T) {
	r := message{Method: "POST", Origins: []string{"https://a.example"}}.request()
	for _, cors := range []*CORS{nil, new(CORS)} {
		if cors.NamesOrigin(t.Context(), r) || cors.AllowsCredentials(t.Context(), r) {
			t.Error("got true, want false")
		}
	}
}

// Unlike with AllowsOrigin there is a request, which OriginFunc may go by.
func TestALookupForCookiesKnowsTheRequest(t *testing.T) {
	k := new(keeper)
	cors := mustNew(t, Config{Credentials: true, OriginFunc: k.allows})
	r := message{Method: "POST", Origins: []string{"https://tenant.example"}, Host: "host.example", Path: "/path"}.request()
	cors.NamesOrigin(t.Context(), r)
	cors.AllowsCredentials(t.Context(), r)
	lookup := OriginRequest{"https://tenant.example", "host.example", "/path"}
	if want := []OriginRequest{lookup, lookup}; !slices.Equal(k.calls, want) {
		t.Errorf("got calls %q, want %q", k.calls, want)
	}
	if cors = mustNew(t, Config{OriginFunc: k.allows}); cors.AllowsCredentials(t.Context(), r) || len(k.calls) != 2 {
		t.Errorf("without credentials: got %d calls or true, want none and false", len(k.calls)-2)
	}
}

func TestIsSameOriginGoesBySecFetchSiteFirst(t *testing.T) {
	tests := []struct {
		name, site, host string
		origins          []string
		want             bool
	}{
		{"the browser says so, whatever Host a proxy writes", "same-origin", "internal:8080", []string{"https://a.example"}, true},
		{"the browser denies it: http asks https", "cross-site", "a.example", []string{"http://a.example"}, false},
		{"no browser says, and Host is equal", "", "a.example", []string{"https://a.example"}, true},
		{"no browser says, and Host is another", "", "b.example", []string{"https://a.example"}, false},
		{"no browser says, and there are two origins", "", "a.example", []string{"https://a.example", "https://a.example"}, false},
		{"nobody says anything", "", "a.example", nil, false},
		{"null", "", "null", []string{"null"}, false},
	}
	for _, test := range tests {
		r := message{Method: "GET", Host: test.host, Origins: test.origins, SecFetchSite: test.site}.request()
		if got := r.IsSameOrigin(); got != test.want {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
		if got := testing.AllocsPerRun(100, func() { boolSink = r.IsSameOrigin() }); got != 0 {
			t.Errorf("%s: got %v allocations, want 0", test.name, got)
		}
	}
	if (&Request{Method: "GET", Origin: "https://a.example", HasOrigin: true}).IsSameOrigin() {
		t.Error("without a Source: got true, want false")
	}
}
