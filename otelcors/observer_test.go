package otelcors

import (
	"context"
	"maps"
	"slices"
	"testing"

	otellog "go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/metric"

	"github.com/corselet/corselet/core"
)

const (
	app      = "https://app.example"
	stranger = "https://stranger.example"
)

var appPolicy = core.Config{
	Origins:        []string{app},
	Methods:        []string{"PUT", "DELETE"},
	RequestHeaders: []string{"Content-Type"},
}

func TestRequestsAreCounted(t *testing.T) {
	blocking := appPolicy
	blocking.Block = true
	open := core.Config{Origins: []string{"*"}, Methods: []string{"*"}, RequestHeaders: []string{"*"}}
	twice := newRequest("PUT", app)
	twice.Origin = "" // as of two lines
	tests := []struct {
		name    string
		policy  core.Config
		request *core.Request
		want    string // attributes without the policy's name; "" for no count
	}{
		{"no Origin", appPolicy, &core.Request{Method: "GET"}, ""},
		{"an allowed preflight", appPolicy, newPreflight("PUT", app),
			"cors.request.type=preflight,cors.verdict=allowed"},
		{"a stranger's preflight", appPolicy, newPreflight("PUT", stranger),
			"cors.denial.reason=origin_not_allowed,cors.request.type=preflight,cors.verdict=denied"},
		{"a preflight for another method", appPolicy, newPreflight("PATCH", app),
			"cors.denial.reason=method_not_allowed,cors.request.type=preflight,cors.verdict=denied"},
		{"a preflight for another header", appPolicy, newPreflight("PUT", app, core.FieldRequestHeaders, "x-a"),
			"cors.denial.reason=header_not_allowed,cors.request.type=preflight,cors.verdict=denied"},
		{"an allowed request that needs no preflight", appPolicy, newRequest("GET", app),
			"cors.request.type=actual,cors.verdict=allowed"},
		{"an allowed request without its preflight", appPolicy, newRequest("PUT", app),
			"cors.preflight.cache.status=hit,cors.request.type=actual,cors.verdict=allowed"},
		{"a request with cookies that the policy does not let scripts send", appPolicy, newRequest("GET", app, "Cookie", ""),
			"cors.denial.reason=credentials_not_allowed,cors.request.type=actual,cors.verdict=denied"},
		{"a stranger's request has no status, because it was never allowed to be made", appPolicy, newRequest("PUT", stranger),
			"cors.denial.reason=origin_not_allowed,cors.request.type=actual,cors.verdict=denied"},
		{"a sandboxed page", appPolicy, newRequest("GET", "null"),
			"cors.denial.reason=origin_null,cors.request.type=actual,cors.verdict=denied"},
		{"a sandboxed page under * cannot be told from another", open, newRequest("PUT", "null"),
			"cors.preflight.cache.status=unknown,cors.request.type=actual,cors.verdict=allowed"},
		{"any page under *", open, newRequest("PUT", stranger),
			"cors.preflight.cache.status=hit,cors.request.type=actual,cors.verdict=allowed"},
		{"no browser sends such an origin, under * neither", open, newRequest("PUT", "HTTPS://app.example"),
			"cors.preflight.cache.status=unknown,cors.request.type=actual,cors.verdict=allowed"},
		{"no browser sends two origins", open, twice,
			"cors.preflight.cache.status=unknown,cors.request.type=actual,cors.verdict=allowed"},
		{"an origin that is none", appPolicy, newRequest("GET", "HTTPS://app.example"),
			"cors.denial.reason=origin_malformed,cors.request.type=actual,cors.verdict=denied"},
		{"a client that is not known to be a browser", appPolicy, newRequest("PUT", app, "Sec-Fetch-Mode", ""),
			"cors.preflight.cache.status=unknown,cors.request.type=actual,cors.verdict=allowed"},
		{"one's own pages", appPolicy, newRequest("POST", stranger, "Sec-Fetch-Site", "same-origin"), ""},
		{"a form of another site", appPolicy, newRequest("POST", stranger, "Sec-Fetch-Mode", "navigate"), ""},
		{"a form of another site that is blocked", blocking, newRequest("POST", stranger, "Sec-Fetch-Mode", "navigate"),
			"cors.denial.reason=origin_not_allowed,cors.request.type=actual,cors.verdict=denied"},
		{"a form of a sandboxed page that is blocked", blocking, newRequest("POST", "null", "Sec-Fetch-Mode", "navigate"),
			"cors.denial.reason=origin_null,cors.request.type=actual,cors.verdict=denied"},
		{"a form that no browser sends and that is blocked", blocking, newRequest("POST", "x", "Sec-Fetch-Mode", "navigate"),
			"cors.denial.reason=origin_malformed,cors.request.type=actual,cors.verdict=denied"},
		{"a request that is blocked", blocking, newRequest("PUT", stranger),
			"cors.denial.reason=origin_not_allowed,cors.request.type=actual,cors.verdict=denied"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			k := newTelemetry(t)
			k.cors(t, test.policy).Decide(context.Background(), test.request)
			want := map[string]int64{}
			if test.want != "" {
				want[test.want] = 1
			}
			if got := k.counts(t, "cors.requests"); !maps.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

// The three signals go their own ways: each comes out where the other two have nobody to listen.
func TestMetricsAloneShowTheCacheStatus(t *testing.T) {
	k := &telemetry{metrics: metric.NewManualReader()}
	var err error
	if k.Observer, err = New(WithMeterProvider(metric.NewMeterProvider(metric.WithReader(k.metrics)))); err != nil {
		t.Fatal(err)
	}
	cors := k.cors(t, appPolicy)
	cors.Decide(context.Background(), newPreflight("PUT", app))
	cors.Decide(context.Background(), newRequest("PUT", app))
	cors.Decide(context.Background(), newRequest("PUT", app))
	want := map[string]int64{
		"cors.request.type=preflight,cors.verdict=allowed":                               1,
		"cors.preflight.cache.status=miss,cors.request.type=actual,cors.verdict=allowed": 1,
		"cors.preflight.cache.status=hit,cors.request.type=actual,cors.verdict=allowed":  1,
	}
	if got := k.counts(t, "cors.requests"); !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestEventsComeOutAlone(t *testing.T) {
	events := new(keptRecords)
	o, err := New(WithLoggerProvider(log.NewLoggerProvider(log.WithProcessor(events))))
	if err != nil {
		t.Fatal(err)
	}
	cors, err := core.New(appPolicy, core.WithObserver(o))
	if err != nil {
		t.Fatal(err)
	}
	cors.Decide(context.Background(), newRequest("PUT", app))
	cors.Decide(context.Background(), newPreflight("PUT", stranger))
	if err := cors.Reconfigure(appPolicy); err != nil {
		t.Fatal(err)
	}
	if got, want := events.names(), []string{"cors.denial", "cors.policy.reload"}; !slices.Equal(got, want) {
		t.Errorf("got events %v, want %v", got, want)
	}
}

// choosy is a log processor that wants nothing but one event at one severity, and keeps all that it gets.
type choosy struct {
	keptRecords
	event    string
	severity otellog.Severity
}

func (c *choosy) Enabled(_ context.Context, p log.EnabledParameters) bool {
	return p.EventName == c.event && p.Severity == c.severity
}

func TestNoEventIsMadeThatNobodyWants(t *testing.T) {
	for _, test := range []struct {
		processor *choosy
		want      []string
	}{
		{&choosy{}, nil},
		{&choosy{event: "cors.denial", severity: otellog.SeverityInfo}, nil},
		{&choosy{event: "cors.denial", severity: otellog.SeverityWarn}, []string{"cors.denial"}},
		{&choosy{event: "cors.policy.reload", severity: otellog.SeverityInfo}, []string{"cors.policy.reload"}},
		{&choosy{event: "cors.policy.reload", severity: otellog.SeverityError}, []string{"cors.policy.reload"}},
	} {
		// With metrics, so that the observer is asked whatever the processor says.
		k := newTelemetry(t, WithLoggerProvider(log.NewLoggerProvider(log.WithProcessor(test.processor))))
		cors := k.cors(t, appPolicy)
		cors.Decide(context.Background(), newPreflight("PUT", stranger))
		if err := cors.Reconfigure(appPolicy); err != nil {
			t.Fatal(err)
		}
		if err := cors.Reconfigure(core.Config{Origins: []string{"x"}}); err == nil {
			t.Fatal("got no error, want one")
		}
		if got := test.processor.names(); !slices.Equal(got, test.want) {
			t.Errorf("%s at %v: got events %v, want %v", test.processor.event, test.processor.severity, got, test.want)
		}
	}
}

// Whoever overlooks an error of New must not lose requests to it.
func TestObserversThatNewDidNotMakeTellNothing(t *testing.T) {
	for name, o := range map[string]*Observer{"nil": nil, "zero": {}} {
		cors, err := core.New(core.Config{OriginFunc: func(context.Context, core.OriginRequest) (bool, error) { return false, nil }},
			core.WithObserver(o))
		if err != nil {
			t.Fatal(err)
		}
		if d := cors.Decide(context.Background(), newPreflight("PUT", stranger)); d.Status != 403 {
			t.Errorf("%s: got status %d, want 403", name, d.Status)
		}
		if err := cors.Reconfigure(appPolicy); err != nil {
			t.Errorf("%s: got error %v, want none", name, err)
		}
	}
}
