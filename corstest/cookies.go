package corstest

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"

	"golang.org/x/net/publicsuffix"
)

// cookieStore is a cookie jar that knows SameSite, which net/http's does not. What pages of other sites may send is
// also kept in a jar of its own.
//
// Cookies without SameSite count as Lax, as in Chromium, and every request that a script makes from another site is one
// that Lax keeps them from. Cookies of third parties are allowed if they say SameSite=None and Secure, and are not
// partitioned; some browsers block them altogether. A redirect by way of another site does not keep SameSite cookies
// back, in no browser and not in the draft; Fetch's "determine the same-site mode" would have it so.
//
// https://www.ietf.org/archive/id/draft-ietf-httpbis-rfc6265bis-20.html#name-storage-model
type cookieStore struct {
	all       *cookiejar.Jar
	crossSite *cookiejar.Jar
}

func newCookieStore() *cookieStore {
	options := &cookiejar.Options{PublicSuffixList: publicsuffix.List}
	all, _ := cookiejar.New(options) // the error is always nil
	crossSite, _ := cookiejar.New(options)
	return &cookieStore{all: all, crossSite: crossSite}
}

// store keeps what came with a response to a page of the same site or of another.
func (s *cookieStore) store(u *url.URL, cookies []*http.Cookie, sameSite bool) {
	for _, c := range cookies {
		none := c.SameSite == http.SameSiteNoneMode
		if none && !c.Secure || !none && !sameSite || c.Secure && !isTrustworthy(u) {
			continue
		}
		s.all.SetCookies(secured(u), []*http.Cookie{c})
		shared := *c
		if !none { // it replaces one of this name that was
			shared.MaxAge = -1
		}
		s.crossSite.SetCookies(secured(u), []*http.Cookie{&shared})
	}
}

// add appends the Cookie field for a page of the same site or of another.
func (s *cookieStore) add(r *http.Request, sameSite bool) {
	jar := s.crossSite
	if sameSite {
		jar = s.all
	}
	for _, c := range jar.Cookies(secured(r.URL)) {
		r.AddCookie(c)
	}
}

// secured lets the jar treat localhost as browsers do: Secure cookies are sent there without TLS.
func secured(u *url.URL) *url.URL {
	if u.Scheme == "https" || !isTrustworthy(u) {
		return u
	}
	copied := *u
	copied.Scheme = "https"
	return &copied
}
