// Package otelcors reports with OpenTelemetry what a CORS policy does: which origins it refuses,
// why and since when, and how many preflights the browsers' caches save.
//
//	observer, err := otelcors.New()
//	…
//	cors, err := core.New(config, core.WithObserver(observer), core.WithName("public-api"))
//
// It counts requests, emits an event for each denial, and adds attributes to the request's span, if
// there is one. Without an SDK it computes and allocates nothing. The README lists names, types and
// units.
package otelcors
