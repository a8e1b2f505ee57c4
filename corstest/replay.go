package corstest

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"testing"

	"github.com/corselet/corselet/core"
)

// Response caches and idempotency layers answer a request with what they kept of another one. What
// they keep may be the fields of another request's origin. Such an answer looks like that of a
// handler with fields of its own. What tells them apart is a request that nothing can have kept an
// answer to: see isReplay.

// secondOrigin returns an origin that the patterns allow and that is not the route's, or "".
func (p *probe) secondOrigin(patterns []string) string {
	for _, pattern := range patterns {
		for _, origin := range []string{
			madeUpOrigin(pattern, "page", ""), madeUpOrigin(pattern, "second", ":8443"),
		} {
			if origin != p.route.Origin && p.allows(origin) {
				return origin
			}
		}
	}
	return ""
}

// checkSecondOrigin sends the preflight and the request again, from another origin.
func (p *probe) checkSecondOrigin(t testing.TB) {
	if second := cmp.Or(p.second, p.other); second != "" {
		header := p.preflightHeader(second)
		if got := p.ask(t, http.MethodOptions, "", header); got != nil {
			p.foundReplay(t, http.MethodOptions, header, got)
		}
	}
	if p.second == "" {
		return
	}
	header := p.header(p.second)
	got := p.ask(t, p.route.Method, "", header)
	if got == nil || p.foundReplay(t, p.route.Method, header, got) || len(p.findings) > 0 {
		return
	}
	if !isForPages(got) {
		p.found(whoAnswered(got.status, otherPolicy),
			"a request from %s was answered %d without Access-Control-Allow-Origin",
			p.second, got.status)
		return
	}
	_, want := p.expect(p.route.Method, header)
	p.compareFields("the answer to "+p.second, got.header, want)
}

// The first one is that of draft-ietf-httpapi-idempotency-key-header, the second one fiber's.
var idempotencyKeys = []string{"Idempotency-Key", "X-Idempotency-Key"}

// checkIdempotencyKey sends the request with one key twice, as a page that tries again, and once
// more from another origin.
func (p *probe) checkIdempotencyKey(t testing.TB) {
	key := newIdempotencyKey()
	for _, origin := range []string{p.route.Origin, p.route.Origin, cmp.Or(p.second, p.other)} {
		if origin == "" {
			return
		}
		header := p.header(origin)
		for _, name := range idempotencyKeys {
			header.Set(name, key)
		}
		got := p.ask(t, p.route.Method, "", header)
		if got == nil || p.foundReplay(t, p.route.Method, header, got) {
			return
		}
	}
}

// newIdempotencyKey returns a random UUID, which is what fiber's middleware requires.
func newIdempotencyKey() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// foundReplay records an answer that is a replay, and reports whether it is one.
func (p *probe) foundReplay(
	t testing.TB, method string, header http.Header, got *reply,
) bool {
	if !p.isReplay(t, method, header, got) {
		return false
	}
	asked := "a request without Origin"
	if origin := header.Get("Origin"); origin != "" {
		asked = "a request from " + origin
	}
	lines, m := got.header.Values(core.FieldAllowOrigin), replayed
	switch {
	case method == http.MethodOptions:
		asked, m = "the preflight from "+header.Get("Origin"), preflightReplayed
	case len(lines) == 0:
		m = replayedBare
	}
	p.found(m, "%s was answered %d with Access-Control-Allow-Origin: %q, but right where the "+
		"answer could not be a kept one", asked, got.status, lines)
	return true
}

// isReplay reports whether Access-Control-Allow-Origin in the answer to a request is not the
// policy's, and is what an earlier answer had, but would be right if there had been no earlier one.
func (p *probe) isReplay(t testing.TB, method string, header http.Header, got *reply) bool {
	lines, want := got.header.Values(core.FieldAllowOrigin), p.allowOrigin(method, header)
	if slices.Equal(lines, want) {
		return false
	}
	isKept := func(line string) bool {
		return line == p.route.Origin || line == p.second || slices.Contains(want, line)
	}
	if len(lines) > 0 && !slices.ContainsFunc(lines, isKept) {
		return false
	}
	fresh := p.askFresh(t, method, header)
	if fresh == nil || !slices.Equal(fresh.header.Values(core.FieldAllowOrigin), want) {
		return false
	}
	// A layer that drops fields where a request succeeds may keep them where the query is refused.
	return len(lines) > 0 || fresh.status < 400 || fresh.status == got.status
}

func (p *probe) allowOrigin(method string, header http.Header) []string {
	_, want := p.expect(method, header)
	return want.Values(core.FieldAllowOrigin)
}

// askFresh sends a request again, in such a way that no layer can have kept an answer to it: with
// another query, with no-store for caches that look at the path only, and without the key.
func (p *probe) askFresh(t testing.TB, method string, header http.Header) *reply {
	header = maps.Clone(header)
	header.Set("Cache-Control", "no-store")
	for _, name := range idempotencyKeys {
		header.Del(name)
	}
	u := *p.url
	query := u.Query()
	query.Set("corstest", rand.Text())
	u.RawQuery = query.Encode()
	return p.askURL(t, method, u, header)
}
