// Package otelcors shows with OpenTelemetry what a CORS policy does: whom it refuses, why and since when, and how many
// preflights browsers spare themselves.
//
//	observer, err := otelcors.New()
//	…
//	cors, err := core.New(config, core.WithObserver(observer), core.WithName("public-api"))
//
// Requests are counted, denials are log events, and the span of the request, if there is one, gets attributes. Where
// no SDK is installed nothing is worked out and nothing allocated. Names, types and units are listed in the README.
package otelcors
