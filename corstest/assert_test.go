package corstest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/httpcors"
)

// failing is a test that may fail.
type failing struct {
	testing.TB
	errors []string
}

func (f *failing) Helper() {}
func (f *failing) Errorf(format string, args ...any) {
	f.errors = append(f.errors, fmt.Sprintf(format, args...))
}

// check compares the errors reported with parts of those wanted, one for each.
func (f *failing) check(t *testing.T, want ...string) {
	t.Helper()
	if len(f.errors) != len(want) {
		t.Errorf("got errors %q, want %d", f.errors, len(want))
		return
	}
	for i, part := range want {
		if !strings.Contains(f.errors[i], part) {
			t.Errorf("got error %q, want it to contain %q", f.errors[i], part)
		}
	}
}

func guarded(t testing.TB, config core.Config, h http.Handler) http.Handler {
	t.Helper()
	cors, err := core.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return httpcors.New(cors)(h)
}

var (
	getNotes     = corstest.Request{Page: app, URL: notes}
	putNotes     = corstest.Request{Page: app, URL: notes, Method: "PUT"}
	postJSON     = corstest.Request{Page: app, URL: notes, Method: "POST", Header: http.Header{"Content-Type": {"application/json"}}}
	withCookies  = corstest.Request{Page: app, URL: notes, Credentials: corstest.CredentialsInclude}
	fromOther    = corstest.Request{Page: "https://stranger.example", URL: notes}
	asNull       = corstest.Request{Page: "null", URL: notes}
	withoutCORS  = corstest.Request{Page: app, URL: notes, Mode: corstest.ModeNoCORS}
	withoutPage  = corstest.Request{Page: "page", URL: notes}
	followsMoves = corstest.Request{Page: app, URL: notes, Redirect: corstest.RedirectError}
)

func TestAssertAllowed(t *testing.T) {
	h := guarded(t, core.Config{Origins: []string{app}, Methods: []string{"PUT"}}, http.NotFoundHandler())
	tests := []struct {
		name     string
		requests []corstest.Request
		want     []string
	}{
		{"an allowed request passes, whatever the status", []corstest.Request{getNotes, putNotes}, nil},
		{"a denied one fails with the full story", []corstest.Request{postJSON}, []string{"want the request to be allowed:\nPOST " + notes}},
		{"each request is judged", []corstest.Request{fromOther, getNotes, asNull},
			[]string{"Access-Control-Allow-Origin: https://stranger.example", "Access-Control-Allow-Origin: null"}},
		{"an opaque response fails", []corstest.Request{withoutCORS}, []string{"the response is opaque"}},
		{"a request that cannot be made fails", []corstest.Request{withoutPage}, []string{`page "page" is not an origin`}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := &failing{TB: t}
			corstest.AssertAllowed(f, h, test.requests...)
			f.check(t, test.want...)
		})
	}
}

func TestAssertDenied(t *testing.T) {
	h := guarded(t, core.Config{Origins: []string{app}, Methods: []string{"DELETE"}}, http.RedirectHandler("/elsewhere", http.StatusFound))
	tests := []struct {
		name    string
		reason  core.Reason
		request corstest.Request
		want    []string
	}{
		{"another origin", core.ReasonOriginNotAllowed, fromOther, nil},
		{"a sandboxed page", core.ReasonOriginNull, asNull, nil},
		{"credentials", core.ReasonCredentialsNotAllowed, withCookies, nil},
		{"a method", core.ReasonMethodNotAllowed, putNotes, nil},
		{"a header", core.ReasonHeaderNotAllowed, postJSON, nil},
		{"a redirect has no reason", core.ReasonNone, followsMoves, nil},
		{"the wrong reason", core.ReasonMethodNotAllowed, fromOther, []string{"got reason origin_not_allowed, want method_not_allowed"}},
		{"a reason where there is none", core.ReasonMethodNotAllowed, followsMoves, []string{"got reason none, want method_not_allowed"}},
		{"no reason where there is one", core.ReasonNone, fromOther, []string{"got reason origin_not_allowed, want none"}},
		{"an allowed request", core.ReasonHeaderNotAllowed,
			corstest.Request{Page: app, URL: notes, Method: "DELETE", Redirect: corstest.RedirectManual},
			[]string{"DELETE " + notes + " from " + app + ": got a response with status 0, want a denial (header_not_allowed)"}},
		{"a request that cannot be made is not a denial", core.ReasonNone, withoutPage, []string{"not a denial by the server"}},
		{"a failed lookup cannot be told apart", core.ReasonOriginLookupFailed, fromOther, []string{"assert core.ReasonOriginNotAllowed"}},
		{"a malformed origin cannot be told apart", core.ReasonOriginMalformed, fromOther, []string{"assert core.ReasonOriginNotAllowed"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := &failing{TB: t}
			corstest.AssertDenied(f, h, test.reason, test.request)
			f.check(t, test.want...)
		})
	}
}
