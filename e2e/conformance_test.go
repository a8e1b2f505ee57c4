package e2e

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/httpcors"
)

// TestConformance sends the cases of the conformance suite that a browser can send. For a preflight it makes a request
// that needs it. It leaves out bytes that no browser sends or no server accepts, the API's own pages, and layers
// outside of CORS.
func TestConformance(t *testing.T) {
	needsBrowser(t)
	suite, err := corstest.Conformance()
	if err != nil {
		t.Fatal(err)
	}
	pages, sent := map[string]*tab{}, 0
	for _, c := range suite.Cases {
		policy := suite.Policies[c.Policy].Compilable()
		request, ok := asCall(&c)
		if !ok {
			continue
		}
		number := numberInModel(t, &c, policy, request)
		if number < 0 {
			continue
		}
		sent++
		page := c.Request.Fields[0].Value
		if pages[page] == nil {
			pages[page] = openTab(t, page)
		}
		for _, a := range hosts.apis {
			a.use(t, policy)
			request.URL = a.urlTLS(pathOf(&c))
			got := pages[page].calls(inPage, 1, request)[0]
			checkCase(t, a.name, &c, &got, a.log.take(), number)
		}
	}
	if least := 20; sent < least {
		t.Errorf("got %d cases that a browser can send, want at least %d", sent, least)
	}
	t.Logf("%d of %d cases", sent, len(suite.Cases))
}

// pathOf returns a case's path with a unique query, so the preflight cache has nothing for it.
func pathOf(c *corstest.Case) string {
	return c.Request.Path + "?" + strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return r
		}
		return '-'
	}, c.Name)
}

// asCall returns the call with which a page can send a case. The first field is the page's origin.
func asCall(c *corstest.Case) (request call, ok bool) {
	fields := c.Request.Fields
	if len(c.Outer) > 0 || c.Event == nil || len(fields) == 0 || len(c.RefusedBy) > 0 ||
		fields[0].Name != core.FieldOrigin || !isPage(fields[0].Value) ||
		strings.HasSuffix(fields[0].Value, "://"+corstest.Host) {
		return call{}, false
	}
	const most = 64 << 10 // the longest line that servers accept
	request.Method = c.Request.Method
	for _, field := range fields[1:] {
		if len(field.Value) > most {
			return call{}, false
		}
		switch field.Name {
		case core.FieldRequestMethod:
			request.Method = field.Value
		case core.FieldRequestHeaders:
			for name := range strings.SplitSeq(field.Value, ",") {
				request.Headers = append(request.Headers, [2]string{name, "1"})
			}
		default:
			request.Headers = append(request.Headers, [2]string{field.Name, field.Value})
		}
	}
	return request, true
}

// isPage reports whether the tests serve pages of an origin: one with a name, on the default port.
func isPage(origin string) bool {
	return regexp.MustCompile(`^https?://([a-z0-9-]+\.)*[a-z][a-z0-9-]*$`).MatchString(origin)
}

// numberInModel returns the number of the case's request among those that the model sends, or -1 if it does not send
// it.
func numberInModel(t *testing.T, c *corstest.Case, policy core.Config, request call) int {
	t.Helper()
	cors, err := core.New(policy)
	if err != nil {
		t.Fatal(err)
	}
	request.URL = "https://api.example.net" + pathOf(c)
	handler := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	b := corstest.NewBrowser(httpcors.New(cors)(handler), corstest.LikeChromium())
	return slices.IndexFunc(exchangesOf(b.Fetch(t.Context(), request.request(c.Request.Fields[0].Value))),
		func(e corstest.Exchange) bool { return isCase(c, &e) })
}

// isCase reports whether a browser's request is the case's, with all fields that a policy reads.
func isCase(c *corstest.Case, e *corstest.Exchange) bool {
	want := http.Header{}
	for _, field := range c.Request.Fields {
		want.Add(field.Name, field.Value)
	}
	for _, name := range []string{core.FieldOrigin, core.FieldRequestMethod, core.FieldRequestHeaders, "Cookie"} {
		if !slices.Equal(e.RequestHeader[name], want[name]) {
			return false
		}
	}
	for name, values := range want {
		if !slices.Equal(e.RequestHeader[name], values) {
			return false
		}
	}
	return e.Method == c.Request.Method
}

// checkCase compares what the page saw, and the event of the given number, with the case.
func checkCase(t *testing.T, framework string, c *corstest.Case, got *seen, log []logEntry, number int) {
	t.Helper()
	if number >= len(log) || log[number].event != *c.Event {
		t.Errorf("%s: %s: got log %v, want in place %d %+v\n%s", framework, c.Name, log, number, *c.Event, c.Why)
		return
	}
	allowed := c.Event.Outcome == core.OutcomeAllowed.String()
	if c.Event.Kind == core.KindPreflight.String() {
		if followed := len(log) > number+1; followed != allowed {
			t.Errorf("%s: %s: got verdict %s, but the request followed: %v", framework, c.Name, c.Event.Outcome, followed)
		}
		return
	}
	followed := c.Want.Status == http.StatusTemporaryRedirect && got.Redirected
	if allowed != (got.Failed == "") || allowed && got.Status != c.Want.Status && !followed {
		t.Errorf("%s: %s: got %+v, want a response: %v, with %d", framework, c.Name, *got, allowed, c.Want.Status)
	}
}
