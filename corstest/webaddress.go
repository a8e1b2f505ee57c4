package corstest

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"

	"golang.org/x/net/publicsuffix"
)

const opaqueOrigin = "null"

// parsePage returns the URL of a page's root, or nil for the origin "null".
func parsePage(page string) (*url.URL, error) {
	if page == opaqueOrigin {
		return nil, nil
	}
	u, err := url.Parse(page)
	if err != nil || u.Host == "" {
		return nil, fmt.Errorf(
			"page %q is not an origin; write \"https://app.example.com\", or \"null\"", page)
	}
	if origin := originOf(u); origin != page {
		return nil, fmt.Errorf("page %q is not an origin; write %q", page, origin)
	}
	return u, nil
}

// parseURL parses a URL relative to base, which may be nil, and normalizes scheme, host and port.
func parseURL(base *url.URL, raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return nil, err
	}
	if base == nil {
		base = u
	}
	u = base.ResolveReference(u)
	if u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return nil, fmt.Errorf(
			"URL %q is not http or https; write \"https://api.example.com/notes\"", raw)
	}
	u.Host = strings.TrimPrefix(originOf(u), u.Scheme+"://")
	if u.Path == "" {
		u.Path = "/"
	}
	return u, nil
}

// originOf serializes the origin of a URL:
// https://html.spec.whatwg.org/#ascii-serialisation-of-an-origin
func originOf(u *url.URL) string {
	host := lowerASCII(u.Host)
	switch u.Scheme {
	case "http":
		host = strings.TrimSuffix(host, ":80")
	case "https":
		host = strings.TrimSuffix(host, ":443")
	}
	return u.Scheme + "://" + strings.TrimSuffix(host, ":")
}

// sameOrigin compares serialized origins. An opaque origin is not the same as itself, because all
// of them are "null".
func sameOrigin(a, b string) bool { return a == b && a != opaqueOrigin }

// sameSite reports whether two origins have the same scheme and registrable domain. The second one
// is a server's, so "null", which has no scheme, is never on its site.
//
// https://html.spec.whatwg.org/#same-site
func sameSite(a, b string) bool { return schemeOf(a) == schemeOf(b) && schemelesslySameSite(a, b) }

// schemelesslySameSite is sameSite without the scheme.
//
// https://html.spec.whatwg.org/#schemelessly-same-site
func schemelesslySameSite(a, b string) bool {
	x, errX := url.Parse(a)
	y, errY := url.Parse(b)
	return errX == nil && errY == nil && siteOf(x) == siteOf(y)
}

func schemeOf(origin string) string {
	scheme, _, _ := strings.Cut(origin, "://")
	return scheme
}

// siteOf returns the registrable domain of a host, or the host itself if it has none.
func siteOf(u *url.URL) string {
	host := u.Hostname()
	if _, err := netip.ParseAddr(host); err == nil {
		return host
	}
	if domain, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil {
		return domain
	}
	return host
}

// isTrustworthy reports whether a URL is potentially trustworthy: browsers send it Sec-Fetch fields
// and Secure cookies, and https pages may ask it.
//
// https://w3c.github.io/webappsec-secure-contexts/#is-origin-trustworthy
func isTrustworthy(u *url.URL) bool {
	host := u.Hostname()
	if addr, err := netip.ParseAddr(host); err == nil && addr.IsLoopback() {
		return true
	}
	return u.Scheme == "https" || host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// withoutFragment serializes a URL as servers and pages see it.
func withoutFragment(u *url.URL) string {
	copied := *u
	copied.Fragment, copied.RawFragment = "", ""
	return copied.String()
}
