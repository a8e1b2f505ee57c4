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

// fastest returns how long each function takes at its best, measured in turns, so that what else the machine does
// falls on all of them alike and hardly matters.
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

// soon tries a measurement until it is as good as it should be, a few times.
func soon(t *testing.T, measure func() (problem string)) {
	t.Helper()
	problem := ""
	for range 5 {
		if problem = measure(); problem == "" {
			return
		}
		t.Log(problem)
	}
	t.Error(problem)
}
func TestX(t *testing.T) {
	silent, err := New()
	if err != nil {
		t.Fatal(err)
	}
	meter := sdk.NewMeterProvider(sdk.WithReader(sdk.NewManualReader()))
	metrics, err := New(WithMeterProvider(meter))
	if err != nil {
		t.Fatal(err)
	}
	counter, _ := meter.Meter("x").Int64Counter("bare")
	list := outcome{kind: core.KindActual}.attributes("api")
	opts := []metric.AddOption{metric.WithAttributeSet(attribute.NewSet(list...))}
	ctx := context.Background()
	for name, r := range map[string]*core.Request{"GET": newRequest("GET", app), "PUT": newRequest("PUT", app), "dGET": newRequest("GET", stranger), "pre": newPreflight("PUT", app), "dpre": newPreflight("PUT", stranger)} {
		var fs []func()
		for _, o := range []core.Observer{nil, idle{}, silent, metrics} {
			cors, _ := core.New(appPolicy, core.WithObserver(o), core.WithName("api"))
			fs = append(fs, func() { cors.Decide(ctx, r) })
		}
		fs = append(fs, func() { counter.Add(ctx, 1, opts...) })
		b := fastest(fs...)
		t.Logf("%-6s alone %.0f idle +%.0f silent +%.0f metrics +%.0f; counter %.0f: %.2f; minus idle %.2f", name, b[0], b[1]-b[0], b[2]-b[0], b[3]-b[0], b[4], (b[3]-b[0])/b[4], (b[3]-b[1])/b[4])
	}
}
