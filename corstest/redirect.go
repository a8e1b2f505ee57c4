package corstest

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
)

// onRedirect: Fetch, 4.4 HTTP fetch, step 6.2: https://fetch.spec.whatwg.org/#concept-http-fetch
func (f *fetch) onRedirect(ctx context.Context, got *reply) (*reply, error) {
	switch f.redirect {
	case RedirectError:
		return nil, f.redirectFailed(stepHTTPFetch+"6.2",
			fmt.Sprintf("there was a redirect (%d)", got.status),
			"no redirect, or redirect mode follow")
	case RedirectManual:
		got.manualRedirect = true
		return got, nil
	}
	return f.followRedirect(ctx, got)
}

// followRedirect: Fetch, 4.5 HTTP-redirect fetch:
// https://fetch.spec.whatwg.org/#concept-http-redirect-fetch
func (f *fetch) followRedirect(ctx context.Context, got *reply) (*reply, error) {
	lines := got.header.Values("Location")
	if len(lines) == 0 { // step 4
		return got, nil
	}
	target, err := f.location(lines)
	if err != nil { // steps 5 and 6
		return nil, f.redirectFailed(stepRedirect+"5", err.Error(),
			"Location: an http or https URL")
	}
	const most = 20
	if f.redirectCount == most { // step 7
		return nil, f.redirectFailed(stepRedirect+"7", "there were more than 20 redirects",
			"fewer redirects")
	}
	f.redirectCount++
	foreign := f.mode == ModeCORS && !sameOrigin(f.page, originOf(target))
	if target.User != nil && (foreign || f.tainting == taintCORS) { // steps 9 and 10
		return nil, f.redirectFailed(stepRedirect+"9", "the redirect's URL has a user name",
			"a Location without user name and password")
	}
	if got.status != http.StatusSeeOther && f.hasBody && f.stream { // step 11
		return nil, f.redirectFailed(stepRedirect+"11",
			fmt.Sprintf("a redirect (%d) would need the stream again, which is used up",
				got.status),
			"status 303, no redirect, or a body that is not a stream")
	}
	f.dropMethod(got.status)
	if !sameOrigin(originOf(f.url()), originOf(target)) { // step 13
		f.header.Del("Authorization")
	}
	f.urls = append(f.urls, target) // step 18
	return f.mainFetch(ctx)         // step 22
}

// location: Fetch, 2.2.6, "location URL":
// https://fetch.spec.whatwg.org/#concept-response-location-url
func (f *fetch) location(lines []string) (*url.URL, error) {
	if len(lines) > 1 {
		return nil, fmt.Errorf("the redirect has Location %d times", len(lines))
	}
	target, err := parseURL(f.url(), lines[0])
	if err != nil {
		return nil, fmt.Errorf("the redirect's Location is not usable: %w", err)
	}
	if target.Fragment == "" {
		target.Fragment, target.RawFragment = f.url().Fragment, f.url().RawFragment
	}
	return target, nil
}

// dropMethod turns the request into a GET if the redirect's status does that.
//
// Fetch, 4.5 HTTP-redirect fetch, step 12:
// https://fetch.spec.whatwg.org/#concept-http-redirect-fetch
func (f *fetch) dropMethod(status int) {
	moved := status == http.StatusMovedPermanently || status == http.StatusFound
	seeOther := status == http.StatusSeeOther
	if moved && f.method == http.MethodPost ||
		seeOther && f.method != http.MethodGet && f.method != http.MethodHead {
		f.method, f.body, f.hasBody = http.MethodGet, "", false
		for _, name := range []string{
			"Content-Encoding", "Content-Language", "Content-Location", "Content-Type",
		} {
			f.header.Del(name)
		}
	}
}

func (f *fetch) redirectFailed(step, problem, needed string) error {
	return f.fail(failure{check: CheckRedirect, step: step, problem: problem, needed: needed})
}
