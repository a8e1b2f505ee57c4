package corstest

import (
	"slices"
	"time"
)

// preflightCache keeps what preflights allowed. Each method and each header name has an entry of
// its own.
//
// Fetch, 4.9 CORS-preflight cache: https://fetch.spec.whatwg.org/#concept-cache
type preflightCache struct {
	replace bool          // a preflight replaces the entries of its URL; see WithReplacingCache
	limit   time.Duration // on max-age, if not 0
	maxURL  int           // the longest cached URL, if not 0
	entries []cacheEntry
}

type cacheEntry struct {
	origin      string
	url         string
	expires     time.Time
	credentials bool

	// One of the two is set, to what is allowed or to "*". Both are empty in the entry of a
	// replacing cache which says that there was a preflight.
	method     string
	headerName string
}

// isFor reports whether the entry has the request's origin and URL.
func (e *cacheEntry) isFor(f *fetch) bool {
	return e.origin == f.serializedOrigin() && e.url == f.url().String()
}

// matches is the standard's "cache entry match": an entry made with credentials also counts
// without.
func (e *cacheEntry) matches(f *fetch) bool {
	return e.isFor(f) && (e.credentials || f.credentials != CredentialsInclude)
}

// isForName reports whether the entry covers the header name. "*" does not cover Authorization.
func (e *cacheEntry) isForName(name string) bool {
	if e.headerName == "*" {
		return lowerASCII(name) != "authorization"
	}
	return e.headerName != "" && lowerASCII(e.headerName) == lowerASCII(name)
}

// expire removes the entries that have expired.
func (c *preflightCache) expire(now time.Time) {
	c.entries = slices.DeleteFunc(c.entries,
		func(e cacheEntry) bool { return !now.Before(e.expires) })
}

// clear: https://fetch.spec.whatwg.org/#concept-cache-clear
func (c *preflightCache) clear(f *fetch) {
	c.entries = slices.DeleteFunc(c.entries, func(e cacheEntry) bool { return e.isFor(f) })
}

// matchesMethod: https://fetch.spec.whatwg.org/#concept-cache-match-method
//
// By the letter of the standard, a "*" that a preflight with credentials brought, and that did not
// count then, counts here. Caches that replace entries do not do this.
func (c *preflightCache) matchesMethod(f *fetch, method string) bool {
	return slices.ContainsFunc(c.entries, func(e cacheEntry) bool {
		allowed := e.method == method || e.method == "*" && !c.isVoid(e) ||
			c.replace && isSafelistedMethod(method)
		return allowed && e.matches(f)
	})
}

// matchesHeaderName: https://fetch.spec.whatwg.org/#concept-cache-match-header
func (c *preflightCache) matchesHeaderName(f *fetch, name string) bool {
	return slices.ContainsFunc(c.entries, func(e cacheEntry) bool {
		return e.isForName(name) && e.matches(f) && (e.headerName != "*" || !c.isVoid(e))
	})
}

// isVoid reports whether an entry with a "*" does not count.
func (c *preflightCache) isVoid(e cacheEntry) bool { return c.replace && e.credentials }

// store puts what a preflight allowed into the cache. It renews existing entries: where the
// standard sets their max-age, it counts from now.
//
// Fetch, 4.8 CORS-preflight fetch, steps 7.12 to 7.15:
// https://fetch.spec.whatwg.org/#cors-preflight-fetch-0
func (c *preflightCache) store(f *fetch, methods, names []string, now time.Time,
	maxAge time.Duration) {
	if c.limit > 0 {
		maxAge = min(maxAge, c.limit) // step 7.10
	}
	entry := cacheEntry{ // https://fetch.spec.whatwg.org/#concept-cache-create-entry
		origin: f.serializedOrigin(), url: f.url().String(), expires: now.Add(maxAge),
		credentials: f.credentials == CredentialsInclude,
	}
	if c.maxURL > 0 && len(entry.url) > c.maxURL {
		return
	}
	if c.replace {
		c.clear(f)
		c.entries = append(c.entries, entry)
	}
	for _, method := range methods {
		entry := entry
		entry.method = method
		c.renew(entry, func(e *cacheEntry) bool {
			return e.matches(f) && e.method != "" && (e.method == method || e.method == "*")
		})
	}
	for _, name := range names {
		entry := entry
		entry.headerName = name
		c.renew(entry, func(e *cacheEntry) bool { return e.matches(f) && e.isForName(name) })
	}
}

// renew gives the entries that match the expiry of entry, or adds entry if there are none.
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
