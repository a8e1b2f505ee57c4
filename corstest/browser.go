package corstest

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// A Browser does what the Fetch standard says about origins when a page's script calls fetch or
// uses XMLHttpRequest. It keeps preflights and cookies between requests, as an open browser does;
// use a new one to start without them.
//
// It models main fetch, HTTP fetch, redirects, CORS-preflight fetch and its cache, the CORS check,
// response filtering, the rules for what a script may set in a request, mixed content,
// Cross-Origin-Resource-Policy, the Origin and Sec-Fetch fields, and cookies with SameSite. It does
// not model the HTTP cache, content security policies, service workers, prompts for a password or
// for access to the local network, client certificates, bad ports, HSTS, opaque-response blocking,
// and the partition of the preflight cache by top-level site: every page is the top-level page of
// its tab.
//
// URLs are parsed by net/url, which is stricter than browsers. Requests carry "User-Agent:
// corstest".
//
// A Browser is safe for concurrent use.
//
// Numbers of sections and steps are those of https://fetch.spec.whatwg.org/ in June 2026.
type Browser struct {
	transport http.RoundTripper
	now       func() time.Time
	cookies   *cookieStore

	chromium bool // see LikeChromium

	mu    sync.Mutex // guards cache
	cache preflightCache
}

// A BrowserOption changes what [NewBrowser] makes.
type BrowserOption func(*Browser)

// NewBrowser returns a browser for which h serves every host, in process.
//
// It treats what the handler sends as net/http's server does: informational statuses are dropped, a
// 204 has no body, short bodies get a Content-Length. If the handler panics, the browser sees a
// broken connection.
func NewBrowser(h http.Handler, opts ...BrowserOption) *Browser {
	return NewBrowserVia(handlerTransport{h}, opts...)
}

// NewBrowserVia returns a browser that sends its requests with a transport: [http.DefaultTransport]
// for real servers, or one of your own. The transport must not follow redirects.
func NewBrowserVia(transport http.RoundTripper, opts ...BrowserOption) *Browser {
	b := &Browser{transport: transport, now: time.Now, cookies: newCookieStore()}
	for _, opt := range opts {
		opt(b)
	}
	return b
}

// WithClock gives the preflight cache a clock, so a test can let ten minutes pass without waiting.
// Cookies expire by the real clock.
func WithClock(now func() time.Time) BrowserOption {
	return func(b *Browser) { b.now = now }
}

// WithMaxAgeLimit caps Access-Control-Max-Age: at two hours in Chromium, 24 hours in Firefox and
// ten minutes in WebKit. By default there is no limit; the standard leaves it to browsers.
func WithMaxAgeLimit(limit time.Duration) BrowserOption {
	return func(b *Browser) { b.cache.limit = limit }
}

// WithReplacingCache makes the preflight cache work as in Chromium and WebKit: it has one entry for
// a URL, with what the last preflight allowed. A request that needs more drops the entry and sends
// a preflight. GET, HEAD and POST are not looked up. By the standard, and in Firefox, what
// preflights allow adds up, and a request that fails drops all of it.
//
// The difference shows with servers that allow only what was asked for: alternating PUT and DELETE
// costs a preflight each time.
func WithReplacingCache() BrowserOption {
	return func(b *Browser) { b.cache.replace = true }
}

// LikeChromium makes the browser deviate from the standard where Chromium does:
//
//   - the preflight cache works as WithReplacingCache says, and does not keep URLs of 1024 bytes or
//     more;
//   - Access-Control-Max-Age is limited to two hours, and a negative value means 0, not 5 seconds;
//   - "Access-Control-Allow-Headers: *" covers Authorization in the answer to a preflight, though
//     not in the cache;
//   - the answer to a preflight for an upload listener or a stream must list the method, unless it
//     is GET, HEAD or POST;
//   - several values of one request header are combined before they are checked and sent;
//   - a no-cors POST sends the page's origin whatever the referrer policy.
func LikeChromium() BrowserOption {
	return func(b *Browser) {
		b.chromium = true
		b.cache.replace = true
		b.cache.limit = 2 * time.Hour
		b.cache.maxURL = 1023
	}
}

// SetCookies stores cookies as if the server at url, such as "https://api.example.com/", had sent
// them to its own page. Requests from pages of another site carry a cookie only if it has
// SameSite=None and Secure.
func (b *Browser) SetCookies(url string, cookies ...*http.Cookie) error {
	u, err := parseURL(nil, url)
	if err != nil {
		return err
	}
	b.cookies.store(u, cookies, true)
	return nil
}

// ClearPreflightCache empties the preflight cache.
func (b *Browser) ClearPreflightCache() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.cache.entries = nil
}

// Fetch makes a page's request and returns the response as the page sees it. It returns a
// [*FetchError] where fetch rejects its promise. A status such as 404 or 500 is not an error.
func (b *Browser) Fetch(ctx context.Context, r Request) (*Response, error) {
	f, err := newFetch(b, &r)
	if err != nil {
		return nil, err
	}
	got, err := f.mainFetch(ctx)
	if err != nil {
		return nil, err
	}
	return f.filter(got), nil
}
