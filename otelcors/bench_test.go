package otelcors

import (
	"context"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	sdk "go.opentelemetry.io/otel/sdk/metric"

	"github.com/corselet/corselet/core"
)

// What a request costs with and without the observer is the difference between these and the same under "alone":
//
//	go test -run '^$' -bench . -cpu 1
func BenchmarkDecide(b *testing.B) {
	silent, err := New()
	if err != nil {
		b.Fatal(err)
	}
	metricsOnly, err := New(WithMeterProvider(sdk.NewMeterProvider(sdk.WithReader(sdk.NewManualReader()))))
	if err != nil {
		b.Fatal(err)
	}
	for _, observed := range []struct {
		name     string
		observer core.Observer
	}{{"alone", nil}, {"idle", idle{}}, {"silent", silent}, {"metrics", metricsOnly}} {
		for _, r := range []struct {
			name    string
			request *core.Request
		}{
			{"GET", newRequest("GET", app)},
			{"denied GET", newRequest("GET", stranger)},
			{"PUT", newRequest("PUT", app)},
			{"preflight", newPreflight("PUT", app)},
			{"denied preflight", newPreflight("PUT", stranger)},
		} {
			b.Run(r.name+"/"+observed.name, func(b *testing.B) {
				cors, err := core.New(appPolicy, core.WithObserver(observed.observer), core.WithName("api"))
				if err != nil {
					b.Fatal(err)
				}
				ctx := context.Background()
				b.ReportAllocs()
				for b.Loop() {
					cors.Decide(ctx, r.request)
				}
			})
		}
	}
}

// idle is an observer that does nothing: what being observed costs, whoever observes.
type idle struct{}

func (idle) Observe(context.Context, core.Event) {}

// BenchmarkCounter is what a counter costs by itself.
func BenchmarkCounter(b *testing.B) {
	meter := sdk.NewMeterProvider(sdk.WithReader(sdk.NewManualReader())).Meter(ScopeName)
	counter, err := meter.Int64Counter("bare")
	if err != nil {
		b.Fatal(err)
	}
	list := outcome{kind: core.KindActual}.attributes("api")
	opts := []metric.AddOption{metric.WithAttributeSet(attribute.NewSet(list...))}
	ctx := context.Background()
	b.ReportAllocs()
	for b.Loop() {
		counter.Add(ctx, 1, opts...)
	}
}

func BenchmarkMark(b *testing.B) {
	c, key := newPreflightCache(), someKey
	b.ReportAllocs()
	for b.Loop() {
		c.mark(&key, time.Second)
	}
}

func BenchmarkTake(b *testing.B) {
	c, key := newPreflightCache(), someKey
	b.ReportAllocs()
	for b.Loop() {
		c.take(&key, time.Second)
	}
}

func BenchmarkMarkAndTake(b *testing.B) {
	c, key := newPreflightCache(), someKey
	b.ReportAllocs()
	for b.Loop() {
		c.mark(&key, time.Second)
		c.take(&key, time.Second)
	}
}

var someKey = preflightKey{addr: someClient, origin: app, method: "PUT", host: "api.example", path: "/notes", query: "a=b"}
