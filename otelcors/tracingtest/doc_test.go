// Package tracingtest tests otelcors with the tracing middleware of each framework, in both orders, and with OTLP
// exporters. It is a module with only tests, so users of otelcors do not get these dependencies.
package tracingtest
