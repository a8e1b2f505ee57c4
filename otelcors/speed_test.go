//go:build !race

package otelcors

import (
	"context"
	"math"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	sdk "go.opentelemetry.io/otel/sdk/metric"

	"github.com/corselet/corselet/core"
)

// fastest returns the best time of each function in nanoseconds. They take turns, so other work of the machine affects
// all of them alike.
func fastest(functions ...func()) []float64 {
	const rounds, calls = 200, 500
	best := make([]float64, len(functions))
	for i := range best {
		best[i] = math.Inf(1)
	}
	for range rounds {
		for i, f := range functions {
			start := time.Now()
			for range calls {
				f()
			}
			best[i] = min(best[i], float64(time.Since(start).Nanoseconds())/calls)
		}
	}
	return best
}

// holds repeats a noisy measurement a few times before it fails.
func holds(t *testing.T, measure func() (got, limit float64)) {
	t.Helper()
	var got, limit float64
	for range 5 {
		if got, limit = measure(); got <= limit {
			return
		}
	}
	t.Errorf("got %.2f, want at most %.2f", got, limit)
}

// times measures what it costs to decide a request alone, and under o.
func times(t *testing.T, r *core.Request, o *Observer) (alone, with float64) {
	t.Helper()
	var functions []func()
	for _, observer := range []core.Observer{nil, o} {
		cors, err := core.New(appPolicy, core.WithObserver(observer), core.WithName("api"))
		if err != nil {
			t.Fatal(err)
		}
		functions = append(functions, func() { cors.Decide(context.Background(), r) })
	}
	best := fastest(functions...)
	return best[0], best[1]
}

// The whole cost is one question: core asks the observer whether it listens, and makes no event for it. The limit is in
// units of a counter, to hold on any machine.
func TestAnObserverWithoutSDKIsNearlyFree(t *testing.T) {
	const limit = 0.25
	_, add := newCounting(t, outcome{kind: core.KindActual})
	o, err := New()
	if err != nil {
		t.Fatal(err)
	}
	for kind, r := range requestsOfEveryKind() {
		t.Run(kind, func(t *testing.T) {
			holds(t, func() (float64, float64) {
				alone, with := times(t, r, o)
				bare := fastest(add)[0]
				t.Logf("%.1f ns, %.2f times a bare counter's %.0f", with-alone, (with-alone)/bare, bare)
				return (with - alone) / bare, limit
			})
		})
	}
}

// newCounting returns an observer with metrics only, and a function that adds to another counter with the same
// attributes.
func newCounting(t testing.TB, out outcome) (o *Observer, add func()) {
	t.Helper()
	meters := sdk.NewMeterProvider(sdk.WithReader(sdk.NewManualReader()))
	o, err := New(WithMeterProvider(meters))
	if err != nil {
		t.Fatal(err)
	}
	counter, err := meters.Meter("bare").Int64Counter("bare")
	if err != nil {
		t.Fatal(err)
	}
	opts := []metric.AddOption{metric.WithAttributeSet(attribute.NewSet(out.attributes("api")...))}
	return o, func() { counter.Add(context.Background(), 1, opts...) }
}

// The counter itself costs one unit. The rest pays for the verdict, which no counter needs.
func TestCountingCostsLittleMoreThanACounter(t *testing.T) {
	const limit = 2.5
	for kind, out := range map[string]outcome{
		"allowed request":  {kind: core.KindActual},
		"denied request":   {kind: core.KindActual, reason: core.ReasonOriginNotAllowed},
		"denied preflight": {kind: core.KindPreflight, reason: core.ReasonOriginNotAllowed},
	} {
		t.Run(kind, func(t *testing.T) {
			o, add := newCounting(t, out)
			holds(t, func() (float64, float64) {
				alone, with := times(t, requestsOfEveryKind()[kind], o)
				bare := fastest(add)[0]
				t.Logf("%.0f ns, %.2f times a bare counter's %.0f", with-alone, (with-alone)/bare, bare)
				return (with - alone) / bare, limit
			})
		})
	}
}

func TestMarksAreFast(t *testing.T) {
	const limit = 100 // nanoseconds
	c := newPreflightCache()
	for name, f := range map[string]func(){
		"mark": func() { c.mark(&someKey, time.Second) },
		"take": func() { c.take(&someKey, time.Second) },
	} {
		t.Run(name, func(t *testing.T) {
			holds(t, func() (float64, float64) { return fastest(f)[0], limit })
		})
	}
}
