package e2e

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/httpcors"
)

// cacheStep is one request of a sequence.
type cacheStep struct {
	wait        time.Duration // before it
	tab         int           // 0 and 1 are tabs of front, 2 one of another origin
	method      string
	headers     [][2]string
	credentials string
	query       string
}

var (
	json1  = [][2]string{{"Content-Type", "application/json"}}
	custom = [][2]string{{"X-Custom", "1"}}
)

const another = "http://another.localhost"

var cacheSequences = []struct {
	name     string
	maxAge   time.Duration
	wildcard bool // the policy echoes what is asked for
	steps    []cacheStep
}{
	{"repeated at once", time.Minute, false, []cacheStep{{method: "PUT"}, {method: "PUT"}, {method: "PUT"}}},
	{"repeated after max-age", 2 * time.Second, false, []cacheStep{
		{method: "PUT"}, {method: "PUT"}, {method: "PUT", wait: 2300 * time.Millisecond}, {method: "PUT"},
	}},
	{"without max-age", 0, false, []cacheStep{{method: "PUT"}, {method: "PUT"}}},
	{"with caching forbidden", -1, false, []cacheStep{{method: "PUT"}, {method: "PUT"}}},
	{"other methods, listed together", time.Minute, false, []cacheStep{
		{method: "PUT"}, {method: "DELETE"}, {method: "PUT"},
	}},
	{"other methods, echoed", time.Minute, true, []cacheStep{
		{method: "PUT"}, {method: "DELETE"}, {method: "PUT"}, {method: "PUT"},
	}},
	{"other headers, listed together", time.Minute, false, []cacheStep{
		{method: "POST", headers: json1}, {method: "GET", headers: custom}, {method: "POST", headers: json1},
	}},
	{"other headers, echoed", time.Minute, true, []cacheStep{
		{method: "POST", headers: json1}, {method: "POST", headers: custom}, {method: "POST", headers: json1},
	}},
	{"another query", time.Minute, false, []cacheStep{
		{method: "PUT"}, {method: "PUT", query: "&page=2"}, {method: "PUT"}, {method: "PUT", query: "&page=2"},
	}},
	{"credentials on, then off", time.Minute, false, []cacheStep{
		{method: "PUT", credentials: "include"}, {method: "PUT", credentials: "omit"}, {method: "PUT", credentials: "include"},
	}},
	{"credentials off, then on", time.Minute, false, []cacheStep{
		{method: "PUT", credentials: "omit"}, {method: "PUT", credentials: "include"}, {method: "PUT", credentials: "omit"},
	}},
	{"two tabs", time.Minute, false, []cacheStep{{method: "PUT"}, {method: "PUT", tab: 1}, {method: "PUT"}}},
	{"two origins", time.Minute, false, []cacheStep{{method: "PUT"}, {method: "PUT", tab: 2}, {method: "PUT"}}},
	{"a refused method in between", time.Minute, false, []cacheStep{
		{method: "PUT"}, {method: "PATCH"}, {method: "PUT"},
	}},
	{"a simple request in between", time.Minute, false, []cacheStep{
		{method: "PUT"}, {method: "GET"}, {method: "PUT"},
	}},
}

// TestPreflightCache compares the requests that Chromium sends with the model's, and otelcors' hits and misses with
// both.
func TestPreflightCache(t *testing.T) {
	needsBrowser(t)
	for _, a := range hosts.apis {
		t.Run(a.name, func(t *testing.T) {
			t.Parallel() // they wait most of the time
			tabs := []*tab{openTab(t, front), openTab(t, front), openTab(t, another)}
			for number, sequence := range cacheSequences {
				config := cachePolicy(sequence.maxAge, sequence.wildcard)
				a.use(t, config)
				url := a.url(fmt.Sprintf("/api/ok?sequence=%d", number))
				got := measure(a, tabs, url, sequence.steps)
				if want := predict(t, config, url, sequence.steps); !slices.Equal(got, want) {
					t.Errorf("%s:\ngot\n\t%s\nwant\n\t%s", sequence.name, strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
				}
			}
		})
	}
}

func cachePolicy(maxAge time.Duration, wildcard bool) core.Config {
	config := core.Config{
		Origins: []string{front, another}, Credentials: true, MaxAge: maxAge,
		Methods: []string{"PUT", "DELETE"}, RequestHeaders: []string{"Content-Type", "X-Custom"},
	}
	if wildcard {
		config.Methods, config.RequestHeaders = []string{"*"}, []string{"*"}
	}
	return config
}

func (s *cacheStep) call(url string) call {
	return call{URL: url + s.query, Method: s.method, Headers: s.headers, Credentials: s.credentials}
}

// measure returns what the server logged, with otelcors' status.
func measure(a *api, tabs []*tab, url string, steps []cacheStep) (lines []string) {
	for _, step := range steps {
		time.Sleep(step.wait)
		tabs[step.tab].calls(inPage, 1, step.call(url))
		for _, entry := range a.log.take() {
			if entry.kind == core.KindPreflight {
				lines = append(lines, strings.TrimSpace("OPTIONS for "+entry.asked+" "+entry.cache))
			} else {
				lines = append(lines, strings.TrimSpace(entry.method+" "+entry.cache))
			}
		}
	}
	return lines
}

// predict returns what the model sends. A request that needs a preflight is a miss if there was one, and else a hit.
func predict(t *testing.T, config core.Config, url string, steps []cacheStep) (lines []string) {
	t.Helper()
	now := time.Now()
	cors, err := core.New(config)
	if err != nil {
		t.Fatal(err)
	}
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") })
	b := corstest.NewBrowser(httpcors.New(cors)(handler), corstest.LikeChromium(),
		corstest.WithClock(func() time.Time { return now }))
	for _, step := range steps {
		now = now.Add(step.wait)
		page := []string{front, front, another}[step.tab]
		c := step.call(url)
		got, err := b.Fetch(t.Context(), c.request(page))
		exchanges, status := exchangesOf(got, err), "hit"
		if c.Method == "GET" && len(c.Headers) == 0 {
			status = ""
		}
		for _, e := range exchanges {
			if e.Preflight {
				asked := e.RequestHeader.Get("Access-Control-Request-Method") + " " +
					e.RequestHeader.Get("Access-Control-Request-Headers")
				lines, status = append(lines, "OPTIONS for "+strings.TrimSpace(asked)), "miss"
			} else {
				lines = append(lines, strings.TrimSpace(e.Method+" "+status))
			}
		}
	}
	return lines
}

// exchangesOf returns what the model sent, whether the request failed or not.
func exchangesOf(got *corstest.Response, err error) []corstest.Exchange {
	if failed, ok := errors.AsType[*corstest.FetchError](err); ok {
		return failed.Exchanges
	}
	return got.Exchanges
}

// Requests that a page makes at once may each have a preflight, or not; the sums must be right.
func TestPreflightsOfRequestsAtOnce(t *testing.T) {
	needsBrowser(t)
	for _, a := range hosts.apis {
		a.use(t, cachePolicy(time.Minute, false))
		calls := slices.Repeat([]call{{URL: a.url("/api/ok?at-once"), Method: "PUT"}}, 12)
		openTab(t, front).calls(inPage, len(calls), calls...)
		preflights, count := 0, map[string]int{}
		for _, entry := range a.log.take() {
			if entry.kind == core.KindPreflight {
				preflights++
			} else {
				count[entry.cache]++
			}
		}
		if preflights == 0 || count["miss"] != preflights || count["hit"] != len(calls)-preflights {
			t.Errorf("%s: got %d preflights and %v, want a miss for each and hits for the rest of %d", a.name, preflights,
				count, len(calls))
		}
	}
}

// On plain http Chromium says that it is a browser with preflights, by one field out of two, but not with requests.
// otelcors must take neither into account.
func TestPreflightsOnPlainHTTPAreUnknown(t *testing.T) {
	needsBrowser(t)
	want := []string{`OPTIONS /api/ok mode="cors" site="" unknown`, `PUT /api/ok mode="" site="" unknown`}
	for _, a := range hosts.apis {
		a.use(t, cachePolicy(time.Minute, false))
		openTab(t, front).calls(inPage, 1, call{URL: a.urlPlain("/api/ok?plain"), Method: "PUT"})
		var got []string
		for _, entry := range a.log.take() {
			got = append(got, fmt.Sprintf("%s %s mode=%q site=%q %s", entry.method, entry.path, entry.mode, entry.site,
				entry.cache))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", a.name, got, want)
		}
	}
}
