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

// Option changes what [New] makes. There are no others than those of this package.
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
	errs       []error // of options that cannot mean what they say
}

// newOptions applies opts to the defaults.
func newOptions(opts []Option) (options, error) {
	o := options{tracers: otel.GetTracerProvider(), meters: otel.GetMeterProvider(), loggers: otel.GetLoggerProvider()}
	for _, opt := range opts {
		if opt != nil {
			opt.apply(&o)
		}
	}
	const instead = "get the global one"
	o.want(o.tracers != nil, "TracerProvider", instead)
	o.want(o.meters != nil, "MeterProvider", instead)
	o.want(o.loggers != nil, "LoggerProvider", instead)
	return o, errors.Join(o.errs...)
}

// want notes an error if what was given to an option is nil.
func (o *options) want(given bool, what, instead string) {
	if !given {
		o.errs = append(o.errs, fmt.Errorf("otelcors: the %s is nil; leave the option out to %s", what, instead))
	}
}

// WithTracerProvider says where spans of the observer's own come from; see [WithoutSpans]. The default is the global
// provider, also one that is set later.
func WithTracerProvider(p trace.TracerProvider) Option {
	return optionFunc(func(o *options) { o.tracers = p })
}

// WithMeterProvider says where metrics go. The default is the global provider, also one that is set later.
func WithMeterProvider(p metric.MeterProvider) Option {
	return optionFunc(func(o *options) { o.meters = p })
}

// WithLoggerProvider says where events go. The default is the global provider, also one that is set later.
func WithLoggerProvider(p log.LoggerProvider) Option {
	return optionFunc(func(o *options) { o.loggers = p })
}

// WithoutSpans makes no spans. Without it a denied preflight or blocked request that no tracing middleware has seen
// gets a span of its own, because otherwise it would leave no trace at all. Spans of others get attributes all the
// same.
func WithoutSpans() Option { return optionFunc(func(o *options) { o.noSpans = true }) }

// WithoutOrigin keeps origins out of events and spans. They are never on metrics.
func WithoutOrigin() Option { return optionFunc(func(o *options) { o.noOrigin = true }) }

// WithOriginRedactor puts what redact returns in the place of origins, or leaves them out where it returns "". It is
// called only for origins that are about to leave the process, concurrently, with a copy that it may keep: printable,
// at most 256 bytes long, without user, path and query, but otherwise what a stranger sent.
func WithOriginRedactor(redact func(origin string) string) Option {
	return optionFunc(func(o *options) {
		o.want(redact != nil, "redactor of origins", "export them as they are, or write WithoutOrigin")
		o.redact = redact
	})
}

// WithClientKey says which client a request comes from, to tell apart clients behind a proxy when preflights are
// matched to the requests that they were made for. The default is the address of the connection's other end, which
// behind a proxy is the proxy's. An empty key means that the client is not known.
//
//	otelcors.WithClientKey(func(_ context.Context, e core.Event) string {
//		key, _ := e.Header("X-Real-Ip") // as our own proxy sets it
//		return key
//	})
//
// Take something that the preflight carries too, so no cookie or token. Nothing but a hash of the key is kept. It is
// called concurrently, for preflights that are allowed and requests that need one; the event and its strings are valid
// during the call only.
func WithClientKey(key func(ctx context.Context, e core.Event) string) Option {
	return optionFunc(func(o *options) {
		o.want(key != nil, "client key", "tell clients apart by their addresses")
		o.clientKey = key
	})
}

// WithoutCacheTracking matches no preflights to requests: cors.preflight.cache.status is then always unknown. The ratio
// of preflights to requests is still there to see.
func WithoutCacheTracking() Option { return optionFunc(func(o *options) { o.noTracking = true }) }
