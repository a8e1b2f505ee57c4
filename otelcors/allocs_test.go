//go:build !race

package otelcors

import (
	"context"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/sdk/log"
	sdk "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/trace"

	"github.com/corselet/corselet/core"
)

// requestsOfEveryKind returns the requests that must not allocate.
func requestsOfEveryKind() map[string]*core.Request {
	return map[string]*core.Request{
		"allowed request":          newRequest("GET", app),
		"request with a preflight": newRequest("PUT", app),
		"not known to be browsers": newRequest("PUT", app, "Sec-Fetch-Mode", "", "Sec-Fetch-Site", ""),
		"same-origin":              newRequest("PUT", app, "Sec-Fetch-Site", "same-origin"),
		"allowed preflight":        newPreflight("PUT", app),
		"preflight of a script":    newPreflight("PUT", app, "Sec-Fetch-Mode", "", "Sec-Fetch-Site", ""),
		"preflight on plain http":  withoutField(newPreflight("PUT", app), core.FieldSecFetchSite),
		"denied request":           newRequest("PUT", other),
		"blocked navigation":       newRequest("POST", other, "Sec-Fetch-Mode", "navigate"),
		"denied preflight":         newPreflight("PUT", other),
		"refused method":           newPreflight("PATCH", app),
		"refused header":           newPreflight("PUT", app, core.FieldRequestHeaders, "content-type,x-a"),
		"hostile origin":           newPreflight("PUT", "\xff"+strings.Repeat("ä", 10_000)),
	}
}

func byHeader(_ context.Context, e core.Event) string {
	key, _ := e.Header("Origin")
	return key
}

func TestAllocations(t *testing.T) {
	metrics := WithMeterProvider(sdk.NewMeterProvider(sdk.WithReader(sdk.NewManualReader())))
	for name, opts := range map[string][]Option{
		"no SDK": nil, "no SDK, no spans": {WithoutSpans()}, "metrics": {metrics},
		"metrics, clients by key": {metrics, WithClientKey(byHeader)},
	} {
		o, err := New(opts...)
		if err != nil {
			t.Fatal(err)
		}
		cors, err := core.New(blockingPolicy(), core.WithObserver(o), core.WithName("api"))
		if err != nil {
			t.Fatal(err)
		}
		for kind, r := range requestsOfEveryKind() {
			if got := testing.AllocsPerRun(200, func() { cors.Decide(context.Background(), r) }); got != 0 {
				t.Errorf("%s, %s: got %v allocations, want none", name, kind, got)
			}
		}
	}
}

// dropping is a log processor that drops records: only the observer and the SDK allocate.
type dropping struct{}

func (dropping) OnEmit(context.Context, *log.Record) error           { return nil }
func (dropping) Enabled(context.Context, log.EnabledParameters) bool { return true }
func (dropping) Shutdown(context.Context) error                      { return nil }
func (dropping) ForceFlush(context.Context) error                    { return nil }

func TestAllocationsOfADenialWithAnEvent(t *testing.T) {
	const limit = 6
	for name, events := range map[string]Option{
		"by itself":    WithLoggerProvider(log.NewLoggerProvider(log.WithProcessor(dropping{}))),
		"rate-limited": WithLoggerProvider(log.NewLoggerProvider(log.WithProcessor(dropping{}))),
	} {
		o, err := New(events, WithMeterProvider(sdk.NewMeterProvider(sdk.WithReader(sdk.NewManualReader()))))
		if err != nil {
			t.Fatal(err)
		}
		want := 0.0
		now := time.Duration(0)
		if name == "by itself" {
			want = limit
		}
		o.clock = func() time.Duration {
			if want > 0 {
				now += time.Second
			}
			return now
		}
		cors, err := core.New(appPolicy, core.WithObserver(o), core.WithName("api"))
		if err != nil {
			t.Fatal(err)
		}
		for kind, r := range map[string]*core.Request{
			"a other": newPreflight("PUT", other), "a method": newPreflight("PATCH", app),
			"a header": newPreflight("PUT", app, core.FieldRequestHeaders, "x-a"),
		} {
			for range bucketSize { // AllocsPerRun warms up with one run only
				cors.Decide(context.Background(), r)
			}
			got := testing.AllocsPerRun(200, func() { cors.Decide(context.Background(), r) })
			if got > want || want > 0 && got == 0 {
				t.Errorf("%s, %s: got %v allocations, want some up to %v", name, kind, got, want)
			}
			t.Logf("%s, %s: %v", name, kind, got)
		}
	}
}

func TestAllocationsOnASpan(t *testing.T) {
	o, err := New()
	if err != nil {
		t.Fatal(err)
	}
	cors, err := core.New(appPolicy, core.WithObserver(o), core.WithName("api"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, span := trace.NewTracerProvider().Tracer("").Start(context.Background(), "")
	defer span.End()
	r := newRequest("PUT", app)
	cors.Decide(ctx, r)
	// The attributes are there already, so the SDK needs no more room.
	if got := testing.AllocsPerRun(20, func() { cors.Decide(ctx, r) }); got > 1 {
		t.Errorf("got %v allocations, want none but the SDK's", got)
	}
}

func TestAllocationsOfMarks(t *testing.T) {
	c := newPreflightCache()
	if got := testing.AllocsPerRun(1000, func() { c.mark(&someKey, 0); c.take(&someKey, 1); c.take(&someKey, 1) }); got != 0 {
		t.Errorf("got %v allocations, want none", got)
	}
}

func TestAllocationsOfLookups(t *testing.T) {
	o := newTelemetry(t).Observer
	for _, err := range []error{nil, context.DeadlineExceeded} {
		l := core.Lookup{Duration: time.Millisecond, Err: err}
		if got := testing.AllocsPerRun(100, func() { o.ObserveLookup(context.Background(), l) }); got > 1 {
			t.Errorf("%v: got %v allocations, want at most one", err, got)
		}
	}
}
