package corstest

import (
	"slices"
	"strings"
	"time"
)

// preflightCache remembers what preflights allowed. Each method and each header name has an entry of its own.
//
// Fetch, 4.9 CORS-preflight cache: https://fetch.spec.whatwg.org/#concept-cache
type preflightCache struct {
	replace bool          // a preflight replaces the entries of its URL; see WithReplacingCache
	limit   time.Duration // on max-age, if not 0
	entries []cacheEntry
}

type cacheEntry struct {
	origin      string
	url         string
	expires     time.Time
	credentials bool
	method      string // or "*", or empty if it is an entry for a header name
	headerName  string // or "*", or empty if it is an entry for a method
}

// isFor reports whether the entry is one for the request's origin and URL.
func (e *cacheEntry) isFor(f *fetch) bool {
	return e.origin == f.serializedOrigin() && e.url == f.url().String()
}

// matches is the standard's "cache entry match": an entry made with credentials also counts without.
func (e *cacheEntry) matches(f *fetch) bool {
	return e.isFor(f) && (e.credentials || f.credentials != CredentialsInclude)
}

// isForName reports whether the entry is one for the header name. A "*" does not count for Authorization.
func (e *cacheEntry) isForName(f *fetch, name string) bool {
	if e.headerName == "*" {
		return name != "authorization" || f.browser.wildcardCoversAuthorization
	}
	return e.headerName != "" && lowerASCII(e.headerName) == lowerASCII(name)
}

// expire removes the entries whose time is over.
func (c *preflightCache) expire(now time.Time) {
	c.entries = slices.DeleteFunc(c.entries, func(e cacheEntry) bool { return !now.Before(e.expires) })
}

// clear: https://fetch.spec.whatwg.org/#concept-cache-clear
func (c *preflightCache) clear(f *fetch) {
	c.entries = slices.DeleteFunc(c.entries, func(e cacheEntry) bool { return e.isFor(f) })
}

// matchesMethod: https://fetch.spec.whatwg.org/#concept-cache-match-method
//
// Engines that replace entries as a whole ask in the entry found, as in the answer to a preflight, only for methods
// that need leave.
func (c *preflightCache) matchesMethod(f *fetch, method string) bool {
	return slices.ContainsFunc(c.entries, func(e cacheEntry) bool {
		return e.matches(f) && (e.method == method || e.method == "*" || c.replace && isSafelistedMethod(method))
	})
}

// matchesHeaderName: https://fetch.spec.whatwg.org/#concept-cache-match-header
func (c *preflightCache) matchesHeaderName(f *fetch, name string) bool {
	return slices.ContainsFunc(c.entries, func(e cacheEntry) bool { return e.matches(f) && e.isForName(f, name) })
}

// store puts what a preflight allowed into the cache. Entries that are there already are renewed: where the standard
// sets their max-age, it is counted from now.
//
// Fetch, 4.8 CORS-preflight fetch, steps 7.12 to 7.15: https://fetch.spec.whatwg.org/#cors-preflight-fetch-0
func (c *preflightCache) store(f *fetch, methods, names []string, now time.Time, maxAge time.Duration) {
	if c.limit > 0 {
		maxAge = min(maxAge, c.limit) // step 7.10
	}
	if c.replace {
		c.clear(f)
	}
	expires := now.Add(maxAge)
	for _, method := range methods {
		entry := c.newEntry(f, expires)
		entry.method = method
		c.renew(entry, func(e *cacheEntry) bool {
			return e.matches(f) && e.method != "" && (e.method == method || e.method == "*")
		})
	}
	for _, name := range names {
		entry := c.newEntry(f, expires)
		entry.headerName = strings.Clone(name)
		c.renew(entry, func(e *cacheEntry) bool { return e.matches(f) && e.isForName(f, name) })
	}
}

// newEntry: https://fetch.spec.whatwg.org/#concept-cache-create-entry
func (c *preflightCache) newEntry(f *fetch, expires time.Time) cacheEntry {
	return cacheEntry{
		origin: f.serializedOrigin(), url: f.url().String(), expires: expires,
		credentials: f.credentials == CredentialsInclude,
	}
}

// renew lets the entries that match expire when entry does, or adds entry if there are none.
func (c *preflightCache) renew(entry cacheEntry, matches func(*cacheEntry) bool) {
	found := false
	for i := range c.entries {
		if matches(&c.entries[i]) {
			c.entries[i].expires = entry.expires
			found = true
		}
	}
	if !found {
		c.entries = append(c.entries, entry)
	}
}
