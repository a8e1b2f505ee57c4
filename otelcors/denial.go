package otelcors

import (
	"context"
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/trace"

	"github.com/corselet/corselet/core"
)

const (
	denialEvent = "cors.denial"
	reloadEvent = "cors.policy.reload"
)

// wanted reports whether a logger takes this event at this severity.
func (o *Observer) wanted(ctx context.Context, severity log.Severity, event string) bool {
	return o.logger.Enabled(ctx, log.EnabledParameters{Severity: severity, EventName: event})
}

// denial is why a request was denied.
type denial struct {
	out    outcome
	detail string // raw
	policy *policyAttributes
}

// denied reports the details of a denial on spans and in an event, up to the bucket's limit.
//
// The event and the span are not fields of denial: the compiler assumes that fields next to an
// interface whose methods are called escape, and would move each event to the heap.
func (o *Observer) denied(ctx context.Context, e *core.Event, span trace.Span, d denial) {
	logging := o.wanted(ctx, log.SeverityWarn, denialEvent)
	recording := span.IsRecording()
	ownSpan := e.Decision().Status != 0 && o.spans.mayRecord() && !span.SpanContext().IsValid()
	passes := (logging || ownSpan) && o.bucket.take(o.clock())
	if !passes && !recording {
		return
	}
	fromRequest := o.fromRequest(e, d.detail)
	if recording {
		span.SetAttributes(fromRequest...)
	}
	if !passes {
		return
	}
	if ownSpan {
		var own trace.Span
		ctx, own = o.spans.start(ctx, e,
			slices.Concat(d.policy.outcomes[d.out.index()].list, fromRequest))
		defer own.End()
	}
	if logging {
		o.emitDenial(ctx, d, fromRequest)
	}
}

// fromRequest returns the attributes with text from the request: the origin, and the refused method
// or header.
func (o *Observer) fromRequest(e *core.Event, detail string) []attribute.KeyValue {
	attrs := make([]attribute.KeyValue, 0, 2)
	if origin := o.origin(e.Origin()); origin != "" {
		attrs = append(attrs, originKey.StringSlice([]string{origin}))
	}
	if detail != "" {
		attrs = append(attrs, denialDetailKey.String(clean(detail, maxDetail)))
	}
	return attrs
}

// emitDenial emits the event, with at most five attributes: a record has room for no more without
// an allocation.
func (o *Observer) emitDenial(ctx context.Context, d denial, fromRequest []attribute.KeyValue) {
	var r log.Record
	r.SetEventName(denialEvent)
	r.SetTimestamp(time.Now())
	r.SetSeverity(log.SeverityWarn)
	r.SetSeverityText("WARN")
	r.SetBody(attribute.StringValue("CORS request denied"))
	r.AddAttributes(requestTypeKey.String(d.out.kind.String()),
		denialReasonKey.String(d.out.reason.String()))
	r.AddAttributes(fromRequest...)
	if d.policy.name != "" {
		r.AddAttributes(policyNameKey.String(d.policy.name))
	}
	o.logger.Emit(ctx, r)
}
