package corstest

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// A Browser does what the Fetch standard tells browsers to do when a page's script calls fetch or uses XMLHttpRequest:
// everything that has to do with origins. It remembers preflights and cookies from one request to the next, as a
// browser does while it is open; take a new one where that must not matter.
//
// Modelled are main fetch, HTTP fetch, redirects, CORS-preflight fetch and its cache, the CORS check, response
// filtering, the rules for what a script may set in a request, mixed content, Cross-Origin-Resource-Policy, the
// Origin and Sec-Fetch fields, and cookies with SameSite. Not modelled are the HTTP cache, content security policies,
// service workers, prompts for a password or for access to the local network, client certificates, bad ports, HSTS,
// opaque-response blocking, and the partition of the preflight cache by top-level site: all pages count as if they
// stood alone in their tab.
//
// URLs are parsed as Go does, which is stricter than browsers are. Requests carry "User-Agent: corstest".
//
// A Browser may be used concurrently.
//
// https://fetch.spec.whatwg.org/, as of June 2026; to that version the numbers of sections and steps belong.
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
// What the handler sends is treated as net/http's server does: informational statuses come to nothing, a 204 has no
// body, short bodies get a Content-Length. If it panics, the browser sees a connection that breaks.
func NewBrowser(h http.Handler, opts ...BrowserOption) *Browser {
	return NewBrowserVia(handlerTransport{h}, opts...)
}

// NewBrowserVia returns a browser that sends its requests by a transport: [http.DefaultTransport] to ask real servers,
// or one of your own. The transport must not follow redirects.
func NewBrowserVia(transport http.RoundTripper, opts ...BrowserOption) *Browser {
	b := &Browser{transport: transport, now: time.Now, cookies: newCookieStore()}
	for _, opt := range opts {
		opt(b)
	}
	return b
}

// WithClock lets the preflight cache tell the time by now, so that a test can wait for ten minutes without waiting.
// Cookies expire by the real clock.
func WithClock(now func() time.Time) BrowserOption {
	return func(b *Browser) { b.now = now }
}

// WithMaxAgeLimit caps Access-Control-Max-Age: at two hours in Chromium, 24 hours in Firefox and ten minutes in
// WebKit. By default there is no limit; the standard leaves it to browsers.
func WithMaxAgeLimit(limit time.Duration) BrowserOption {
	return func(b *Browser) { b.cache.limit = limit }
}

// WithReplacingCache makes the preflight cache work as in Chromium and WebKit. It has one entry for a URL: what its
// last preflight allowed. A request for which that is not enough drops it, and is preflighted; methods that need no
// leave are not looked up. By the standard, and in Firefox, what preflights allow adds up, and a request that fails
// drops all.
//
// The difference shows behind servers that allow only what was asked for: there PUT and DELETE in turn cost a preflight
// each time.
func WithReplacingCache() BrowserOption {
	return func(b *Browser) { b.cache.replace = true }
}

// LikeChromium makes the browser deviate from the standard where Chromium does:
//
//   - the preflight cache works as WithReplacingCache says, and does not keep URLs of 1024 bytes or more;
//   - Access-Control-Max-Age is limited to two hours, and a negative value means 0, not 5 seconds;
//   - "Access-Control-Allow-Headers: *" covers Authorization in the answer to a preflight, though not in the cache;
//   - a preflight that was sent for an upload listener or a stream must list methods other than GET, HEAD and POST;
//   - values that a script gives for one request header are combined before they are judged and sent;
//   - a no-cors POST tells the server the page's origin whatever the referrer policy.
func LikeChromium() BrowserOption {
	return func(b *Browser) {
		b.chromium = true
		b.cache.replace = true
		b.cache.limit = 2 * time.Hour
		b.cache.maxURL = 1023
	}
}

// SetCookies stores cookies as if the server at url, such as "https://api.example.com/", had sent them to a page of its
// own. A cookie reaches pages of another site only with SameSite=None and Secure.
func (b *Browser) SetCookies(url string, cookies ...*http.Cookie) error {
	u, err := parseURL(nil, url)
	if err != nil {
		return err
	}
	b.cookies.store(u, cookies, true)
	return nil
}

// ClearPreflightCache forgets all preflights.
func (b *Browser) ClearPreflightCache() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.cache.entries = nil
}

// Fetch makes a page's request and returns the response as the page sees it. The error, always a [*FetchError], is for
// everything on which fetch would reject its promise. A status such as 404 or 500 is no error.
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
