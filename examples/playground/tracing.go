package main

import (
	"net/http"

	"github.com/gofiber/fiber/v2"
	fiberv3 "github.com/gofiber/fiber/v3"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// tracer makes the spans of requests. Nobody exports them: a decision is told as soon as it is made, and what is on the
// span then is read from the span.
var tracer = sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.AlwaysSample())).Tracer("playground")

const requestSpan = "request"

// traced puts a handler inside of a span, as otelhttp, otelgin and otelecho do.
func traced(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, span := tracer.Start(r.Context(), requestSpan, trace.WithSpanKind(trace.SpanKindServer))
		defer span.End()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// traceFiber is the same as a middleware of fiber, as otelfiber is one.
func traceFiber(c *fiber.Ctx) error {
	ctx, span := tracer.Start(c.UserContext(), requestSpan, trace.WithSpanKind(trace.SpanKindServer))
	defer span.End()
	c.SetUserContext(ctx)
	return c.Next()
}

// traceFiberV3 is the same as a middleware of fiber v3.
func traceFiberV3(c fiberv3.Ctx) error {
	ctx, span := tracer.Start(c.Context(), requestSpan, trace.WithSpanKind(trace.SpanKindServer))
	defer span.End()
	c.SetContext(ctx)
	return c.Next()
}
