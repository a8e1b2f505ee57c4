package e2e

import (
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/corselet/corselet/core"
)

// Two pages of the API's own site, which share its partition of the browser's HTTP cache.
const (
	pageOne = "http://one.api.localhost"
	pageTwo = "http://two.api.localhost"
)

// TestTheHTTPCache reads one URL from two origins. The cache must not serve one page's answer to another page, which it
// would fail: that is what Vary: Origin is for.
func TestTheHTTPCache(t *testing.T) {
	needsBrowser(t)
	for _, a := range hosts.apis {
		t.Run(a.name, func(t *testing.T) {
			a.use(t, core.Config{Origins: []string{pageOne, pageTwo}, ExposeHeaders: []string{"X-Handler"}})
			one, two := openTab(t, pageOne), openTab(t, pageTwo)
			cached := call{URL: a.url("/api/cached?" + strconv.FormatInt(time.Now().UnixNano(), 36))}
			reads := []struct {
				name string
				page *tab
				call call
				sent int
			}{
				{"the first page asks the server", one, cached, 1},
				{"again it reads from the cache", one, cached, 0},
				{"a page of another origin asks the server itself", two, cached, 1},
				{"and then reads from the cache", two, cached, 0},
			}
			for _, read := range reads {
				got := read.page.calls(inPage, 1, read.call)[0]
				if sent := len(a.log.take()); sent != read.sent {
					t.Errorf("%s: got %d requests, want %d", read.name, sent, read.sent)
				}
				if got.Status != http.StatusOK || got.Headers["x-handler"] != "hit" {
					t.Errorf("%s: got %+v, want a response", read.name, got)
				}
			}
		})
	}
}

func TestTheHTTPCacheIsSharedUnderAnyOrigin(t *testing.T) {
	needsBrowser(t)
	a := hosts.apis[0]
	a.use(t, core.Config{Origins: []string{"*"}})
	one, two := openTab(t, pageOne), openTab(t, pageTwo)
	cached := call{URL: a.url("/api/cached?" + strconv.FormatInt(time.Now().UnixNano(), 36))}
	for i, page := range []*tab{one, two} {
		got := page.calls(inPage, 1, cached)[0]
		if sent := len(a.log.take()); got.Status != http.StatusOK || sent != 1-i {
			t.Errorf("page %d: got %+v and %d requests, want a response and %d", i, got, sent, 1-i)
		}
	}
}

// A cached answer without CORS fields, for a request without Origin, must not replace one with them.
func TestTheHTTPCacheKeepsRequestsWithoutOriginApart(t *testing.T) {
	needsBrowser(t)
	for _, a := range hosts.apis {
		a.use(t, core.Config{Origins: []string{pageOne}})
		page := openTab(t, pageOne)
		cached := call{URL: a.url("/api/cached?" + strconv.FormatInt(time.Now().UnixNano(), 36))}
		opaque := cached
		opaque.Mode = "no-cors" // like a request for an image
		for _, c := range []call{opaque, cached} {
			if got := page.calls(inPage, 1, c)[0]; got.Failed != "" {
				t.Errorf("%s, mode %q: got %+v, want a response", a.name, c.Mode, got)
			}
		}
	}
}

// Without Vary the second page fails. If it did not, the tests above could not fail.
func TestWithoutVaryTheHTTPCacheServesOnePageAnothersAnswer(t *testing.T) {
	needsBrowser(t)
	hosts.pages.HandleFunc("/without-vary", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
		w.Header().Set("Cache-Control", "max-age=60")
	})
	c := call{URL: "http://wrong.api.localhost/without-vary"}
	first := openTab(t, pageOne).calls(inPage, 1, c)[0]
	second := openTab(t, pageTwo).calls(inPage, 1, c)[0]
	if first.Failed != "" || second.Failed == "" {
		t.Errorf("got %+v and %+v, want a response and a failure", first, second)
	}
}
