package otelcors

import (
	"slices"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"
)

// PropagationHeaders returns the names of the request headers that carry a page's trace, such as
// traceparent, tracestate and baggage, in alphabetical order. A policy must list them in
// [core.Config].RequestHeaders, or the preflights of traced pages are denied. If p is nil,
// PropagationHeaders uses the current global propagator: set it first.
func PropagationHeaders(p propagation.TextMapPropagator) []string {
	if p == nil {
		p = otel.GetTextMapPropagator()
	}
	names := slices.Clone(p.Fields())
	slices.Sort(names)
	return slices.Compact(names)
}
