package main

import (
	"net/http"

	"github.com/gofiber/fiber/v2"
	fiberv3 "github.com/gofiber/fiber/v3"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// tracer makes the spans of requests. They are not exported: sdk.observe reads a span's attributes
// when the decision is made.
var tracer = sdktrace.NewTracerProvider(
	sdktrace.WithSampler(sdktrace.AlwaysSample())).Tracer("playground")

const requestSpan = "request"

// traced runs a handler inside a span, as otelhttp, otelgin and otelecho do.
func traced(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, span := tracer.Start(r.Context(), requestSpan,
			trace.WithSpanKind(trace.SpanKindServer))
		defer span.End()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// traceFiber is the same for fiber, as otelfiber does it.
func traceFiber(c *fiber.Ctx) error {
	ctx, span := tracer.Start(c.UserContext(), requestSpan,
		trace.WithSpanKind(trace.SpanKindServer))
	defer span.End()
	c.SetUserContext(ctx)
	return c.Next()
}

// traceFiberV3 is the same for fiber v3.
func traceFiberV3(c fiberv3.Ctx) error {
	ctx, span := tracer.Start(c.Context(), requestSpan, trace.WithSpanKind(trace.SpanKindServer))
	defer span.End()
	c.SetContext(ctx)
	return c.Next()
}
