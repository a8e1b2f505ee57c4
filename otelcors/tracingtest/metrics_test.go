package tracingtest

import (
	"testing"

	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/trace"
	oteltrace "go.opentelemetry.io/otel/trace"
)

// The metrics of the tracing middleware miss requests that CORS answers in front of it. Those of the observer miss
// nothing in either order, but their exemplars need a trace.
func TestMetricsInEitherOrder(t *testing.T) {
	for _, f := range frameworks {
		for _, outside := range []bool{true, false} {
			name, layers := f.name+", tracing outside", []layer{tracing, cors}
			if !outside {
				name, layers = f.name+", tracing inside", []layer{cors, tracing}
			}
			t.Run(name, func(t *testing.T) {
				k := newTelemetry(t, trace.AlwaysSample())
				addresses := map[bool]string{}
				for _, block := range []bool{false, true} {
					addresses[block] = f.serve(t, k.application(t, block, true, layers...))
				}
				var wantServed uint64
				var wantJudged int64
				for _, r := range requests(t) {
					r.send(t, addresses[r.Block])
					if outside || r.reachesTheHandler() {
						wantServed++
					}
					if r.Attributes != nil {
						wantJudged++
					}
				}
				if got := served(t, k); got != wantServed {
					t.Errorf("got %d requests in the tracing middleware's metric, want %d", got, wantServed)
				}
				judged, exemplars := judged(t, k)
				if judged != wantJudged {
					t.Errorf("got %d requests in cors.requests, want %d", judged, wantJudged)
				}
				if (exemplars > 0) != outside {
					t.Errorf("got %d exemplars, want some: %v", exemplars, outside)
				}
			})
		}
	}
}

// served returns how many requests the tracing middleware has measured.
func served(t *testing.T, k *telemetry) (count uint64) {
	t.Helper()
	data := k.metric(t, "http.server.request.duration")
	if data == nil {
		data = k.metric(t, "http.server.duration") // otelfiber is behind with its conventions
	}
	histogram, ok := data.(metricdata.Histogram[float64])
	if !ok {
		t.Fatalf("got a %T for the duration of requests, want a histogram", data)
	}
	for _, point := range histogram.DataPoints {
		count += point.Count
	}
	return count
}

// judged returns how many requests the observer has counted, and how many exemplars refer to a kept span.
func judged(t *testing.T, k *telemetry) (count int64, exemplars int) {
	t.Helper()
	kept := map[oteltrace.SpanID]bool{}
	for _, span := range k.spans.GetSpans() {
		kept[span.SpanContext.SpanID()] = true
	}
	for _, point := range k.metric(t, "cors.requests").(metricdata.Sum[int64]).DataPoints {
		count += point.Value
		for _, e := range point.Exemplars {
			if !kept[oteltrace.SpanID(e.SpanID)] {
				t.Errorf("got an exemplar of span %x, want one that was kept", e.SpanID)
			}
			exemplars++
		}
	}
	return count, exemplars
}
