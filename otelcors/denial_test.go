package otelcors

import (
	"context"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/corselet/corselet/core"
)

func TestDenialsAreEvents(t *testing.T) {
	k := newTelemetry(t)
	cors := k.cors(t, blockingPolicy(), core.WithName("api"))
	for _, r := range []*core.Request{
		newRequest("GET", app),
		newPreflight("PUT", app),
		newRequest("GET", app, "Sec-Fetch-Site", "same-origin"),
		newPreflight("PUT", app, core.FieldRequestHeaders, "content-type,x-trace"),
		newRequest("POST", other, "Sec-Fetch-Mode", "navigate"),
	} {
		cors.Decide(context.Background(), r)
	}
	want := []map[string]string{
		{"cors.request.type": "preflight", "cors.denial.reason": "header_not_allowed", "cors.denial.detail": "x-trace",
			"http.request.header.origin": `["https://app.example"]`, "cors.policy.name": "api"},
		{"cors.request.type": "actual", "cors.denial.reason": "origin_not_allowed",
			"http.request.header.origin": `["https://stranger.example"]`, "cors.policy.name": "api"},
	}
	if len(k.events.records) != len(want) {
		t.Fatalf("got %d events, want %d", len(k.events.records), len(want))
	}
	for i, r := range k.events.records {
		if got := recordAttributes(&r); !maps.Equal(got, want[i]) {
			t.Errorf("got  %v\nwant %v", got, want[i])
		}
	}
}

func TestEventsAndSpansAreRateLimitedAndCountsAreExact(t *testing.T) {
	k := newTelemetry(t)
	cors := k.cors(t, appPolicy)
	total := int64(0)
	for _, step := range []struct {
		after time.Duration
		flood int
		want  int
	}{
		{0, 1000, 50},
		{time.Second / 10, 10, 1},
		{time.Second / 20, 10, 0},
		{time.Second, 100, 10},
		{time.Hour, 100, 50},
	} {
		k.now += step.after
		events, spans := len(k.events.records), len(k.spans.Ended())
		for range step.flood {
			cors.Decide(context.Background(), newPreflight("PUT", other))
		}
		total += int64(step.flood)
		if got := len(k.events.records) - events; got != step.want {
			t.Errorf("%v later: got %d events out of %d, want %d", step.after, got, step.flood, step.want)
		}
		if got := len(k.spans.Ended()) - spans; got != step.want {
			t.Errorf("%v later: got %d spans out of %d, want %d", step.after, got, step.flood, step.want)
		}
	}
	got := k.counts(t, "cors.requests")["cors.denial.reason=origin_not_allowed,cors.request.type=preflight,cors.verdict=denied"]
	if got != total {
		t.Errorf("got a count of %d, want %d", got, total)
	}
}

// A client that sends a whole URL as Origin may have put secrets into it.
func TestOfAMalformedOriginNoUserPathOrQueryLeaves(t *testing.T) {
	const raw = "https://user:secret@app.example.com/secret?secret=1#secret"
	k := newTelemetry(t, WithOriginRedactor(func(origin string) string {
		if strings.Contains(origin, "secret") {
			t.Errorf("the redactor got %s, want no secret", origin)
		}
		return origin
	}))
	cors := k.cors(t, appPolicy)
	ctx, outer := k.tracers.Tracer("").Start(context.Background(), outerSpan)
	cors.Decide(ctx, newPreflight("PUT", raw))
	outer.End()
	cors.Decide(context.Background(), newPreflight("PUT", raw))
	origins := 0
	for _, e := range k.emissions(t) {
		attrs := asText(e.attributes)
		if strings.Contains(strings.Join(values(attrs), " "), "secret") {
			t.Errorf("%s %s: got %v, want no secret", e.signal, e.name, attrs)
		}
		if attrs["http.request.header.origin"] == `["https://app.example.com"]` {
			origins++
		}
	}
	if want := 2 + 2; origins != want {
		t.Errorf("got the rest of the origin %d times, want it on %d: two events and two spans", origins, want)
	}
}

func TestOriginsCanBeLeftOutOrRedacted(t *testing.T) {
	hash := func(origin string) string { return strings.ToUpper(strings.TrimPrefix(origin, "https://")) }
	for _, test := range []struct {
		name string
		opt  Option
		want string
	}{
		{"by default they are there", nil, `["https://stranger.example"]`},
		{"WithoutOrigin", WithoutOrigin(), ""},
		{"WithOriginRedactor", WithOriginRedactor(hash), `["STRANGER.EXAMPLE"]`},
		{"a redactor that returns nothing", WithOriginRedactor(func(string) string { return "" }), ""},
		{"a redactor that returns what no export can carry", WithOriginRedactor(func(string) string { return "a\xff\x00" }), `["a` + "\ufffd\ufffd" + `"]`},
	} {
		t.Run(test.name, func(t *testing.T) {
			k := newTelemetry(t, test.opt)
			ctx, outer := k.tracers.Tracer("").Start(context.Background(), "")
			k.cors(t, appPolicy).Decide(ctx, newPreflight("PUT", other))
			outer.End()
			own := ownSpan(t, newTelemetry(t, test.opt), appPolicy, newPreflight("PUT", other))
			for where, attrs := range map[string]map[string]string{
				"event": recordAttributes(&k.events.records[0]), "span": asText(k.spans.Ended()[0].Attributes()),
				"own span": asText(own.Attributes()),
			} {
				if got := attrs["http.request.header.origin"]; got != test.want {
					t.Errorf("%s: got origin %s, want %s", where, got, test.want)
				}
				if test.want == "" && strings.Contains(strings.Join(values(attrs), " "), "stranger") {
					t.Errorf("%s: got %v, want no trace of the origin", where, attrs)
				}
			}
		})
	}
}

func values(attrs map[string]string) (list []string) {
	for _, value := range attrs {
		list = append(list, value)
	}
	return list
}
