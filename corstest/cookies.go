package corstest

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"

	"golang.org/x/net/publicsuffix"
)

// cookieStore is a cookie jar with SameSite, which net/http's does not support. It has a second jar
// for the cookies that pages of other sites may send.
//
// Cookies without SameSite count as Lax, as in Chromium. A script's request from another site never
// carries Lax cookies. Cookies of third parties are allowed if they have SameSite=None and Secure,
// and are not partitioned; some browsers block them altogether. A redirect by way of another site
// does not hold SameSite cookies back: neither browsers nor the draft do that, although Fetch's
// "determine the same-site mode" says so.
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

// store stores the cookies of a response to a page of the same site or of another.
func (s *cookieStore) store(u *url.URL, cookies []*http.Cookie, sameSite bool) {
	for _, c := range cookies {
		none := c.SameSite == http.SameSiteNoneMode
		if none && !c.Secure || !none && !sameSite || c.Secure && !isTrustworthy(u) {
			continue
		}
		s.all.SetCookies(secured(u), []*http.Cookie{c})
		shared := *c
		if !none { // it replaces one of this name that was None
			shared.MaxAge = -1
		}
		s.crossSite.SetCookies(secured(u), []*http.Cookie{&shared})
	}
}

// add adds the Cookie field of a request from a page of the same site or of another.
func (s *cookieStore) add(r *http.Request, sameSite bool) {
	jar := s.crossSite
	if sameSite {
		jar = s.all
	}
	for _, c := range jar.Cookies(secured(r.URL)) {
		r.AddCookie(c)
	}
}

// secured makes the jar treat localhost as browsers do, which send it Secure cookies without TLS.
func secured(u *url.URL) *url.URL {
	if u.Scheme == "https" || !isTrustworthy(u) {
		return u
	}
	copied := *u
	copied.Scheme = "https"
	return &copied
}
