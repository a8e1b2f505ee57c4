package tracingtest

import (
	"maps"
	"testing"

	"go.opentelemetry.io/otel/codes"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	oteltrace "go.opentelemetry.io/otel/trace"
)

// With tracing outside of CORS, every request has the span of the tracing middleware and no other. CORS adds its
// attributes, and changes nothing else, whether or not it denies.
func TestTracingOutside(t *testing.T) {
	for _, f := range frameworks {
		t.Run(f.name, func(t *testing.T) {
			k := newTelemetry(t, trace.AlwaysSample())
			observed := map[bool]string{}
			unobserved := map[bool]string{}
			for _, block := range []bool{false, true} {
				observed[block] = f.serve(t, k.application(t, block, true, tracing, cors))
				unobserved[block] = f.serve(t, k.application(t, block, false, tracing, cors))
			}
			without := f.serve(t, k.application(t, false, false, tracing))
			for _, r := range requests(t) {
				t.Run(r.Name, func(t *testing.T) {
					if got := r.send(t, observed[r.Block]); got != r.Status {
						t.Fatalf("got status %d, want %d", got, r.Status)
					}
					spans, events := k.take()
					span := only(t, spans)
					checkAttributes(t, &span, typedJSON(t, r.Attributes))
					checkEvent(t, &r, events, span.SpanContext)

					r.send(t, unobserved[r.Block])
					spans, _ = k.take()
					checkUnchanged(t, "without the observer", span, only(t, spans))
					r.send(t, without)
					spans, _ = k.take()
					control := only(t, spans)
					if r.reachesTheHandler() {
						checkUnchanged(t, "without CORS", span, control)
					} else if !r.Block && (span.Name != control.Name || span.Status != control.Status) {
						t.Errorf("got span %s with status %v, want %s, %v as without CORS",
							span.Name, span.Status, control.Name, control.Status)
					}
				})
			}
		})
	}
}

func checkAttributes(t *testing.T, span *tracetest.SpanStub, want map[string]string) {
	t.Helper()
	ofCORS, _ := split(span.Attributes)
	if got := typed(ofCORS); !maps.Equal(got, want) {
		t.Errorf("span %s: got attributes %v, want %v", span.Name, got, want)
	}
}

// checkUnchanged compares a span with a control's, without the CORS attributes.
func checkUnchanged(t *testing.T, control string, got, want tracetest.SpanStub) {
	t.Helper()
	if got.Name != want.Name || got.SpanKind != oteltrace.SpanKindServer || got.SpanKind != want.SpanKind {
		t.Errorf("got span %s of kind %v, want %s of kind %v as %s", got.Name, got.SpanKind, want.Name, want.SpanKind, control)
	}
	if got.Status != want.Status || got.Status.Code != codes.Unset || got.Status.Description != "" {
		t.Errorf("got status %v, want %v as %s, unset", got.Status, want.Status, control)
	}
	if len(got.Events) > 0 || len(got.Links) > 0 || got.ChildSpanCount > 0 || got.Parent.IsValid() {
		t.Errorf("got events %v, links %v, %d children and parent %v, want none",
			got.Events, got.Links, got.ChildSpanCount, got.Parent)
	}
	_, attrs := split(got.Attributes)
	_, wantAttrs := split(want.Attributes)
	if got, want := typed(attrs), typed(wantAttrs); !maps.Equal(got, want) {
		t.Errorf("got further attributes %v, want %v as %s", got, want, control)
	}
}

// checkEvent compares the log events with the one that a row wants, if any, and checks its trace.
func checkEvent(t *testing.T, r *request, events []sdklog.Record, span oteltrace.SpanContext) {
	t.Helper()
	if r.Event == nil {
		if len(events) > 0 {
			t.Errorf("got %d events, want none", len(events))
		}
		return
	}
	if len(events) != 1 {
		t.Fatalf("got %d events, want one", len(events))
	}
	e := &events[0]
	if got, want := typed(recordAttributes(e)), typedJSON(t, r.Event); !maps.Equal(got, want) || e.EventName() != "cors.denial" {
		t.Errorf("got event %s with %v, want cors.denial with %v", e.EventName(), got, want)
	}
	if e.TraceID() != span.TraceID() || e.SpanID() != span.SpanID() || e.TraceFlags() != span.TraceFlags() {
		t.Errorf("got an event of trace %v, span %v, flags %v, want %v, %v, %v",
			e.TraceID(), e.SpanID(), e.TraceFlags(), span.TraceID(), span.SpanID(), span.TraceFlags())
	}
}

// A request that is not sampled gets no other span, and its event has the ids of the trace that it would have been part
// of.
func TestTracingOutsideThatDoesNotSample(t *testing.T) {
	for _, f := range frameworks {
		t.Run(f.name, func(t *testing.T) {
			k := newTelemetry(t, trace.NeverSample())
			addresses := map[bool]string{}
			for _, block := range []bool{false, true} {
				addresses[block] = f.serve(t, k.application(t, block, true, tracing, cors))
			}
			for _, r := range requests(t) {
				r.send(t, addresses[r.Block])
				spans, events := k.take()
				if len(spans) > 0 {
					t.Errorf("%s: got spans %v, want none", r.Name, names(spans))
				}
				if want := r.Event != nil; (len(events) == 1) != want {
					t.Errorf("%s: got %d events, want one: %v", r.Name, len(events), want)
				}
				for _, e := range events {
					if !e.TraceID().IsValid() || !e.SpanID().IsValid() || e.TraceFlags().IsSampled() {
						t.Errorf("%s: got an event of trace %v, span %v, sampled %v, want some and false",
							r.Name, e.TraceID(), e.SpanID(), e.TraceFlags().IsSampled())
					}
				}
			}
		})
	}
}
