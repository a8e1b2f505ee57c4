package otelcors

import (
	"context"
	"maps"
	"strings"
	"testing"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/codes"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/corselet/corselet/core"
)

// blockingPolicy refuses requests from other origins, not only their preflights.
func blockingPolicy() core.Config {
	cfg := appPolicy
	cfg.Block = true
	return cfg
}

func TestTheSpanThatIsThereGetsAttributesAndNothingElse(t *testing.T) {
	for _, test := range []struct {
		name    string
		request *core.Request
		want    map[string]string
	}{
		{"an allowed preflight", newPreflight("PUT", app),
			map[string]string{"cors.request.type": "preflight", "cors.verdict": "allowed", "cors.policy.name": "api"}},
		{"a denied preflight", newPreflight("PATCH", app),
			map[string]string{"cors.request.type": "preflight", "cors.verdict": "denied", "cors.policy.name": "api",
				"cors.denial.reason": "method_not_allowed", "cors.denial.detail": "PATCH", "http.request.header.origin": `["https://app.example"]`}},
		{"an allowed request", newRequest("PUT", app),
			map[string]string{"cors.request.type": "actual", "cors.verdict": "allowed", "cors.policy.name": "api",
				"cors.preflight.cache.status": "hit"}},
		{"a blocked request", newRequest("PUT", other),
			map[string]string{"cors.request.type": "actual", "cors.verdict": "denied", "cors.policy.name": "api",
				"cors.denial.reason": "origin_not_allowed", "http.request.header.origin": `["https://stranger.example"]`}},
		{"a same-origin page", newRequest("PUT", app, "Sec-Fetch-Site", "same-origin"), map[string]string{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			k := newTelemetry(t)
			ctx, span := k.tracers.Tracer("").Start(context.Background(), "outer")
			k.cors(t, blockingPolicy(), core.WithName("api")).Decide(ctx, test.request)
			span.End()
			ended := k.spans.Ended()
			if len(ended) != 1 {
				t.Fatalf("got %d spans, want the outer one only", len(ended))
			}
			got := ended[0]
			if attrs := asText(got.Attributes()); !maps.Equal(attrs, test.want) {
				t.Errorf("got attributes %v\nwant %v", attrs, test.want)
			}
			if got.Name() != "outer" || got.Status().Code != codes.Unset || len(got.Events()) != 0 {
				t.Errorf("got name %q, status %v and events %v, want an untouched span", got.Name(), got.Status(), got.Events())
			}
		})
	}
}

// ownSpan has a request decided outside of any span, and returns the span that the observer made for it, or nil.
func ownSpan(t *testing.T, k *telemetry, cfg core.Config, r *core.Request) sdk.ReadOnlySpan {
	t.Helper()
	k.cors(t, cfg, core.WithName("api")).Decide(context.Background(), r)
	ended := k.spans.Ended()
	if len(ended) == 0 {
		return nil
	}
	if len(ended) > 1 || len(k.spans.Started()) > 1 {
		t.Fatalf("got %d spans started and %d ended, want one", len(k.spans.Started()), len(ended))
	}
	return ended[0]
}

func TestADenialThatNoTracingSawGetsASpan(t *testing.T) {
	frob := newRequest("FROB", other)
	sourceOf(frob).path = strings.Repeat("/ä", 100)
	tests := []struct {
		name     string
		request  *core.Request
		wantName string // "" for none
		want     map[string]string
	}{
		{"a other's preflight", newPreflight("PUT", other), "CORS preflight", map[string]string{
			"http.request.method": "OPTIONS", "url.scheme": "https", "url.path": "/notes", "http.response.status_code": "403",
			"cors.request.type": "preflight", "cors.verdict": "denied", "cors.denial.reason": "origin_not_allowed",
			"cors.policy.name": "api", "http.request.header.origin": `["https://stranger.example"]`}},
		{"a preflight that is denied with 204", newPreflight("PATCH", app), "CORS preflight", map[string]string{
			"http.request.method": "OPTIONS", "url.scheme": "https", "url.path": "/notes", "http.response.status_code": "204",
			"cors.request.type": "preflight", "cors.verdict": "denied", "cors.denial.reason": "method_not_allowed",
			"cors.denial.detail": "PATCH", "cors.policy.name": "api", "http.request.header.origin": `["https://app.example"]`}},
		{"a blocked request", frob, "CORS request", map[string]string{
			"http.request.method": "_OTHER", "url.scheme": "https", "url.path": strings.Repeat("/ä", 85) + "/", "http.response.status_code": "403",
			"cors.request.type": "actual", "cors.verdict": "denied", "cors.denial.reason": "origin_not_allowed",
			"cors.policy.name": "api", "http.request.header.origin": `["https://stranger.example"]`}},
		{"an allowed preflight", newPreflight("PUT", app), "", nil},
		{"a denied request that goes on to the handler, whose span will come", newRequest("GET", app, "Cookie", ""), "", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := ownSpan(t, newTelemetry(t), blockingPolicy(), test.request)
			if (got != nil) != (test.wantName != "") {
				t.Fatalf("got span %v, want %q", got, test.wantName)
			}
			if got == nil {
				return
			}
			if attrs := asText(got.Attributes()); got.Name() != test.wantName || !maps.Equal(attrs, test.want) {
				t.Errorf("got  %s %v\nwant %s %v", got.Name(), attrs, test.wantName, test.want)
			}
			if got.SpanKind() != trace.SpanKindServer || got.Status().Code != codes.Unset || len(got.Events()) != 0 {
				t.Errorf("got kind %v, status %v, events %v", got.SpanKind(), got.Status(), got.Events())
			}
		})
	}
}

func TestTheEventOfADenialBelongsToItsSpan(t *testing.T) {
	k := newTelemetry(t)
	span := ownSpan(t, k, appPolicy, newPreflight("PUT", other))
	if got, want := k.events.records[0].SpanID(), span.SpanContext().SpanID(); got != want {
		t.Errorf("got an event in span %v, want %v", got, want)
	}
}

func TestNoSpanIsMade(t *testing.T) {
	unsampled := sdk.NewTracerProvider(sdk.WithSampler(sdk.NeverSample()))
	inUnsampled, _ := unsampled.Tracer("").Start(context.Background(), "")
	remote := trace.ContextWithRemoteSpanContext(context.Background(), trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID{1}, SpanID: trace.SpanID{1}}))
	for _, test := range []struct {
		name string
		ctx  context.Context
		opts []Option
	}{
		{"within a span that is not sampled", inUnsampled, nil},
		{"within a trace that has come from elsewhere", remote, nil},
		{"with WithoutSpans", context.Background(), []Option{WithoutSpans()}},
	} {
		t.Run(test.name, func(t *testing.T) {
			k := newTelemetry(t, test.opts...)
			k.cors(t, appPolicy).Decide(test.ctx, newPreflight("PUT", other))
			if got := len(k.spans.Started()); got != 0 {
				t.Errorf("got %d spans, want none", got)
			}
			if got := len(k.events.records); got != 1 {
				t.Errorf("got %d events, want one", got)
			}
		})
	}
}

// The global provider is a placeholder until an application sets one, which may be after the observer was made.
func TestATracerProviderThatIsSetLaterCounts(t *testing.T) {
	before := otel.GetTracerProvider()
	defer otel.SetTracerProvider(before)
	if !isPlaceholder(before) {
		t.Fatalf("got %T for the global provider, want the placeholder to be known for one", before)
	}
	o, err := New()
	if err != nil {
		t.Fatal(err)
	}
	if o.spans.mayRecord() {
		t.Error("without a provider: got a tracer that may record, want none")
	}
	if off := newSpans(noop.NewTracerProvider(), true); off.mayRecord() {
		t.Error("with WithoutSpans: got a tracer that may record, want none")
	}
	k := newTelemetry(t)
	otel.SetTracerProvider(k.tracers)
	cors, err := core.New(appPolicy, core.WithObserver(o))
	if err != nil {
		t.Fatal(err)
	}
	cors.Decide(context.Background(), newPreflight("PUT", other))
	if got := len(k.spans.Ended()); got != 1 {
		t.Errorf("got %d spans from the provider that was set later, want one", got)
	}
}
