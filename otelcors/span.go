package otelcors

import (
	"context"
	"reflect"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/corselet/corselet/core"
)

// spans makes the observer's own spans.
type spans struct {
	tracer trace.Tracer // nil: none

	// placeholder is the global provider if no SDK was set when the observer was made, or nil.
	placeholder trace.TracerProvider
}

func newSpans(provider trace.TracerProvider, off bool) spans {
	if off {
		return spans{}
	}
	s := spans{tracer: provider.Tracer(ScopeName, trace.WithInstrumentationVersion(Version),
		trace.WithSchemaURL(semconv.SchemaURL))}
	if isPlaceholder(provider) {
		s.placeholder = provider
	}
	return s
}

// isPlaceholder reports whether a provider is the API's own, which delegates to the SDK once there
// is one. Only its type shows that. If the type changes, the observer only does needless work.
func isPlaceholder(provider trace.TracerProvider) bool {
	t := reflect.TypeOf(provider)
	return t.Kind() == reflect.Pointer &&
		t.Elem().PkgPath() == "go.opentelemetry.io/otel/internal/global"
}

// mayRecord reports whether a span may be recorded. Unlike instruments and loggers, a tracer has no
// Enabled method, so the answer is no only if the provider is a placeholder, and no other has been
// set since.
func (s *spans) mayRecord() bool {
	return s.tracer != nil && (s.placeholder == nil || otel.GetTracerProvider() != s.placeholder)
}

// isValid reports whether there is a span, sampled or not.
func isValid(span trace.Span) bool { return span.SpanContext().IsValid() }

// start starts a span for a denied request that ends here and that no tracing middleware saw.
func (s *spans) start(
	ctx context.Context, e *core.Event, attrs []attribute.KeyValue,
) (context.Context, trace.Span) {
	name := "CORS request"
	d := e.Decision()
	if d.Kind == core.KindPreflight {
		name = "CORS preflight"
	}
	attrs = append(attrs, methodAttribute(e.Method()), semconv.URLPath(clean(e.Path(), maxPath)),
		semconv.HTTPResponseStatusCode(d.Status))
	if scheme := e.Scheme(); scheme != "" {
		attrs = append(attrs, semconv.URLScheme(clean(scheme, maxDetail)))
	}
	return s.tracer.Start(ctx, name, trace.WithSpanKind(trace.SpanKindServer),
		trace.WithAttributes(attrs...))
}

// methods has the values of http.request.method. Any other method is _OTHER.
var methods = func() map[string]attribute.KeyValue {
	known := map[string]attribute.KeyValue{}
	for _, kv := range []attribute.KeyValue{
		semconv.HTTPRequestMethodConnect, semconv.HTTPRequestMethodDelete,
		semconv.HTTPRequestMethodGet, semconv.HTTPRequestMethodHead,
		semconv.HTTPRequestMethodOptions, semconv.HTTPRequestMethodPatch,
		semconv.HTTPRequestMethodPost, semconv.HTTPRequestMethodPut, semconv.HTTPRequestMethodQuery,
		semconv.HTTPRequestMethodTrace,
	} {
		known[kv.Value.AsString()] = kv
	}
	return known
}()

func methodAttribute(method string) attribute.KeyValue {
	if kv, ok := methods[method]; ok {
		return kv
	}
	return semconv.HTTPRequestMethodOther
}
