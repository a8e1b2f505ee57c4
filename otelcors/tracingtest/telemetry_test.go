package tracingtest

import (
	"context"
	"sync"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/otelcors"
)

// telemetry is an SDK that keeps what applications and an observer report.
type telemetry struct {
	observer *otelcors.Observer
	tracers  *trace.TracerProvider
	meters   *metric.MeterProvider

	spans   *tracetest.InMemoryExporter
	events  *keptRecords
	metrics *metric.ManualReader
}

func newTelemetry(t testing.TB, sampler trace.Sampler) *telemetry {
	t.Helper()
	k := &telemetry{spans: tracetest.NewInMemoryExporter(), events: new(keptRecords), metrics: metric.NewManualReader()}
	k.tracers = trace.NewTracerProvider(trace.WithSyncer(k.spans), trace.WithSampler(sampler))
	k.meters = metric.NewMeterProvider(metric.WithReader(k.metrics))
	observer, err := otelcors.New(
		otelcors.WithTracerProvider(k.tracers),
		otelcors.WithMeterProvider(k.meters),
		otelcors.WithLoggerProvider(log.NewLoggerProvider(log.WithProcessor(k.events))))
	if err != nil {
		t.Fatal(err)
	}
	k.observer = observer
	return k
}

// take returns the spans and events since the last call.
func (k *telemetry) take() (tracetest.SpanStubs, []log.Record) {
	spans := k.spans.GetSpans()
	k.spans.Reset()
	return spans, k.events.take()
}

// application returns an application that reports its spans and metrics to k, and CORS if observed is true.
func (k *telemetry) application(t testing.TB, block, observed bool, layers ...layer) *application {
	t.Helper()
	config := core.Config{
		Origins:        []string{"https://app.example"},
		Methods:        []string{"PUT"},
		RequestHeaders: []string{"Content-Type"},
		Block:          block,
	}
	opts := []core.Option{core.WithName("public-api")}
	if observed {
		opts = append(opts, core.WithObserver(k.observer))
	}
	handle, err := core.New(config, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return &application{layers: layers, cors: handle, tracers: k.tracers, meters: k.meters}
}

// metric returns the data of a metric, or nil.
func (k *telemetry) metric(t testing.TB, name string) metricdata.Aggregation {
	t.Helper()
	var all metricdata.ResourceMetrics
	if err := k.metrics.Collect(context.Background(), &all); err != nil {
		t.Fatal(err)
	}
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			if m.Name == name {
				return m.Data
			}
		}
	}
	return nil
}

// keptRecords is a log processor that keeps all records.
type keptRecords struct {
	mu      sync.Mutex
	records []log.Record
}

func (k *keptRecords) OnEmit(_ context.Context, r *log.Record) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.records = append(k.records, r.Clone())
	return nil
}

func (k *keptRecords) Enabled(context.Context, log.EnabledParameters) bool { return true }
func (k *keptRecords) Shutdown(context.Context) error                      { return nil }
func (k *keptRecords) ForceFlush(context.Context) error                    { return nil }

func (k *keptRecords) take() []log.Record {
	k.mu.Lock()
	defer k.mu.Unlock()
	records := k.records
	k.records = nil
	return records
}

func recordAttributes(r *log.Record) []attribute.KeyValue {
	var list []attribute.KeyValue
	r.WalkAttributes(func(kv attribute.KeyValue) bool {
		list = append(list, kv)
		return true
	})
	return list
}
