package tracingtest

import (
	"testing"
	"time"

	"github.com/gofiber/fiber/v3"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// traceFiberV3 replaces the tracing middleware of fiber v3, which could not be downloaded. It does what any such
// middleware must: continue the caller's trace, put a span into the context that Ctx.Context returns, and measure the
// request.
func traceFiberV3(t testing.TB, a *application) fiber.Handler {
	if a.tracers == nil {
		return nil // as no tracing is asked for
	}
	tracer := a.tracers.Tracer("tracingtest")
	duration, err := a.meters.Meter("tracingtest").Float64Histogram("http.server.request.duration", metric.WithUnit("s"))
	if err != nil {
		t.Fatal(err)
	}
	return func(c fiber.Ctx) error {
		start, method := time.Now(), attribute.String("http.request.method", string(c.Request().Header.Method()))
		sent := propagation.MapCarrier{"traceparent": string(c.Request().Header.Peek("Traceparent"))}
		ctx, span := tracer.Start(propagator.Extract(c.Context(), sent), method.Value.AsString(),
			trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(method))
		defer span.End()
		c.SetContext(ctx)
		err := c.Next()
		duration.Record(ctx, time.Since(start).Seconds(), metric.WithAttributes(method))
		return err
	}
}
