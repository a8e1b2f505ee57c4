package tracingtest

import (
	"maps"
	"net/http"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	oteltrace "go.opentelemetry.io/otel/trace"

	"github.com/corselet/corselet/otelcors"
)

// With CORS in front, the tracing middleware never sees a request that CORS answers: an allowed preflight has no span,
// a denied one and a blocked request a span of the observer. Other requests get their span later, without the
// attributes, and their events are part of no trace.
func TestTracingInside(t *testing.T) {
	for _, f := range frameworks {
		t.Run(f.name, func(t *testing.T) {
			k := newTelemetry(t, trace.AlwaysSample())
			observed := map[bool]string{}
			for _, block := range []bool{false, true} {
				observed[block] = f.serve(t, k.application(t, block, true, cors, tracing))
			}
			without := f.serve(t, k.application(t, false, false, tracing))
			for _, r := range requests(t) {
				t.Run(r.Name, func(t *testing.T) {
					if got := r.send(t, observed[r.Block]); got != r.Status {
						t.Fatalf("got status %d, want %d", got, r.Status)
					}
					spans, events := k.take()
					switch {
					case r.Span != "":
						span := only(t, spans)
						checkOwnSpan(t, &r, &span)
						checkEvent(t, &r, events, span.SpanContext)
						return
					case !r.reachesTheHandler():
						if len(spans) > 0 {
							t.Errorf("got spans %v, want none", names(spans))
						}
					default:
						span := only(t, spans)
						checkAttributes(t, &span, map[string]string{})
						r.send(t, without)
						spans, _ = k.take()
						checkUnchanged(t, "without CORS", span, only(t, spans))
					}
					checkEvent(t, &r, events, oteltrace.SpanContext{})
				})
			}
		})
	}
}

// checkOwnSpan checks the observer's own span for a request without another one.
func checkOwnSpan(t *testing.T, r *request, got *tracetest.SpanStub) {
	t.Helper()
	if got.Name != r.Span || got.SpanKind != oteltrace.SpanKindServer || got.InstrumentationScope.Name != otelcors.ScopeName {
		t.Errorf("got span %s of kind %v by %s, want %s, server, %s",
			got.Name, got.SpanKind, got.InstrumentationScope.Name, r.Span, otelcors.ScopeName)
	}
	if got.Status.Code != codes.Unset || len(got.Events) > 0 || len(got.Links) > 0 || got.Parent.IsValid() {
		t.Errorf("got status %v, events %v, links %v and parent %v, want unset and none",
			got.Status, got.Events, got.Links, got.Parent)
	}
	want := typedJSON(t, r.Attributes)
	maps.Copy(want, typed([]attribute.KeyValue{
		attribute.String("http.request.method", r.Method),
		attribute.Int("http.response.status_code", r.Status),
		attribute.String("url.scheme", "http"),
		attribute.String("url.path", r.Path),
	}))
	if got := typed(got.Attributes); !maps.Equal(got, want) {
		t.Errorf("got attributes %v, want %v", got, want)
	}
}

// A traced page sends its trace. A denial is part of it only if tracing is outside.
func TestDenialsInThePagesTrace(t *testing.T) {
	const page = "4bf92f3577b34da6a3ce929d0e0e4736"
	blocked := request{Method: http.MethodPut, Path: "/notes/1", Fields: map[string]string{
		"Origin": "https://stranger.example", "Sec-Fetch-Mode": "cors",
		"Traceparent": "00-" + page + "-00f067aa0ba902b7-01",
	}}
	for _, f := range frameworks {
		for _, order := range []struct {
			name   string
			layers []layer
			want   bool
		}{
			{"tracing outside", []layer{tracing, cors}, true},
			{"tracing inside", []layer{cors, tracing}, false},
		} {
			t.Run(f.name+", "+order.name, func(t *testing.T) {
				k := newTelemetry(t, trace.AlwaysSample())
				blocked.send(t, f.serve(t, k.application(t, true, true, order.layers...)))
				spans, events := k.take()
				span := only(t, spans)
				if got := span.SpanContext.TraceID().String() == page; got != order.want {
					t.Errorf("got a span in the page's trace: %v, want %v", got, order.want)
				}
				if len(events) != 1 || events[0].TraceID() != span.SpanContext.TraceID() {
					t.Errorf("got events %v, want one in the trace of the span", events)
				}
			})
		}
	}
}
