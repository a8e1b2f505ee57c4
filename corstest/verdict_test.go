package corstest_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/httpcors"
)

// events records what the policy decided about the requests that reached the server.
type events struct{ list []corstest.Event }

func (o *events) Observe(_ context.Context, e core.Event) {
	o.list = append(o.list, corstest.NewEvent(&e))
}

// A verdict says what a conforming browser will make of an answer. Over random policies and requests, verdict and
// browser must agree, for the same reason.
func TestVerdictsAreWhatABrowserMakesOfAnswers(t *testing.T) {
	const rounds = 5_000
	random := rand.New(rand.NewPCG(1, 2))
	seen := map[string]int{}
	for range rounds {
		config, request := randomConfig(random), randomRequest(random)
		observer := new(events)
		cors, err := core.New(config, core.WithObserver(observer))
		if err != nil {
			t.Fatalf("%+v: %v", config, err)
		}
		b := corstest.NewBrowser(httpcors.New(cors)(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})))
		cookie := &http.Cookie{Name: "s", Value: "1", SameSite: http.SameSiteNoneMode, Secure: true}
		if err := b.SetCookies(notes, cookie); err != nil {
			t.Fatal(err)
		}
		got, err := b.Fetch(t.Context(), request)
		if problem := compareVerdicts(got, err, observer.list); problem != "" {
			t.Fatalf("%s\npolicy %+v\nrequest %+v\nobserved %+v\n%v", problem, config, request, observer.list, err)
		}
		for _, e := range observer.list {
			seen[e.Kind+" "+e.Outcome+" "+e.Reason]++
		}
	}
	for _, class := range []string{
		"preflight allowed ", "preflight denied origin_not_allowed", "preflight denied origin_null",
		"preflight denied method_not_allowed", "preflight denied header_not_allowed",
		"actual allowed ", "actual denied origin_not_allowed", "actual denied origin_null",
		"actual denied credentials_not_allowed", "actual not_applicable ",
	} {
		if seen[class] < rounds/1000 {
			t.Errorf("got %d requests of class %q, want more, to prove something", seen[class], class)
		}
	}
}

// compareVerdicts returns what the browser and the observer disagree on.
func compareVerdicts(got *corstest.Response, err error, observed []corstest.Event) string {
	var failed *corstest.FetchError
	if err != nil && !errors.As(err, &failed) {
		return "the error is no FetchError"
	}
	if len(observed) == 0 { // a request without Origin
		if err != nil {
			return "the browser denies a request that no observer got"
		}
		return ""
	}
	last := observed[len(observed)-1]
	if last.Kind == "preflight" {
		switch {
		case err == nil:
			return "no request came after a preflight"
		case failed.Reason == core.ReasonCredentialsNotAllowed && !strings.HasPrefix(last.Reason, "origin_"):
			return "" // preflights do not show credentials, as the documentation says, so the verdict has a later reason
		case last.Outcome != "denied" || last.Reason != failed.Reason.String():
			return "the verdict on the preflight is not the browser's"
		}
		return ""
	}
	switch {
	case (last.Outcome == "denied") != (err != nil):
		return "the verdict on the request is not the browser's"
	case err != nil && last.Reason != failed.Reason.String():
		return "the verdict's reason is not the browser's"
	case last.NeedsPreflight != (len(observed) == 2):
		return "NeedsPreflight is not what the browser does"
	case err == nil && got.Preflights() != len(observed)-1:
		return "not every preflight was observed"
	}
	return ""
}

func pick[T any](random *rand.Rand, list ...T) T { return list[random.IntN(len(list))] }

// some returns each element with a chance of one in two.
func some(random *rand.Rand, list ...string) (chosen []string) {
	for _, s := range list {
		if random.IntN(2) == 0 {
			chosen = append(chosen, s)
		}
	}
	return chosen
}

func randomConfig(random *rand.Rand) core.Config {
	c := core.Config{
		Origins:        append(some(random, app, "https://*.example.org", "http://localhost:*"), "https://always.example"),
		Credentials:    random.IntN(2) == 0,
		Methods:        pick(random, some(random, "PUT", "DELETE", "FOO", "POST"), []string{"*"}),
		RequestHeaders: pick(random, some(random, "Content-Type", "X-A", "x-b", "Authorization"), []string{"*"}, []string{"*", "authorization"}),
		ExposeHeaders:  some(random, "X-Request-Id"),
		Block:          random.IntN(4) == 0,
	}
	if random.IntN(5) == 0 {
		c.Origins, c.Credentials = []string{"*"}, false
	}
	if c.Credentials && len(c.RequestHeaders) == 2 && c.RequestHeaders[0] == "*" {
		c.RequestHeaders = c.RequestHeaders[:1]
	}
	if !c.Credentials && c.Origins[0] != "*" && random.IntN(3) == 0 {
		c.Origins = append(slices.Clone(c.Origins), "null")
		c.Unsafe.Accept = []string{"null"}
	}
	return c
}

func randomRequest(random *rand.Rand) corstest.Request {
	r := corstest.Request{
		Page: pick(random, app, app, "https://a.example.org", "http://localhost:3000", "https://stranger.example", "null",
			"https://api.example.com", "capacitor://localhost"),
		URL:    notes,
		Method: pick(random, "GET", "GET", "POST", "PUT", "put", "DELETE", "patch", "FOO", "HEAD", "OPTIONS"),
		Header: http.Header{},
		Credentials: pick(random, corstest.CredentialsOmit, corstest.CredentialsSameOrigin, corstest.CredentialsInclude,
			corstest.CredentialsInclude),
	}
	for _, name := range some(random, "X-A", "X-B", "Authorization", "Accept", "Range") {
		r.Header.Set(name, "bytes=0-")
	}
	if r.Method != "GET" && r.Method != "HEAD" && random.IntN(2) == 0 {
		r.Body = "{}"
		if random.IntN(2) == 0 {
			r.Header.Set("Content-Type", pick(random, "application/json", "text/plain", "TEXT/PLAIN; charset=x"))
		}
	}
	if (r.Method == "GET" || r.Method == "POST") && random.IntN(5) == 0 {
		r.Mode = corstest.ModeNoCORS
	}
	return r
}
