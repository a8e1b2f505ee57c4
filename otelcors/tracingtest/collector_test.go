package tracingtest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/trace"
	collectorlogs "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	collectormetrics "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	collectortraces "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	logs "go.opentelemetry.io/proto/otlp/logs/v1"
	metrics "go.opentelemetry.io/proto/otlp/metrics/v1"
	traces "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/corselet/corselet/otelcors"
)

// collector receives what OTLP exporters send over HTTP.
type collector struct {
	mu      sync.Mutex
	spans   []*traces.Span
	records []*logs.LogRecord
	metrics []*metrics.Metric // of the last export
}

// receive returns a handler of one signal, which calls keep with the message.
func receive[T any, M interface {
	*T
	proto.Message
}](c *collector, keep func(M)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		m := M(new(T))
		if err == nil {
			err = proto.Unmarshal(body, m)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		keep(m)
		w.Header().Set("Content-Type", "application/x-protobuf")
	}
}

func (c *collector) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("POST /v1/traces", receive(c, func(m *collectortraces.ExportTraceServiceRequest) {
		for _, resource := range m.ResourceSpans {
			for _, scope := range resource.ScopeSpans {
				c.spans = append(c.spans, scope.Spans...)
			}
		}
	}))
	mux.Handle("POST /v1/logs", receive(c, func(m *collectorlogs.ExportLogsServiceRequest) {
		for _, resource := range m.ResourceLogs {
			for _, scope := range resource.ScopeLogs {
				c.records = append(c.records, scope.LogRecords...)
			}
		}
	}))
	mux.Handle("POST /v1/metrics", receive(c, func(m *collectormetrics.ExportMetricsServiceRequest) {
		c.metrics = nil
		for _, resource := range m.ResourceMetrics {
			for _, scope := range resource.ScopeMetrics {
				c.metrics = append(c.metrics, scope.Metrics...)
			}
		}
	}))
	return mux
}

// series returns the number of data points of a counter, and their sum.
func (c *collector) series(name string) (count int, sum int64) {
	i := slices.IndexFunc(c.metrics, func(m *metrics.Metric) bool { return m.Name == name })
	if i < 0 {
		return 0, 0
	}
	for _, point := range c.metrics[i].GetSum().GetDataPoints() {
		count++
		sum += point.GetAsInt()
	}
	return count, sum
}

// export is an SDK with OTLP exporters, and the collector that they send to.
type export struct {
	*collector
	observer *otelcors.Observer
	tracers  *trace.TracerProvider
	meters   *metric.MeterProvider
	loggers  *log.LoggerProvider
}

func newExport(t testing.TB) *export {
	t.Helper()
	x := &export{collector: new(collector)}
	server := httptest.NewServer(x.handler())
	t.Cleanup(server.Close)
	ctx := context.Background()
	forSpans, errSpans := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(server.URL+"/v1/traces"))
	forMetrics, errMetrics := otlpmetrichttp.New(ctx, otlpmetrichttp.WithEndpointURL(server.URL+"/v1/metrics"))
	forLogs, errLogs := otlploghttp.New(ctx, otlploghttp.WithEndpointURL(server.URL+"/v1/logs"))
	if err := errors.Join(errSpans, errMetrics, errLogs); err != nil {
		t.Fatal(err)
	}
	x.tracers = trace.NewTracerProvider(trace.WithBatcher(forSpans))
	x.meters = metric.NewMeterProvider(metric.WithReader(metric.NewPeriodicReader(forMetrics)))
	x.loggers = log.NewLoggerProvider(log.WithProcessor(log.NewBatchProcessor(forLogs)))
	t.Cleanup(func() {
		if err := errors.Join(x.tracers.Shutdown(ctx), x.meters.Shutdown(ctx), x.loggers.Shutdown(ctx)); err != nil {
			t.Error(err)
		}
	})
	var err error
	x.observer, err = otelcors.New(otelcors.WithTracerProvider(x.tracers),
		otelcors.WithMeterProvider(x.meters), otelcors.WithLoggerProvider(x.loggers))
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// flush exports everything, and returns the errors.
func (x *export) flush() error {
	ctx := context.Background()
	return errors.Join(x.tracers.ForceFlush(ctx), x.meters.ForceFlush(ctx), x.loggers.ForceFlush(ctx))
}
