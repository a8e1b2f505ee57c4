package main

import (
	"context"
	"sync"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/otelcors"
)

// telemetry is what OpenTelemetry's SDK exported for one decision, and the estimate from all of
// them.
type telemetry struct {
	Span   *emitted      `json:"span"`   // attributes on the span of the request
	Event  *emitted      `json:"event"`  // a log record
	Metric *emitted      `json:"metric"` // an increment of the counter
	Cache  cacheEstimate `json:"preflight_cache"`
}

// emitted is one piece of telemetry.
type emitted struct {
	Name       string            `json:"name"`
	Attributes map[string]string `json:"attributes"`
}

// sdk is OpenTelemetry's SDK with exporters in memory, and an otelcors observer for each framework.
//
// It observes one decision at a time, so everything that the SDK exports meanwhile belongs to that
// decision.
type sdk struct {
	mu        sync.Mutex
	observers map[string]*otelcors.Observer // by framework, as in separate programs
	latest    *sdkmetric.ManualReader       // returns what is new since the last time
	total     *sdkmetric.ManualReader
	sink      sink
}

func newSDK() (*sdk, error) {
	delta := func(sdkmetric.InstrumentKind) metricdata.Temporality {
		return metricdata.DeltaTemporality
	}
	s := &sdk{
		observers: map[string]*otelcors.Observer{},
		latest:    sdkmetric.NewManualReader(sdkmetric.WithTemporalitySelector(delta)),
		total:     sdkmetric.NewManualReader(),
	}
	spans := sdktrace.NewTracerProvider(
		sdktrace.WithSampler(sdktrace.AlwaysSample()), sdktrace.WithSyncer(spanSink{&s.sink}))
	metrics := sdkmetric.NewMeterProvider(sdkmetric.WithReader(s.latest),
		sdkmetric.WithReader(s.total))
	logs := sdklog.NewLoggerProvider(
		sdklog.WithProcessor(sdklog.NewSimpleProcessor(recordSink{&s.sink})))
	for _, framework := range frameworks {
		observer, err := otelcors.New(otelcors.WithTracerProvider(spans),
			otelcors.WithMeterProvider(metrics),
			otelcors.WithLoggerProvider(logs))
		if err != nil {
			return nil, err
		}
		s.observers[framework.name] = observer
	}
	return s, nil
}

// observe passes a decision to otelcors, and returns what the SDK exported.
func (s *sdk) observe(ctx context.Context, e core.Event) *telemetry {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sink = sink{}
	s.observers[e.PolicyName()].Observe(ctx, e)
	t := &telemetry{Span: s.sink.span, Event: s.sink.event}
	span, ok := trace.SpanFromContext(ctx).(sdktrace.ReadOnlySpan)
	if ok && len(span.Attributes()) > 0 {
		t.Span = &emitted{span.Name(), asText(span.Attributes())}
	}
	for _, point := range collect(s.latest) {
		t.Metric = &emitted{requestsMetric, asText(point.Attributes.ToSlice())}
	}
	t.Cache = estimateCache(collect(s.total))
	return t
}

const requestsMetric = "cors.requests"

// collect returns the data points of the counter.
func collect(reader sdkmetric.Reader) []metricdata.DataPoint[int64] {
	var all metricdata.ResourceMetrics
	if err := reader.Collect(context.Background(), &all); err != nil {
		otel.Handle(err)
	}
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			if sum, ok := m.Data.(metricdata.Sum[int64]); ok && m.Name == requestsMetric {
				return sum.DataPoints
			}
		}
	}
	return nil
}

func asText(list []attribute.KeyValue) map[string]string {
	attrs := map[string]string{}
	for _, kv := range list {
		attrs[string(kv.Key)] = kv.Value.String()
	}
	return attrs
}

// sink keeps the last span and event that the SDK exported.
type sink struct{ span, event *emitted }

// spanSink gets otelcors's own spans. Those of requests come from [tracer].
type spanSink struct{ *sink }

func (s spanSink) ExportSpans(_ context.Context, spans []sdktrace.ReadOnlySpan) error {
	for _, span := range spans {
		s.span = &emitted{span.Name(), asText(span.Attributes())}
	}
	return nil
}

func (spanSink) Shutdown(context.Context) error { return nil }

type recordSink struct{ *sink }

func (s recordSink) Export(_ context.Context, records []sdklog.Record) error {
	for _, r := range records {
		s.event = &emitted{r.EventName(), map[string]string{}}
		r.WalkAttributes(func(kv attribute.KeyValue) bool {
			s.event.Attributes[string(kv.Key)] = kv.Value.String()
			return true
		})
	}
	return nil
}

func (recordSink) ForceFlush(context.Context) error { return nil }
func (recordSink) Shutdown(context.Context) error   { return nil }
