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
	app   = "https://app.example"
	other = "https://stranger.example"
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
		{"another origin's preflight", appPolicy, newPreflight("PUT", other),
			"cors.denial.reason=origin_not_allowed,cors.request.type=preflight,cors.verdict=denied"},
		{"a preflight of a client that may be no browser", appPolicy, newPreflight("PUT", app, "Sec-Fetch-Mode", ""),
			"cors.preflight.cache.status=unknown,cors.request.type=preflight,cors.verdict=allowed"},
		{"a preflight on plain http, where Chromium sends one of the fields, but none with the request", appPolicy,
			withoutField(newPreflight("PUT", app), core.FieldSecFetchSite),
			"cors.preflight.cache.status=unknown,cors.request.type=preflight,cors.verdict=allowed"},
		{"a preflight that says that it is something else", appPolicy, newPreflight("PUT", app, "Sec-Fetch-Mode", "navigate"),
			"cors.preflight.cache.status=unknown,cors.request.type=preflight,cors.verdict=allowed"},
		{"a denied preflight has no status: nothing follows it", appPolicy, newPreflight("PATCH", app, "Sec-Fetch-Mode", ""),
			"cors.denial.reason=method_not_allowed,cors.request.type=preflight,cors.verdict=denied"},
		{"nor has one of another origin", appPolicy, newPreflight("PUT", other, "Sec-Fetch-Mode", ""),
			"cors.denial.reason=origin_not_allowed,cors.request.type=preflight,cors.verdict=denied"},
		{"a preflight of a sandboxed page under *, whose request is unknown", open, newPreflight("PUT", "null"),
			"cors.preflight.cache.status=unknown,cors.request.type=preflight,cors.verdict=allowed"},
		{"a preflight for another method", appPolicy, newPreflight("PATCH", app),
			"cors.denial.reason=method_not_allowed,cors.request.type=preflight,cors.verdict=denied"},
		{"a preflight for another header", appPolicy, newPreflight("PUT", app, core.FieldRequestHeaders, "x-a"),
			"cors.denial.reason=header_not_allowed,cors.request.type=preflight,cors.verdict=denied"},
		{"an allowed request that needs no preflight", appPolicy, newRequest("GET", app),
			"cors.request.type=actual,cors.verdict=allowed"},
		{"an allowed request without its preflight", appPolicy, newRequest("PUT", app),
			"cors.preflight.cache.status=hit,cors.request.type=actual,cors.verdict=allowed"},
		{"a request with cookies that the policy does not allow", appPolicy, newRequest("GET", app, "Cookie", ""),
			"cors.denial.reason=credentials_not_allowed,cors.request.type=actual,cors.verdict=denied"},
		{"another origin's request has no status, because no preflight can have allowed it", appPolicy, newRequest("PUT", other),
			"cors.denial.reason=origin_not_allowed,cors.request.type=actual,cors.verdict=denied"},
		{"a sandboxed page", appPolicy, newRequest("GET", "null"),
			"cors.denial.reason=origin_null,cors.request.type=actual,cors.verdict=denied"},
		{"a sandboxed page under * cannot be told apart from another", open, newRequest("PUT", "null"),
			"cors.preflight.cache.status=unknown,cors.request.type=actual,cors.verdict=allowed"},
		{"any page under *", open, newRequest("PUT", other),
			"cors.preflight.cache.status=hit,cors.request.type=actual,cors.verdict=allowed"},
		{"no browser sends such an origin, under * neither", open, newRequest("PUT", "HTTPS://app.example"),
			"cors.preflight.cache.status=unknown,cors.request.type=actual,cors.verdict=allowed"},
		{"no browser sends two origins", open, twice,
			"cors.preflight.cache.status=unknown,cors.request.type=actual,cors.verdict=allowed"},
		{"a malformed origin", appPolicy, newRequest("GET", "HTTPS://app.example"),
			"cors.denial.reason=origin_malformed,cors.request.type=actual,cors.verdict=denied"},
		{"a client that is not known to be a browser", appPolicy, newRequest("PUT", app, "Sec-Fetch-Mode", ""),
			"cors.preflight.cache.status=unknown,cors.request.type=actual,cors.verdict=allowed"},
		{"a same-origin page", appPolicy, newRequest("POST", other, "Sec-Fetch-Site", "same-origin"), ""},
		{"a form of another site", appPolicy, newRequest("POST", other, "Sec-Fetch-Mode", "navigate"), ""},
		{"a form of another site that is blocked", blocking, newRequest("POST", other, "Sec-Fetch-Mode", "navigate"),
			"cors.denial.reason=origin_not_allowed,cors.request.type=actual,cors.verdict=denied"},
		{"a form of a sandboxed page that is blocked", blocking, newRequest("POST", "null", "Sec-Fetch-Mode", "navigate"),
			"cors.denial.reason=origin_null,cors.request.type=actual,cors.verdict=denied"},
		{"a form that no browser sends and that is blocked", blocking, newRequest("POST", "x", "Sec-Fetch-Mode", "navigate"),
			"cors.denial.reason=origin_malformed,cors.request.type=actual,cors.verdict=denied"},
		{"a request that is blocked", blocking, newRequest("PUT", other),
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

// The three signals are independent: each works if no one listens to the other two.
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

func TestEventsNeedNoOtherSignal(t *testing.T) {
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
	cors.Decide(context.Background(), newPreflight("PUT", other))
	if err := cors.Reconfigure(appPolicy); err != nil {
		t.Fatal(err)
	}
	if got, want := events.names(), []string{"cors.denial", "cors.policy.reload"}; !slices.Equal(got, want) {
		t.Errorf("got events %v, want %v", got, want)
	}
}

// choosy is a log processor that wants one event at one severity only, and keeps all that it gets.
type choosy struct {
	keptRecords
	event    string
	severity otellog.Severity
}

func (c *choosy) Enabled(_ context.Context, p log.EnabledParameters) bool {
	return p.EventName == c.event && p.Severity == c.severity
}

func TestOnlyWantedEventsAreMade(t *testing.T) {
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
		// With metrics the observer is called whatever the processor wants.
		k := newTelemetry(t, WithLoggerProvider(log.NewLoggerProvider(log.WithProcessor(test.processor))))
		cors := k.cors(t, appPolicy)
		cors.Decide(context.Background(), newPreflight("PUT", other))
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

// Code that ignores an error of New must still serve requests.
func TestNilAndZeroObserversReportNothing(t *testing.T) {
	for name, o := range map[string]*Observer{"nil": nil, "zero": {}} {
		cors, err := core.New(core.Config{OriginFunc: func(context.Context, core.OriginRequest) (bool, error) { return false, nil }},
			core.WithObserver(o))
		if err != nil {
			t.Fatal(err)
		}
		if d := cors.Decide(context.Background(), newPreflight("PUT", other)); d.Status != 403 {
			t.Errorf("%s: got status %d, want 403", name, d.Status)
		}
		if err := cors.Reconfigure(appPolicy); err != nil {
			t.Errorf("%s: got error %v, want none", name, err)
		}
	}
}
