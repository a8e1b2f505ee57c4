package otelcors

import (
	"slices"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"
)

// PropagationHeaders returns the names of the request headers by which a page hands on its trace, such as traceparent,
// tracestate and baggage, in alphabetical order. A policy must allow them ([core.Config].RequestHeaders), or the
// preflights of pages that are traced are denied. If p is nil, the global propagator counts, as it is now: set it
// first.
func PropagationHeaders(p propagation.TextMapPropagator) []string {
	if p == nil {
		p = otel.GetTextMapPropagator()
	}
	names := slices.Clone(p.Fields())
	slices.Sort(names)
	return slices.Compact(names)
}
