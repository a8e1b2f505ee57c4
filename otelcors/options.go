package otelcors

import (
	"context"
	"errors"
	"fmt"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/corselet/corselet/core"
)

// Option configures an [Observer]. All options are in this package.
type Option interface{ apply(*options) }

type optionFunc func(*options)

func (f optionFunc) apply(o *options) { f(o) }

type options struct {
	tracers    trace.TracerProvider
	meters     metric.MeterProvider
	loggers    log.LoggerProvider
	noSpans    bool
	noOrigin   bool
	redact     func(string) string
	noTracking bool
	clientKey  func(context.Context, core.Event) string
	errs       []error // of options with a nil argument
}

// newOptions applies opts to the defaults.
func newOptions(opts []Option) (options, error) {
	o := options{tracers: otel.GetTracerProvider(), meters: otel.GetMeterProvider(),
		loggers: otel.GetLoggerProvider()}
	for _, opt := range opts {
		if opt != nil {
			opt.apply(&o)
		}
	}
	const instead = "use the global one"
	o.want(o.tracers != nil, "TracerProvider", instead)
	o.want(o.meters != nil, "MeterProvider", instead)
	o.want(o.loggers != nil, "LoggerProvider", instead)
	return o, errors.Join(o.errs...)
}

// want records an error if an option's argument is nil.
func (o *options) want(given bool, what, instead string) {
	if !given {
		o.errs = append(o.errs,
			fmt.Errorf("otelcors: the %s is nil; omit the option to %s", what, instead))
	}
}

// WithTracerProvider sets the provider of the observer's own spans; see [WithoutSpans]. The default
// is the global provider, even if it is set later.
func WithTracerProvider(p trace.TracerProvider) Option {
	return optionFunc(func(o *options) { o.tracers = p })
}

// WithMeterProvider sets the provider of metrics. The default is the global provider, even if it is
// set later.
func WithMeterProvider(p metric.MeterProvider) Option {
	return optionFunc(func(o *options) { o.meters = p })
}

// WithLoggerProvider sets the provider of events. The default is the global provider, even if it is
// set later.
func WithLoggerProvider(p log.LoggerProvider) Option {
	return optionFunc(func(o *options) { o.loggers = p })
}

// WithoutSpans turns off the observer's own spans. By default a denied preflight or blocked request
// that no tracing middleware saw gets a span of its own, because it would otherwise have none.
// Other spans get attributes in any case.
func WithoutSpans() Option { return optionFunc(func(o *options) { o.noSpans = true }) }

// WithoutOrigin omits origins from events and spans. They are never on metrics.
func WithoutOrigin() Option { return optionFunc(func(o *options) { o.noOrigin = true }) }

// WithOriginRedactor replaces origins with what redact returns, or omits them if it returns "". It
// calls redact, concurrently, only for origins that would leave the process, with a copy that
// redact may keep. The copy is printable, at most 256 bytes long, and without user, path and query;
// otherwise it is what the client sent.
func WithOriginRedactor(redact func(origin string) string) Option {
	return optionFunc(func(o *options) {
		o.want(redact != nil, "redactor of origins",
			"export them unchanged, or write WithoutOrigin")
		o.redact = redact
	})
}

// WithClientKey sets a function that identifies the client of a request, for matching preflights to
// their requests. The default is the address of the connection's other end, which is the proxy's
// behind a proxy. An empty key means that the client is unknown.
//
//	otelcors.WithClientKey(func(_ context.Context, e core.Event) string {
//		key, _ := e.Header("X-Real-Ip") // as our own proxy sets it
//		return key
//	})
//
// Use something that preflights carry too, so not a cookie or a token. The observer keeps only a
// hash of the key. It calls the function concurrently, for browsers' allowed preflights and for
// their requests that need one. The event and its strings are valid only during the call.
func WithClientKey(key func(ctx context.Context, e core.Event) string) Option {
	return optionFunc(func(o *options) {
		o.want(key != nil, "client key", "tell clients apart by their addresses")
		o.clientKey = key
	})
}

// WithoutCacheTracking turns off estimates of what browsers' preflight caches save:
// cors.preflight.cache.status is then unknown wherever there is one, and there is no ratio.
func WithoutCacheTracking() Option { return optionFunc(func(o *options) { o.noTracking = true }) }
