package otelcors

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/corselet/corselet/core"
)

// hostile has values that fasthttp accepts, for origins, methods, header names and paths.
var hostile = []string{
	"\xff", "https://\xc3.example", "https://a.example\x00", "\x1b[31mhttps://a.example\r\n", "https://a\u202e.example",
	strings.Repeat("ä", 250_000), strings.Repeat("\xff", 500_000), strings.Repeat("a", 500_000),
	strings.Repeat("a", 100), // which is a method and a header's name
}

// limits has the longest attributes made from such values, in bytes, as the README says.
var limits = map[string]int{"http.request.header.origin": 256, "cors.denial.detail": 64, "url.path": 256}

func TestHostileInputIsCleanedAndCounted(t *testing.T) {
	k := newTelemetry(t)
	cors := k.cors(t, blockingPolicy(), core.WithName("api"))
	requests := int64(0)
	for i := range 100 {
		value := hostile[i%len(hostile)]
		for _, r := range []*core.Request{
			newRequest(value, value), newPreflight(value, value), newPreflight(value, app),
			newPreflight("PUT", app, core.FieldRequestHeaders, value), newRequest("GET", value, "Sec-Fetch-Mode", "navigate"),
		} {
			source := sourceOf(r)
			source.path, source.host, source.query = "/"+value, value, value
			cors.Decide(context.Background(), r)
			ctx, span := k.tracers.Tracer("").Start(context.Background(), outerSpan)
			cors.Decide(ctx, r)
			span.End()
			requests += 2
		}
		k.now += tokenInterval
	}
	emissions := k.emissions(t)
	if len(emissions) < 200 {
		t.Fatalf("got %d emissions, want enough to look at", len(emissions))
	}
	longest := map[string]int{}
	for _, e := range emissions {
		for _, kv := range e.attributes {
			values := kv.Value.AsStringSlice()
			if len(values) == 0 {
				values = []string{kv.Value.String()}
			}
			for _, value := range values {
				if !utf8.ValidString(value) || strings.ContainsFunc(value, isControl) {
					t.Fatalf("%s %s: got %d bytes of %s: %.300q", e.signal, e.name, len(value), kv.Key, value)
				}
				longest[string(kv.Key)] = max(longest[string(kv.Key)], len(value))
			}
		}
	}
	for name, want := range limits {
		if got := longest[name]; got != want {
			t.Errorf("%s: got values of up to %d bytes, want %d", name, got, want)
		}
		delete(longest, name)
	}
	for name, got := range longest {
		if got > 32 {
			t.Errorf("%s: got values of up to %d bytes, want at most 32: they are our own", name, got)
		}
	}
	if got := sum(k.counts(t, "cors.requests")); got != requests {
		t.Errorf("got a count of %d, want %d", got, requests)
	}
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f || r == '\u202e' }

func sum(counts map[string]int64) (total int64) {
	for _, n := range counts {
		total += n
	}
	return total
}

func TestManyOriginsMakeFewSeriesAndKeepNoMemory(t *testing.T) {
	k := newTelemetry(t)
	cors := k.cors(t, appPolicy, core.WithName("api"))
	ask := func(from, to int) {
		for i := from; i < to; i++ {
			origin := fmt.Sprintf("https://%d.%s.example", i, strings.Repeat("a", 60))
			cors.Decide(context.Background(), newRequest("PUT", origin))
			cors.Decide(context.Background(), newPreflight(fmt.Sprint("M", i), app))
			cors.Decide(context.Background(), newPreflight("PUT", app, core.FieldRequestHeaders, fmt.Sprint("x-", i)))
			cors.Decide(context.Background(), newPreflight("PUT", origin))
			known := newRequest("PUT", app)
			sourceOf(known).path = fmt.Sprint("/", i)
			cors.Decide(context.Background(), known)
		}
	}
	ask(0, 1000)
	before := liveMemory()
	ask(1000, 11_000)
	if grown := int64(liveMemory()) - int64(before); grown > 256<<10 {
		t.Errorf("got %d bytes more after 10,000 origins, want next to none", grown)
	}
	if got := sum(k.counts(t, "cors.requests")); got != 55_000 {
		t.Errorf("got a count of %d, want 55000", got)
	}
	if got := len(k.events.records); got != bucketSize {
		t.Errorf("got %d events while the clock is stopped, want %d", got, bucketSize)
	}
}

func liveMemory() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// One policy makes no more series than this, whatever is sent and whatever fails.
func TestSeriesAreBounded(t *testing.T) {
	k := newTelemetry(t)
	p := k.policies.of("api")
	for _, out := range everyOutcome() {
		k.requests.Add(context.Background(), 1, p.outcomes[out.index()].add...)
	}
	for _, err := range []error{nil, context.DeadlineExceeded, context.Canceled, fmt.Errorf("other")} {
		k.ObserveLookup(context.Background(), core.Lookup{Err: err})
	}
	k.ObserveReload(context.Background(), core.Reload{})
	for reason := core.ConfigReason(1); reason.String() != "unknown"; reason++ {
		k.ObserveReload(context.Background(), core.Reload{Err: &core.ConfigError{Reason: reason}})
	}
	var all metricdata.ResourceMetrics
	if err := k.metrics.Collect(context.Background(), &all); err != nil {
		t.Fatal(err)
	}
	series := 0
	for _, m := range all.ScopeMetrics[0].Metrics {
		series += len(pointsOf(t, &m))
	}
	if series < 40 || series > 60 {
		t.Errorf("got %d series, want at most 60", series)
	}
	t.Log(series)
}

// everyOutcome returns the possible outcomes.
func everyOutcome() (all []outcome) {
	for reason := core.ReasonNone; reason <= core.ReasonHeaderNotAllowed; reason++ {
		if reason != core.ReasonCredentialsNotAllowed {
			all = append(all, outcome{core.KindPreflight, reason, cacheNone})
		}
		if reason == core.ReasonNone {
			all = append(all, outcome{core.KindPreflight, reason, cacheUnknown})
		}
		if reason >= core.ReasonMethodNotAllowed {
			continue // of preflights only
		}
		all = append(all, outcome{core.KindActual, reason, cacheNone})
		if reason == core.ReasonNone || reason == core.ReasonCredentialsNotAllowed {
			for cache := cacheHit; cache <= cacheUnknown; cache++ {
				all = append(all, outcome{core.KindActual, reason, cache})
			}
		}
	}
	return all
}

// The bound counts the outcomes above, so there must be no others.
func TestThereAreNoOtherOutcomes(t *testing.T) {
	possible := map[string]bool{}
	for _, out := range everyOutcome() {
		set := attribute.NewSet(out.attributes("")...)
		possible[set.Encoded(attribute.DefaultEncoder())] = true
	}
	seen := 0
	for text := range everything(t).counts(t, "cors.requests") {
		if text = strings.Replace(text, "cors.policy.name=api,", "", 1); !possible[text] {
			t.Errorf("got a series %s, want none", text)
		}
		seen++
	}
	if seen < 20 {
		t.Errorf("got %d series, want enough to look at", seen)
	}
	p := newPolicyAttributes("")
	for _, out := range everyOutcome() {
		if len(p.outcomes[out.index()].list) == 0 {
			t.Errorf("%v: got no prebuilt attributes, want some", out)
		}
	}
}

func TestPolicyNamesAreBoundedAndClean(t *testing.T) {
	k := newTelemetry(t)
	for i := range maxPolicies + 50 {
		k.cors(t, appPolicy, core.WithName(fmt.Sprint("policy", i))).Decide(context.Background(), newRequest("GET", app))
	}
	counts := k.counts(t, "cors.requests")
	if got := counts["cors.policy.name=_OTHER,cors.request.type=actual,cors.verdict=allowed"]; got != 50 {
		t.Errorf("got %d requests of other policies, want 50", got)
	}
	if len(counts) != maxPolicies+1 {
		t.Errorf("got %d series, want %d", len(counts), maxPolicies+1)
	}
	k = newTelemetry(t)
	k.cors(t, appPolicy, core.WithName("a\xff"+strings.Repeat("b", 300))).Decide(context.Background(), newRequest("GET", app))
	for text := range k.counts(t, "cors.requests") {
		if !utf8.ValidString(text) || len(text) > 350 {
			t.Errorf("got %q, want a name that can be exported", text)
		}
	}
}
