package otelcors

import (
	"slices"
	"testing"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"

	"github.com/corselet/corselet/core"
)

func TestPropagationHeaders(t *testing.T) {
	both := propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{}, propagation.TraceContext{})
	want := []string{"baggage", "traceparent", "tracestate"}
	if got := PropagationHeaders(both); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	before := otel.GetTextMapPropagator()
	defer otel.SetTextMapPropagator(before)
	otel.SetTextMapPropagator(propagation.TraceContext{})
	if got := PropagationHeaders(nil); !slices.Equal(got, want[1:]) {
		t.Errorf("the global propagator: got %v, want %v", got, want[1:])
	}
	if _, err := core.Compile(core.Config{Origins: []string{app}, RequestHeaders: want}); err != nil {
		t.Errorf("got error %v from a policy that lists them, want none", err)
	}
}
