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

// Observer tells OpenTelemetry of a policy's decisions, reloads and look-ups. Give it to [core.New] with
// [core.WithObserver]; one Observer serves any number of policies, concurrently. A nil or zero Observer tells nothing.
type Observer struct {
	options
	requests metric.Int64Counter
	reloads  metric.Int64Counter
	lookups  metric.Float64Histogram
	logger   log.Logger
	spans    spans

	policies *policies
	bucket   bucket
	cache    *preflightCache      // nil: not tracked
	clock    func() time.Duration // since some moment in the past

	// marking says when a span made it necessary to see every preflight, whether or not it has one itself; 0: not yet.
	marking atomic.Int64
}

var (
	_ core.EnabledObserver = (*Observer)(nil)
	_ core.ReloadObserver  = (*Observer)(nil)
	_ core.LookupObserver  = (*Observer)(nil)
)

// New returns an observer. It fails if a provider or function that an option gives is nil, or a provider does not make
// an instrument.
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
		metric.WithDescription("Requests that the CORS check applies to, by what a browser makes of the answer."))
	o.reloads, errs[1] = meter.Int64Counter("cors.policy.reloads", metric.WithUnit("{reload}"),
		metric.WithDescription("Attempts to replace the policy."))
	o.lookups, errs[2] = meter.Float64Histogram("cors.origin.lookup.duration", metric.WithUnit("s"),
		metric.WithDescription("Duration of look-ups of origins by the application."),
		metric.WithExplicitBucketBoundaries(.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5))
	return errors.Join(errs[:]...)
}

// isMade reports whether o comes from New.
func (o *Observer) isMade() bool { return o != nil && o.policies != nil }

// Enabled reports whether somebody listens to the counter, to spans or to events, or will want to know of a later
// request whether this one was its preflight.
func (o *Observer) Enabled(ctx context.Context) bool {
	return o.isMade() && (o.marking.Load() != 0 || o.requests.Enabled(ctx) || o.spans.awake() ||
		o.wanted(ctx, log.SeverityWarn, denialEvent) || isValid(trace.SpanFromContext(ctx)))
}

// Observe counts a request, adds attributes to its span, and tells of denials.
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
	if counting || o.spans.awake() {
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
