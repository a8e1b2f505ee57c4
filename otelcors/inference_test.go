package otelcors

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/trace"

	"github.com/corselet/corselet/core"
)

func TestPreflightsAreMatchedToTheirRequests(t *testing.T) {
	byHeader := WithClientKey(func(_ context.Context, e core.Event) string {
		key, _ := e.Header("X-Real-Ip")
		return key
	})
	tests := []struct {
		name              string
		opts              []Option
		preflight, actual *core.Request
		want              string
	}{
		{"the same address", nil, newPreflight("PUT", app), newRequest("PUT", app), "miss"},
		{"another address", nil, fromAddress(newPreflight("PUT", app), "192.0.2.9"), newRequest("PUT", app), "hit"},
		{"no address", nil, fromAddress(newPreflight("PUT", app), ""), fromAddress(newRequest("PUT", app), ""), "unknown"},
		{"the same key", []Option{byHeader}, fromAddress(newPreflight("PUT", app, "X-Real-Ip", "a"), ""),
			newRequest("PUT", app, "X-Real-Ip", "a"), "miss"},
		{"another key", []Option{byHeader}, newPreflight("PUT", app, "X-Real-Ip", "a"), newRequest("PUT", app, "X-Real-Ip", "b"), "hit"},
		{"no key", []Option{byHeader}, newPreflight("PUT", app), newRequest("PUT", app), "unknown"},
		{"without tracking", []Option{WithoutCacheTracking()}, newPreflight("PUT", app), newRequest("PUT", app), "unknown"},
		{"another host", nil, toHost(newPreflight("PUT", app), "other.example"), newRequest("PUT", app), "hit"},
		{"the preflight of a script", nil, newPreflight("PUT", app, "Sec-Fetch-Mode", ""), newRequest("PUT", app), "hit"},
		{"a preflight that was denied for its header", nil, newPreflight("PUT", app, core.FieldRequestHeaders, "x-secret"),
			newRequest("PUT", app), "hit"},
		{"cookies that the policy does not allow", nil, newPreflight("PUT", app), newRequest("PUT", app, "Cookie", ""), "miss"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := newReplayer(t, test.opts...)
			p.play(test.preflight)
			if got := p.play(test.actual); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func fromAddress(r *core.Request, addr string) *core.Request {
	sourceOf(r).addr, _ = netip.ParseAddr(addr)
	return r
}

func toHost(r *core.Request, host string) *core.Request {
	sourceOf(r).host = host
	return r
}

// A sampled trace must not depend on whether the preflight's was sampled, nor on metrics.
func TestMarksAreLeftAndTakenByUnsampledRequests(t *testing.T) {
	o, err := New()
	if err != nil {
		t.Fatal(err)
	}
	p := newTracedReplayer(t, o)
	unsampled, _ := trace.NewTracerProvider(trace.WithSampler(trace.NeverSample())).Tracer("").Start(context.Background(), "")
	put := func() *core.Request { return browserRequest("a", "PUT", "/notes") }

	p.handle.Decide(unsampled, newPreflightFor(put()))
	if got := p.play(put()); got != "miss" {
		t.Errorf("after an unsampled preflight: got %s, want miss", got)
	}
	p.now += 2 * markLife // the preflights before the first span no longer matter
	p.handle.Decide(unsampled, newPreflightFor(put()))
	p.handle.Decide(unsampled, put())
	if got := p.play(put()); got != "hit" {
		t.Errorf("after an unsampled request: got %s, want hit", got)
	}
}

// newTracedReplayer returns a replayer whose observer does not know the middleware's tracer provider.
func newTracedReplayer(t *testing.T, o *Observer) *replayer {
	t.Helper()
	p := &replayer{telemetry: &telemetry{Observer: o}}
	o.clock = func() time.Duration { return p.now }
	p.handle = p.cors(t, replayPolicy)
	p.tracer = trace.NewTracerProvider(trace.WithSpanProcessor(p))
	return p
}

// Tracing middleware may skip OPTIONS. Then only the span of its request needs a preflight.
func TestMarksAreLeftByPreflightsWithoutASpan(t *testing.T) {
	events := WithLoggerProvider(log.NewLoggerProvider(log.WithProcessor(new(keptRecords))))
	for name, opts := range map[string][]Option{
		"the middleware's tracer provider is not the global one": nil,
		"no spans of its own": {WithoutSpans(), WithTracerProvider(trace.NewTracerProvider())},
		"events":              {events},
	} {
		t.Run(name, func(t *testing.T) {
			o, err := New(opts...)
			if err != nil {
				t.Fatal(err)
			}
			p := newTracedReplayer(t, o)
			p.now = time.Hour
			put := func() *core.Request { return browserRequest("a", "PUT", "/notes") }
			for i, want := range []string{
				"unknown", // its preflight came before there was any span
				"miss", "miss", "miss",
			} {
				p.handle.Decide(context.Background(), newPreflightFor(put()))
				if got := p.play(put()); got != want {
					t.Errorf("request %d: got %s, want %s", i, got, want)
				}
				p.now += time.Second
			}
			if got := p.play(put()); got != "unknown" {
				t.Errorf("without a preflight, soon after the first span: got %s, want unknown", got)
			}
			p.now += markLife
			if got := p.play(put()); got != "hit" {
				t.Errorf("without a preflight, when that is long ago: got %s, want hit", got)
			}
		})
	}
}

// newPreflightFor returns the preflight that a browser sends before r.
func newPreflightFor(r *core.Request) *core.Request {
	preflight := newPreflight(r.Method, r.Origin)
	sourceOf(preflight).path = sourceOf(r).path
	sourceOf(preflight).addr = sourceOf(r).addr
	return preflight
}
