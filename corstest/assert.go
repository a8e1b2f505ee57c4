package corstest

import (
	"errors"
	"net/http"
	"testing"

	"github.com/corselet/corselet/core"
)

// AssertAllowed makes each of the requests in a browser of its own, in front of h, and reports an error for each that
// the page would not see the response of. Whatever the status, a response is one that the page may see.
func AssertAllowed(t testing.TB, h http.Handler, requests ...Request) {
	t.Helper()
	for _, r := range requests {
		got, err := NewBrowser(h).Fetch(t.Context(), r)
		switch {
		case err != nil:
			t.Errorf("got a denial, want the request to be allowed:\n%v", err)
		case got.Type == ResponseOpaque:
			t.Errorf("%s %s from %s: the response is opaque, so that there is nothing to allow; ask with mode cors",
				orDefault(r.Method, http.MethodGet), r.URL, r.Page)
		}
	}
}

// AssertDenied makes each of the requests in a browser of its own, in front of h, and reports an error for each that is
// not denied for the given reason. [core.ReasonNone] stands for failures that no policy foresees: a redirect, or a
// preflight answered with a status that is not 200 to 299.
//
// What the server thinks does not reach a browser: an origin that it does not list, one that it could not look up, and
// one that it cannot parse look alike. All of them are [core.ReasonOriginNotAllowed], unless the origin is "null".
func AssertDenied(t testing.TB, h http.Handler, reason core.Reason, requests ...Request) {
	t.Helper()
	if reason == core.ReasonOriginLookupFailed || reason == core.ReasonOriginMalformed {
		t.Errorf("no browser can tell %s from origin_not_allowed; assert core.ReasonOriginNotAllowed", reason)
		return
	}
	for _, r := range requests {
		got, err := NewBrowser(h).Fetch(t.Context(), r)
		var failed *FetchError
		switch {
		case !errors.As(err, &failed):
			t.Errorf("%s %s from %s: got a response with status %d, want a denial (%s)",
				orDefault(r.Method, http.MethodGet), r.URL, r.Page, got.Status, orDefault(reason.String(), "no reason"))
		case !failed.isDenial():
			t.Errorf("got a failure that is no denial by the server, want one (%s):\n%v",
				orDefault(reason.String(), "no reason"), err)
		case failed.Reason != reason:
			t.Errorf("got reason %s, want %s:\n%v",
				orDefault(failed.Reason.String(), "none"), orDefault(reason.String(), "none"), err)
		}
	}
}

// isDenial reports whether it was the server's answer at which the request failed.
func (e *FetchError) isDenial() bool {
	switch e.Check {
	case CheckRequest, CheckMixedContent, CheckMode, CheckNetwork:
		return false
	}
	return true
}
