package otelcors

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/noop"
	sdk "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/corselet/corselet/core"
)

func TestReloadsAreCountedAndEvents(t *testing.T) {
	k := newTelemetry(t)
	cors := k.cors(t, appPolicy, core.WithName("api"))
	if err := cors.Reconfigure(appPolicy); err != nil {
		t.Fatal(err)
	}
	if err := cors.Reconfigure(core.Config{Origins: []string{"https://A.example", "b"}}); err == nil {
		t.Fatal("got no error, want one")
	}
	want := map[string]int64{"": 1, "error.type=upper_case": 1}
	if got := k.counts(t, "cors.policy.reloads"); !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	wantEvents := []map[string]string{{"cors.policy.name": "api"}, {"cors.policy.name": "api", "error.type": "upper_case"}}
	for i, r := range k.events.records {
		if got := recordAttributes(&r); r.EventName() != "cors.policy.reload" || !maps.Equal(got, wantEvents[i]) {
			t.Errorf("got %s %v, want %v", r.EventName(), got, wantEvents[i])
		}
	}
	if len(k.events.records) != len(wantEvents) {
		t.Errorf("got %d events, want %d", len(k.events.records), len(wantEvents))
	}
}

func TestThePolicyNameOfAReloadIsClean(t *testing.T) {
	k := newTelemetry(t)
	k.ObserveReload(context.Background(), core.Reload{PolicyName: "a\xff\x1b" + strings.Repeat("b", 300)})
	want := "a\ufffd\ufffd" + strings.Repeat("b", maxName-len("a\ufffd\ufffd"))
	if got := recordAttributes(&k.events.records[0])["cors.policy.name"]; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// deadlineError is how network libraries report a timeout.
type deadlineError struct{}

func (deadlineError) Error() string   { return "too late" }
func (deadlineError) Timeout() bool   { return true }
func (deadlineError) Temporary() bool { return true }

func TestLookupsAreTimed(t *testing.T) {
	var _ net.Error = deadlineError{}
	k := newTelemetry(t)
	for _, err := range []error{
		nil, nil, context.DeadlineExceeded, fmt.Errorf("asking: %w", deadlineError{}), context.Canceled, errors.New("x"),
	} {
		k.ObserveLookup(context.Background(), core.Lookup{Duration: 30 * time.Millisecond, Err: err})
	}
	got := map[string]uint64{}
	for _, point := range k.metric(t, "cors.origin.lookup.duration").Data.(metricdata.Histogram[float64]).DataPoints {
		got[point.Attributes.Encoded(attribute.DefaultEncoder())] = point.Count
		if mean := point.Sum / float64(point.Count); mean < .0299 || mean > .0301 {
			t.Errorf("got a mean of %v, want 0.03 s", mean)
		}
		if i := slices.Index(point.Bounds, .05); i < 0 || point.BucketCounts[i] != point.Count {
			t.Errorf("got %v in buckets up to %v, want all in the one up to 0.05", point.BucketCounts, point.Bounds)
		}
	}
	want := map[string]uint64{"": 2, "error.type=timeout": 2, "error.type=canceled": 1, "error.type=_OTHER": 1}
	if !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestEverythingIsInTheScope(t *testing.T) {
	k := everything(t)
	var all metricdata.ResourceMetrics
	if err := k.metrics.Collect(context.Background(), &all); err != nil {
		t.Fatal(err)
	}
	scope := all.ScopeMetrics[0].Scope
	if len(all.ScopeMetrics) != 1 || scope.Name != ScopeName || scope.Version != Version || scope.SchemaURL == "" {
		t.Errorf("got metrics in %d scopes, the first %v, want one", len(all.ScopeMetrics), scope)
	}
	for _, s := range k.spans.Ended() {
		if s.Name() != outerSpan && s.InstrumentationScope() != scope {
			t.Errorf("got a span in scope %v, want %v", s.InstrumentationScope(), scope)
		}
	}
	for _, r := range k.events.records {
		if r.InstrumentationScope() != scope {
			t.Errorf("got an event in scope %v, want %v", r.InstrumentationScope(), scope)
		}
	}
}

// brokenMeters makes no instruments.
type brokenMeters struct{ noop.MeterProvider }

func (brokenMeters) Meter(string, ...metric.MeterOption) metric.Meter { return brokenMeter{} }

type brokenMeter struct{ noop.Meter }

func (brokenMeter) Int64Counter(string, ...metric.Int64CounterOption) (metric.Int64Counter, error) {
	return nil, errors.New("no counters today")
}

func TestNewNamesNilArguments(t *testing.T) {
	for _, test := range []struct {
		opt  Option
		want string
	}{
		{WithTracerProvider(nil), "otelcors: the TracerProvider is nil; omit the option to use the global one"},
		{WithMeterProvider(nil), "otelcors: the MeterProvider is nil; omit the option to use the global one"},
		{WithLoggerProvider(nil), "otelcors: the LoggerProvider is nil; omit the option to use the global one"},
		{WithOriginRedactor(nil), "otelcors: the redactor of origins is nil; omit the option to export them unchanged, " +
			"or write WithoutOrigin"},
		{WithClientKey(nil), "otelcors: the client key is nil; omit the option to tell clients apart by their addresses"},
		{WithMeterProvider(brokenMeters{}), "no counters today\nno counters today"},
	} {
		o, err := New(test.opt)
		if o != nil || err == nil || err.Error() != test.want {
			t.Errorf("got %v and error %v, want %q", o, err, test.want)
		}
	}
}

// A view that drops the counter makes it say that it is disabled.
func TestNothingIsComputedForADroppedCounter(t *testing.T) {
	drop := sdk.NewView(sdk.Instrument{Name: "cors.*"}, sdk.Stream{Aggregation: sdk.AggregationDrop{}})
	o, err := New(WithMeterProvider(sdk.NewMeterProvider(sdk.WithReader(sdk.NewManualReader()), sdk.WithView(drop))))
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	o.clientKey = func(context.Context, core.Event) string { asked++; return "x" }
	cors, err := core.New(appPolicy, core.WithObserver(o))
	if err != nil {
		t.Fatal(err)
	}
	cors.Decide(context.Background(), newPreflight("PUT", app))
	if asked != 0 {
		t.Error("got a question for the client, want none without a listener")
	}
}
