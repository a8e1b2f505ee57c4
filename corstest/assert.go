package corstest

import (
	"errors"
	"net/http"
	"testing"

	"github.com/corselet/corselet/core"
)

// AssertAllowed makes each request of h in a new browser, and reports an error for each whose
// response the page cannot see. The status does not matter: a page that sees a 404 is allowed.
func AssertAllowed(t testing.TB, h http.Handler, requests ...Request) {
	t.Helper()
	for _, r := range requests {
		got, err := NewBrowser(h).Fetch(t.Context(), r)
		switch {
		case err != nil:
			t.Errorf("got a denial, want the request to be allowed:\n%v", err)
		case got.Type == ResponseOpaque:
			t.Errorf(
				"%s %s from %s: the response is opaque, so the page cannot read it; use mode cors",
				orDefault(r.Method, http.MethodGet), r.URL, r.Page)
		}
	}
}

// AssertDenied makes each request of h in a new browser, and reports an error for each that is not
// denied for the given reason. [core.ReasonNone] is for failures that have no reason in a policy: a
// redirect, or a preflight answered with a status other than 200 to 299.
//
// A browser cannot see why the server refuses an origin: because it does not list it, could not
// look it up, or cannot parse it. All of these are [core.ReasonOriginNotAllowed], unless the origin
// is "null".
func AssertDenied(t testing.TB, h http.Handler, reason core.Reason, requests ...Request) {
	t.Helper()
	if reason == core.ReasonOriginLookupFailed || reason == core.ReasonOriginMalformed {
		t.Errorf("no browser can tell %s from origin_not_allowed; "+
			"assert core.ReasonOriginNotAllowed", reason)
		return
	}
	for _, r := range requests {
		got, err := NewBrowser(h).Fetch(t.Context(), r)
		var failed *FetchError
		switch {
		case !errors.As(err, &failed):
			t.Errorf("%s %s from %s: got a response with status %d, want a denial (%s)",
				orDefault(r.Method, http.MethodGet), r.URL, r.Page, got.Status,
				orDefault(reason.String(), "no reason"))
		case !failed.isDenial():
			t.Errorf("got an error that is not a denial by the server, want a denial (%s):\n%v",
				orDefault(reason.String(), "no reason"), err)
		case failed.Reason != reason:
			t.Errorf("got reason %s, want %s:\n%v",
				orDefault(failed.Reason.String(), "none"), orDefault(reason.String(), "none"), err)
		}
	}
}

// isDenial reports whether the request failed because of the server's answer.
func (e *FetchError) isDenial() bool {
	switch e.Check {
	case CheckRequest, CheckMixedContent, CheckMode, CheckNetwork:
		return false
	}
	return true
}
