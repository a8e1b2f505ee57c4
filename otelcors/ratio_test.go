package otelcors

import (
	"context"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/corselet/corselet/core"
)

// hitRatio is the ratio that the README defines, from the counter's values by their attributes. It reports false if
// there is none.
func hitRatio(counts map[string]int64) (ratio float64, ok bool) {
	var preflights, needed int64
	for text, n := range counts {
		attributes := strings.Split(text, ",")
		has := func(name, value string) bool { return slices.Contains(attributes, name+"="+value) }
		status := func(value string) bool { return has("cors.preflight.cache.status", value) }
		if has("cors.request.type", "preflight") && has("cors.verdict", "allowed") && !status("unknown") {
			preflights += n
		}
		if status("hit") || status("miss") {
			needed += n
		}
	}
	if needed == 0 {
		return 0, false
	}
	return max(0, 1-float64(preflights)/float64(needed)), true
}

func TestTheRatioCountsKnownBrowsersOnly(t *testing.T) {
	policy := core.Config{
		Origins: []string{app, "null"}, Methods: []string{"PUT"}, RequestHeaders: []string{"Authorization"},
		Unsafe: core.Unsafe{Accept: []string{"null"}},
	}
	script := []string{"Sec-Fetch-Mode", "", "Sec-Fetch-Site", ""}
	token := []string{"Authorization", "Bearer x"}
	send := func(n int, r *core.Request) []*core.Request { return slices.Repeat([]*core.Request{r}, n) }
	browser := slices.Concat(send(1, newPreflight("PUT", app)), send(4, newRequest("PUT", app)))
	scripts := send(100, newRequest("GET", app, append(token, script...)...))
	careful := slices.Concat(send(100, newPreflight("PUT", app, script...)), send(100, newRequest("PUT", app, script...)))
	plainHTTP := slices.Concat(
		send(100, withoutField(newPreflight("PUT", app), core.FieldSecFetchSite)),
		send(100, withoutField(newRequest("PUT", app, "Sec-Fetch-Mode", ""), core.FieldSecFetchSite)))
	none := math.NaN()
	tests := []struct {
		name     string
		requests []*core.Request
		want     float64 // NaN: there is none
	}{
		{"nothing", nil, none},
		{"requests that need no preflight", send(10, newRequest("GET", app)), none},
		{"a script that sends its token and an Origin", scripts, none},
		{"a script that sends preflights too", careful, none},
		{"a script that sends preflights alone", send(100, newPreflight("PUT", app, script...)), none},
		{"Chromium on plain http", plainHTTP, none},
		{"a preflight of a browser, and no request yet", send(1, newPreflight("PUT", app)), none},
		{"a preflight of a browser, and scripts' requests", append(send(1, newPreflight("PUT", app)), scripts...), none},
		{"sandboxed pages", append(send(3, newPreflight("PUT", "null")), send(9, newRequest("PUT", "null"))...), none},
		{"a browser that caches", browser, .75},
		{"a browser that caches, and scripts that send no preflights", slices.Concat(browser, scripts), .75},
		{"a browser that caches, and scripts that send one each time", slices.Concat(careful, browser), .75},
		{"a browser that caches, and pages on plain http", slices.Concat(plainHTTP, browser), .75},
		{"a browser that caches, and sandboxed pages", append(send(3, newPreflight("PUT", "null")), browser...), .75},
		{"a browser that does not, and scripts that send no preflights",
			slices.Concat(send(4, newPreflight("PUT", app)), send(4, newRequest("PUT", app)), scripts), 0},
		{"a browser that sends its token", append(send(1, newPreflight("GET", app)),
			send(2, newRequest("GET", app, token...))...), .5},
		{"preflights that nothing follows", append(send(9, newPreflight("PUT", app)), send(1, newRequest("PUT", app))...), 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			k := newTelemetry(t)
			cors := k.cors(t, policy)
			for _, r := range test.requests {
				cors.Decide(context.Background(), r)
			}
			counts := k.counts(t, "cors.requests")
			got, ok := hitRatio(counts)
			if want := !math.IsNaN(test.want); ok != want || ok && got != test.want {
				t.Errorf("got a ratio of %v, %t, out of %v, want %v", got, ok, counts, test.want)
			}
			if got := sum(counts); got != int64(len(test.requests)) {
				t.Errorf("got a count of %d, want %d", got, len(test.requests))
			}
		})
	}
}

// A preflight on one replica and its request on another are a false hit each, and the ratio is right.
func TestTheRatioNeedsNoMatches(t *testing.T) {
	k := newTelemetry(t)
	cors := k.cors(t, appPolicy)
	for range 3 {
		cors.Decide(context.Background(), fromAddress(newPreflight("PUT", app), "192.0.2.9"))
		for range 4 {
			cors.Decide(context.Background(), newRequest("PUT", app))
			cors.Decide(context.Background(), newRequest("GET", app))
		}
	}
	counts := k.counts(t, "cors.requests")
	if got := counts["cors.preflight.cache.status=hit,cors.request.type=actual,cors.verdict=allowed"]; got != 12 {
		t.Errorf("got %d hits, want 12", got)
	}
	if got, ok := hitRatio(counts); !ok || got != .75 {
		t.Errorf("got a ratio of %v, %t, out of %v, want 0.75", got, ok, counts)
	}
}

// Where every request's status is unknown, so is every preflight's, and there is no ratio.
func TestPreflightsAreUnknownWhereTheirRequestsAre(t *testing.T) {
	for name, test := range map[string]struct {
		opts []Option
		addr string
	}{
		"without tracking":   {[]Option{WithoutCacheTracking()}, "192.0.2.1"},
		"without an address": {nil, ""},
		"without a key":      {[]Option{WithClientKey(func(context.Context, core.Event) string { return "" })}, "192.0.2.1"},
	} {
		t.Run(name, func(t *testing.T) {
			k := newTelemetry(t, test.opts...)
			cors := k.cors(t, appPolicy)
			cors.Decide(context.Background(), fromAddress(newPreflight("PUT", app), test.addr))
			cors.Decide(context.Background(), fromAddress(newRequest("PUT", app), test.addr))
			cors.Decide(context.Background(), fromAddress(newPreflight("PATCH", app), test.addr))
			want := map[string]int64{
				"cors.preflight.cache.status=unknown,cors.request.type=preflight,cors.verdict=allowed":  1,
				"cors.preflight.cache.status=unknown,cors.request.type=actual,cors.verdict=allowed":     1,
				"cors.denial.reason=method_not_allowed,cors.request.type=preflight,cors.verdict=denied": 1,
			}
			counts := k.counts(t, "cors.requests")
			if !maps.Equal(counts, want) {
				t.Errorf("got %v, want %v", counts, want)
			}
			if got, ok := hitRatio(counts); ok {
				t.Errorf("got a ratio of %v, want none", got)
			}
		})
	}
}
