package corstest

import (
	"errors"
	"maps"
	"net/http"
	"testing"
)

// checkRedirect follows a redirect of a path as the page's browser does. It reports one that leads
// to another origin, unless the page can read the answer there.
func (p *probe) checkRedirect(t testing.TB, path string, got *reply) {
	if !isRedirect(got.status) || !isForPages(got) {
		return
	}
	u := *p.url
	u.Path = path
	_, err := NewBrowserVia(routeTransport{p}).Fetch(t.Context(), Request{
		Page: p.route.Origin, URL: u.String(), Method: p.route.Method,
	})
	var failed *FetchError
	if !errors.As(err, &failed) {
		return
	}
	if target := failed.target(); target != "" && !p.isOwn(target) {
		p.found(redirectAway, "%s was redirected (%d) to %s: %s",
			path, got.status, target, failed.Problem)
	}
}

// target returns the URL at which the request failed, or "".
func (e *FetchError) target() string {
	if len(e.Exchanges) == 0 {
		return ""
	}
	last := &e.Exchanges[len(e.Exchanges)-1]
	from, err := parseURL(nil, last.URL)
	if err == nil && isRedirect(last.Status) {
		if to, err := parseURL(from, last.ResponseHeader.Get("Location")); err == nil {
			return to.String()
		}
	}
	return last.URL
}

// isOwn reports whether a URL has the origin of the route's.
func (p *probe) isOwn(target string) bool {
	u, err := parseURL(nil, target)
	return err == nil && sameOrigin(originOf(u), originOf(p.url))
}

// routeTransport calls the handler. It adds the route's fields, whichever they are: a script may
// set some of them only after a preflight, and others, such as Cookie, not at all.
type routeTransport struct{ *probe }

// RoundTrip implements [http.RoundTripper].
func (p routeTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodOptions && p.isOwn(r.URL.String()) {
		r = r.Clone(r.Context())
		maps.Copy(r.Header, p.route.Header)
	}
	return handlerTransport{p.handler}.RoundTrip(r)
}
