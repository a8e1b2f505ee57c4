package otelcors

import (
	"context"
	"net/http"
	"net/netip"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/corselet/corselet/core"
)

// telemetry is an observer with a whole SDK behind it, whose clock the test sets.
type telemetry struct {
	*Observer
	now     time.Duration
	metrics *metric.ManualReader
	events  *keptRecords
	spans   *tracetest.SpanRecorder
	tracers *trace.TracerProvider
}

func newTelemetry(t testing.TB, opts ...Option) *telemetry {
	t.Helper()
	k := &telemetry{metrics: metric.NewManualReader(), events: new(keptRecords), spans: tracetest.NewSpanRecorder()}
	// Whatever it is asked for is recorded: an observer that starts a span within one that is not sampled shows.
	k.tracers = trace.NewTracerProvider(trace.WithSpanProcessor(k.spans), trace.WithSampler(trace.AlwaysSample()))
	o, err := New(append([]Option{
		WithMeterProvider(metric.NewMeterProvider(metric.WithReader(k.metrics))),
		WithLoggerProvider(log.NewLoggerProvider(log.WithProcessor(k.events))),
		WithTracerProvider(k.tracers),
	}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	o.clock = func() time.Duration { return k.now }
	k.Observer = o
	return k
}

// cors returns a handle on a policy that k observes.
func (k *telemetry) cors(t testing.TB, cfg core.Config, opts ...core.Option) *core.CORS {
	t.Helper()
	cors, err := core.New(cfg, append(opts, core.WithObserver(k.Observer))...)
	if err != nil {
		t.Fatal(err)
	}
	return cors
}

// metric returns a metric by its name, or nil.
func (k *telemetry) metric(t testing.TB, name string) *metricdata.Metrics {
	t.Helper()
	var all metricdata.ResourceMetrics
	if err := k.metrics.Collect(context.Background(), &all); err != nil {
		t.Fatal(err)
	}
	for _, scope := range all.ScopeMetrics {
		for i := range scope.Metrics {
			if scope.Metrics[i].Name == name {
				return &scope.Metrics[i]
			}
		}
	}
	return nil
}

// counts returns the data points of a counter by their attributes.
func (k *telemetry) counts(t testing.TB, name string) map[string]int64 {
	t.Helper()
	counts := map[string]int64{}
	if m := k.metric(t, name); m != nil {
		for _, point := range m.Data.(metricdata.Sum[int64]).DataPoints {
			counts[point.Attributes.Encoded(attribute.DefaultEncoder())] += point.Value
		}
	}
	return counts
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

// names returns the names of the events in their order.
func (k *keptRecords) names() (names []string) {
	for _, r := range k.records {
		names = append(names, r.EventName())
	}
	return names
}

// recordAttributes returns the attributes of a record as text.
func recordAttributes(r *log.Record) map[string]string {
	attrs := map[string]string{}
	r.WalkAttributes(func(kv attribute.KeyValue) bool {
		attrs[string(kv.Key)] = kv.Value.String()
		return true
	})
	return attrs
}

// asText returns attributes as text.
func asText(list []attribute.KeyValue) map[string]string {
	attrs := map[string]string{}
	for _, kv := range list {
		attrs[string(kv.Key)] = kv.Value.String()
	}
	return attrs
}

// request is an HTTP request as an adapter hands it to core, header fields that are not its business included.
type request struct {
	header http.Header
	host   string
	path   string
	scheme string
	query  string
	addr   netip.Addr
}

func (r *request) Header(name string) core.Lines { return core.StringLines(r.header[name]) }

func (r *request) AnyHeaderName(match func(string) bool) bool {
	for name := range r.header {
		if match(name) {
			return true
		}
	}
	return false
}

func (r *request) Host() string           { return r.host }
func (r *request) Path() string           { return r.path }
func (r *request) Scheme() string         { return r.scheme }
func (r *request) Query() string          { return r.query }
func (r *request) ClientAddr() netip.Addr { return r.addr }

var someClient = netip.MustParseAddr("192.0.2.1")

// newRequest returns a request of a browser for /notes of api.example. Further fields come in pairs.
func newRequest(method, origin string, fields ...string) *core.Request {
	source := &request{scheme: "https", host: "api.example", path: "/notes", addr: someClient, header: http.Header{
		"Origin": {origin}, "Sec-Fetch-Mode": {"cors"}, "Sec-Fetch-Site": {"cross-site"},
	}}
	for i := 0; i < len(fields); i += 2 {
		source.header[fields[i]] = []string{fields[i+1]}
	}
	return &core.Request{
		Method: method, Origin: origin, HasOrigin: true,
		HasRequestMethod: len(source.header[core.FieldRequestMethod]) > 0, Source: source,
	}
}

// sourceOf returns what core fetches the rest of a request from.
func sourceOf(r *core.Request) *request { return r.Source.(*request) }

// withoutField returns r without one of its header fields.
func withoutField(r *core.Request, name string) *core.Request {
	delete(sourceOf(r).header, name)
	return r
}

func newPreflight(method, origin string, fields ...string) *core.Request {
	return newRequest("OPTIONS", origin, append(fields, core.FieldRequestMethod, method)...)
}
