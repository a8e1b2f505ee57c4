package corstest

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// tainting is the standard's response tainting: how much of the response the page may see.
type tainting uint8

const (
	taintBasic tainting = iota
	taintCORS
	taintOpaque
)

// reply is a response before it is filtered.
type reply struct {
	status         int
	header         http.Header
	body           string
	manualRedirect bool // the page learns only that there was a redirect
}

// mainFetch: Fetch, 4.1: https://fetch.spec.whatwg.org/#concept-main-fetch
//
// It runs again after each redirect.
func (f *fetch) mainFetch(ctx context.Context) (*reply, error) {
	if f.isMixedContent() { // step 7
		return nil, f.fail(failure{
			check: CheckMixedContent, step: stepMixedContent,
			problem: fmt.Sprintf("an https page cannot ask %s", originOf(f.url())),
			needed:  "serve the API over https, or develop on localhost",
		})
	}
	switch { // step 12
	case sameOrigin(originOf(f.url()), f.page) && f.tainting == taintBasic:
		return f.httpFetch(ctx, false)
	case f.mode == ModeSameOrigin:
		return nil, f.fail(failure{
			check: CheckMode, step: stepMainFetch,
			problem: "mode same-origin does not reach " + originOf(f.url()),
			needed:  "mode cors",
		})
	case f.mode == ModeNoCORS && f.redirect != RedirectFollow:
		return nil, f.fail(failure{
			check: CheckMode, step: stepMainFetch,
			problem: fmt.Sprintf("mode no-cors takes no redirect mode %q for another origin",
				f.redirect),
			needed: "mode cors, or redirect mode follow",
		})
	case f.mode == ModeNoCORS:
		f.tainting = taintOpaque
		return f.httpFetch(ctx, false)
	}
	f.tainting = taintCORS
	if !f.useCORSPreflight && isSafelistedMethod(f.method) &&
		len(unsafeHeaderNames(f.header)) == 0 {
		return f.httpFetch(ctx, false)
	}
	got, err := f.httpFetch(ctx, true)
	if err != nil && !f.browser.cache.replace {
		f.browser.mu.Lock()
		defer f.browser.mu.Unlock()
		f.browser.cache.clear(f)
	}
	return got, err
}

// isMixedContent: https://w3c.github.io/webappsec-mixed-content/#should-block-fetch
//
// A page whose origin is "null" may ask any server: it is not known whether it came over https.
func (f *fetch) isMixedContent() bool {
	return strings.HasPrefix(f.page, "https://") && !isTrustworthy(f.url())
}

// httpFetch: Fetch, 4.4: https://fetch.spec.whatwg.org/#concept-http-fetch
func (f *fetch) httpFetch(ctx context.Context, makeCORSPreflight bool) (*reply, error) {
	if makeCORSPreflight && !f.isPreflightCached() { // step 4.1
		if err := f.preflight(ctx); err != nil {
			return nil, err
		}
	}
	got, err := f.network(ctx, f.outgoing(), f.includesCredentials()) // step 4.3
	if err != nil {
		return nil, err
	}
	isRedirect := slices.Contains([]int{301, 302, 303, 307, 308}, got.status)
	if f.tainting == taintCORS { // step 4.4
		subject := "answer"
		if isRedirect {
			subject = "redirect"
		}
		if failed := f.corsCheck(subject, got); failed != nil {
			return nil, f.fail(*failed)
		}
	}
	if f.tainting == taintOpaque && f.isBlockedByResourcePolicy(got.header) { // step 5
		return nil, f.fail(failure{
			check: CheckResourcePolicy, step: stepResourcePolicy,
			problem: "the answer's Cross-Origin-Resource-Policy hides it from this page",
			needed:  "Cross-Origin-Resource-Policy: cross-origin",
		})
	}
	if isRedirect { // step 6
		return f.onRedirect(ctx, got)
	}
	return got, nil
}

// includesCredentials: Fetch, 4.6 HTTP-network-or-cache fetch, step 8.3:
// https://fetch.spec.whatwg.org/#concept-http-network-or-cache-fetch
func (f *fetch) includesCredentials() bool {
	return f.credentials == CredentialsInclude ||
		f.credentials == CredentialsSameOrigin && f.tainting == taintBasic
}

// outgoing returns the request for the current URL, without credentials.
//
// Fetch, 4.6 HTTP-network-or-cache fetch, steps 8.5 to 8.20.
func (f *fetch) outgoing() *http.Request {
	header := f.header.Clone()
	setDefault(header, "Accept", "*/*") // Fetch, 4. Fetching, step 13
	if origin, ok := f.originHeader(); ok {
		header.Set("Origin", origin)
	}
	if len(header["Range"]) > 0 {
		header.Set("Accept-Encoding", "identity")
	}
	f.setFetchMetadata(header, f.mode)
	r := &http.Request{Method: f.method, URL: f.url(), Host: f.url().Host, Header: header,
		Body: http.NoBody}
	switch {
	case f.hasBody && f.stream:
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(f.body)), -1
	case f.hasBody:
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(f.body)), int64(len(f.body))
		header.Set("Content-Length", strconv.Itoa(len(f.body)))
	case f.method == http.MethodPost || f.method == http.MethodPut:
		header.Set("Content-Length", "0")
	}
	return r
}

func setDefault(header http.Header, name, value string) {
	if len(header[name]) == 0 {
		header[name] = []string{value}
	}
}

// originHeader: Fetch, 3.2: https://fetch.spec.whatwg.org/#append-a-request-origin-header
func (f *fetch) originHeader() (string, bool) {
	origin := f.serializedOrigin()
	switch {
	case f.tainting == taintCORS: // step 3
		return origin, true
	case f.method == http.MethodGet || f.method == http.MethodHead: // step 4
		return "", false
	case f.mode != ModeCORS && !f.browser.chromium && f.isOriginWithheld(): // step 4.1
		return opaqueOrigin, true
	}
	return origin, true
}

// isOriginWithheld reports whether the referrer policy hides the page's origin from the server. It
// does not apply in mode cors.
func (f *fetch) isOriginWithheld() bool {
	switch f.referrerPolicy {
	case "no-referrer":
		return true
	case "no-referrer-when-downgrade", "strict-origin", "strict-origin-when-cross-origin":
		return strings.HasPrefix(f.page, "https:") && f.url().Scheme != "https"
	case "same-origin":
		return !sameOrigin(f.page, originOf(f.url()))
	}
	return false
}

// serializedOrigin returns "null" after a redirect from an origin that is not the page's to another
// one: the page did not choose that target.
//
// Fetch, 2.2.5, "serialize a request origin":
// https://fetch.spec.whatwg.org/#serializing-a-request-origin
// and "redirect-taint": https://fetch.spec.whatwg.org/#concept-request-tainted-origin
func (f *fetch) serializedOrigin() string {
	for i, u := range f.urls[1:] {
		last := originOf(f.urls[i])
		if !sameOrigin(originOf(u), last) && !sameOrigin(f.page, last) {
			return opaqueOrigin
		}
	}
	return f.page
}

// setFetchMetadata: https://w3c.github.io/webappsec-fetch-metadata/#fetch-integration
func (f *fetch) setFetchMetadata(header http.Header, mode Mode) {
	if !isTrustworthy(f.url()) {
		return
	}
	site := "same-origin"
	for _, u := range f.urls {
		origin := originOf(u)
		if sameOrigin(origin, f.page) {
			continue
		}
		if !sameSite(f.page, origin) {
			site = "cross-site"
			break
		}
		site = "same-site"
	}
	header.Set("Sec-Fetch-Site", site)
	header.Set("Sec-Fetch-Mode", string(mode))
	header.Set("Sec-Fetch-Dest", "empty")
}

// isBlockedByResourcePolicy: Fetch, 3.7:
// https://fetch.spec.whatwg.org/#cross-origin-resource-policy-internal-check
func (f *fetch) isBlockedByResourcePolicy(header http.Header) bool {
	target := originOf(f.url())
	switch policy, _ := getHeader(header, "Cross-Origin-Resource-Policy"); policy {
	case "same-origin":
		return !sameOrigin(f.page, target)
	case "same-site":
		insecurePage := schemeOf(f.page) != "https" && schemeOf(target) == "https"
		return !schemelesslySameSite(f.page, target) || insecurePage
	}
	return false
}
