package benchmarks

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/httpcors"
	"github.com/corselet/corselet/otelcors"
)

// OTel lists Corselet on net/http with otelcors for an observer. What observing costs is the difference to Corselet
// without it. In this process no SDK is ever made OpenTelemetry's global one.
var OTel = []Contender{
	{Name: NoSDK, Framework: NetHTTP, Open: otelWith(nothingConfigured)},
	{Name: Metrics, Framework: NetHTTP, Open: otelWith(metricsOnly)},
	{Name: Events, Framework: NetHTTP, Open: otelWith(metricsAndEvents)},
}

// CounterAdd adds to a counter of the SDK what otelcors adds for the same requests, with prebuilt attributes: what
// counting costs by itself.
var CounterAdd = Contender{Name: "Counter.Add", Framework: NetHTTP, Open: openCounter}

// The names of what is measured with otelcors.
const (
	NoSDK   = "otelcors, no SDK"
	Metrics = "otelcors, metrics"
	Events  = "otelcors, metrics and events"
)

// AllowedPut is the scenario of a request that browsers send a preflight for, which an observer looks for.
const AllowedPut = "allowed PUT"

// OTelScenarios are the requests that otelcors is measured with.
var OTelScenarios = []*Scenario{
	ScenarioNamed(AllowedGet),
	{Name: AllowedPut, Outcome: Allowed, request: func(p *Policy, i int) Request {
		return Request{Method: "PUT", Origin: p.allowed(i)}
	}},
	ScenarioNamed(DeniedGet),
	ScenarioNamed(AllowedPreflight),
	ScenarioNamed(DeniedPreflight),
}

func nothingConfigured() []otelcors.Option { return nil }

func metricsOnly() []otelcors.Option {
	return []otelcors.Option{countingInto(sdkmetric.NewManualReader())}
}

func metricsAndEvents() []otelcors.Option { return append(metricsOnly(), tellingTo(new(dropping))) }

func countingInto(reader sdkmetric.Reader) otelcors.Option {
	return otelcors.WithMeterProvider(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)))
}

func tellingTo(processor sdklog.Processor) otelcors.Option {
	return otelcors.WithLoggerProvider(sdklog.NewLoggerProvider(sdklog.WithProcessor(processor)))
}

// dropping counts records and does nothing with them: what remains is what otelcors and the SDK need.
type dropping struct{ records atomic.Int64 }

func (d *dropping) OnEmit(context.Context, *sdklog.Record) error {
	d.records.Add(1)
	return nil
}

func (*dropping) Enabled(context.Context, sdklog.EnabledParameters) bool { return true }
func (*dropping) Shutdown(context.Context) error                         { return nil }
func (*dropping) ForceFlush(context.Context) error                       { return nil }

// otelWith makes an observer of its own for each application: its bucket of events is full, its tables are empty.
func otelWith(options func() []otelcors.Option) Opener {
	return onNetHTTP(func(p Policy) (func(http.Handler) http.Handler, error) {
		observer, err := otelcors.New(options()...)
		if err != nil {
			return nil, err
		}
		cors, err := newCore(p, []core.Option{core.WithObserver(observer), core.WithName("api")})
		return httpcors.New(cors), err
	})
}

func openCounter(p Policy, mode Mode) (App, error) {
	counter, err := sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewManualReader())).
		Meter("bare").Int64Counter("bare")
	return counterApp{p, mode, counter}, err
}

type counterApp struct {
	policy  Policy
	mode    Mode
	counter metric.Int64Counter
}

// Client panics if otelcors does not count all of the requests alike: one Counter.Add would not be their measure.
func (a counterApp) Client(requests []Request) Client {
	attrs, err := countedAs(a.policy, a.mode, requests)
	if err != nil {
		panic(err)
	}
	return &counterClient{a.counter, []metric.AddOption{metric.WithAttributeSet(attrs)}}
}

type counterClient struct {
	counter metric.Int64Counter
	options []metric.AddOption
}

func (c *counterClient) Do()          { c.counter.Add(context.Background(), 1, c.options...) }
func (*counterClient) Answer() Answer { return Answer{} }

// countedAs returns the attributes with which otelcors counts the requests.
func countedAs(p Policy, mode Mode, requests []Request) (attribute.Set, error) {
	reader := sdkmetric.NewManualReader()
	app, err := otelWith(func() []otelcors.Option { return []otelcors.Option{countingInto(reader)} })(p, mode)
	if err != nil {
		return attribute.Set{}, err
	}
	send(app.Client(requests), len(requests))
	var all metricdata.ResourceMetrics
	if err := reader.Collect(context.Background(), &all); err != nil {
		return attribute.Set{}, err
	}
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			if sum, ok := m.Data.(metricdata.Sum[int64]); ok && m.Name == "cors.requests" && len(sum.DataPoints) == 1 {
				return sum.DataPoints[0].Attributes, nil
			}
		}
	}
	return attribute.Set{}, errors.New("otelcors does not count the requests in one series")
}

// inBurst is how many denials are sent twice to count allocations: fewer than the fifty that otelcors lets pass in a
// burst, so that there is an event for each.
const inBurst = 20

// CountEventAllocs returns how many allocations a denial takes under otelcors with metrics and events, event and
// middleware included, and how many bytes. In a tight loop all but ten denials in a second are kept from being events,
// so that these are the first of a new observer.
func CountEventAllocs(p Policy, s *Scenario) (allocs, bytes float64, err error) {
	var told dropping
	open := otelWith(func() []otelcors.Option { return append(metricsOnly(), tellingTo(&told)) })
	app, err := open(p, Alone)
	if err != nil {
		return 0, 0, err
	}
	allocs, bytes = countAllocs(app.Client(s.Requests(&p)), inBurst)
	if got := told.records.Load(); got != 2*inBurst {
		return 0, 0, fmt.Errorf("%s: %d events of %d denials", s.Name, got, 2*inBurst)
	}
	return allocs, bytes, nil
}
