// Package tracingtest tests otelcors together with the tracing middlewares of each framework, in both orders, and with
// the exporters of OTLP. It is a module of its own, of tests only, so that users of otelcors get none of these.
package tracingtest
