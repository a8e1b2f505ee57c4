package otelcors

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/metric"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/corselet/corselet/core"
)

// Observer reports a policy's decisions, reloads and lookups to OpenTelemetry. Pass it to
// [core.New] with [core.WithObserver]. One Observer serves any number of policies, concurrently. A
// nil or zero Observer reports nothing.
type Observer struct {
	options
	requests metric.Int64Counter
	reloads  metric.Int64Counter
	lookups  metric.Float64Histogram
	logger   log.Logger
	spans    spans

	policies *policies
	bucket   bucket
	cache    *preflightCache      // nil with WithoutCacheTracking
	clock    func() time.Duration // since New

	// marking is the time of the first span, from which on every preflight leaves a mark; see
	// isMarking. 0: no span yet.
	marking atomic.Int64
}

var (
	_ core.EnabledObserver = (*Observer)(nil)
	_ core.ReloadObserver  = (*Observer)(nil)
	_ core.LookupObserver  = (*Observer)(nil)
)

// New returns an observer. It returns an error if a provider or function given by an option is nil,
// or if the meter provider fails to make an instrument.
func New(opts ...Option) (*Observer, error) {
	options, err := newOptions(opts)
	if err != nil {
		return nil, err
	}
	start := time.Now()
	o := &Observer{
		options:  options,
		spans:    newSpans(options.tracers, options.noSpans),
		policies: newPolicies(),
		clock:    func() time.Duration { return time.Since(start) },
		logger: options.loggers.Logger(ScopeName, log.WithInstrumentationVersion(Version),
			log.WithSchemaURL(semconv.SchemaURL)),
	}
	if !options.noTracking {
		o.cache = newPreflightCache()
	}
	if err := o.makeInstruments(); err != nil {
		return nil, err
	}
	return o, nil
}

func (o *Observer) makeInstruments() error {
	meter := o.meters.Meter(ScopeName, metric.WithInstrumentationVersion(Version),
		metric.WithSchemaURL(semconv.SchemaURL))
	var errs [3]error
	o.requests, errs[0] = meter.Int64Counter("cors.requests", metric.WithUnit("{request}"),
		metric.WithDescription(
			"Requests that the CORS check applies to, by what a browser makes of the answer."))
	o.reloads, errs[1] = meter.Int64Counter("cors.policy.reloads", metric.WithUnit("{reload}"),
		metric.WithDescription("Attempts to replace the policy."))
	o.lookups, errs[2] = meter.Float64Histogram("cors.origin.lookup.duration", metric.WithUnit("s"),
		metric.WithDescription("Duration of lookups of origins by the application."),
		metric.WithExplicitBucketBoundaries(.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5))
	return errors.Join(errs[:]...)
}

// isMade reports whether o is from New.
func (o *Observer) isMade() bool { return o != nil && o.policies != nil }

// Enabled reports whether this request may be reported by the counter, a span or an event, or may
// be the preflight of a request that is.
func (o *Observer) Enabled(ctx context.Context) bool {
	return o.isMade() && (o.marking.Load() != 0 || o.requests.Enabled(ctx) || o.spans.mayRecord() ||
		o.wanted(ctx, log.SeverityWarn, denialEvent) || isValid(trace.SpanFromContext(ctx)))
}

// Observe counts a request, adds attributes to its span, and reports denials.
func (o *Observer) Observe(ctx context.Context, e core.Event) {
	if o.isMade() {
		o.observe(ctx, &e, trace.SpanFromContext(ctx))
	}
}

func (o *Observer) observe(ctx context.Context, e *core.Event, span trace.Span) {
	d := e.Decision()
	out, detail, ok := judge(e, &d)
	if !ok {
		return
	}
	counting := o.requests.Enabled(ctx)
	if counting || o.spans.mayRecord() {
		out.cache = o.cacheStatusOf(ctx, e, &d, out)
	} else if o.isMarking(span) {
		out.cache = o.withoutFalseHit(o.cacheStatusOf(ctx, e, &d, out))
	}
	policy := o.policies.of(e.PolicyName())
	attrs := &policy.outcomes[out.index()]
	if counting {
		o.requests.Add(ctx, 1, attrs.add...)
	}
	if span.IsRecording() {
		span.SetAttributes(attrs.list...)
	}
	if out.reason != core.ReasonNone {
		o.denied(ctx, e, span, denial{out, detail, policy})
	}
}
