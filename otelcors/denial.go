package otelcors

import (
	"context"
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

// wanted reports whether an event of this severity would go anywhere.
func (o *Observer) wanted(ctx context.Context, severity log.Severity, event string) bool {
	return o.logger.Enabled(ctx, log.EnabledParameters{Severity: severity, EventName: event})
}

// denial is one request that was denied.
type denial struct {
	event  *core.Event
	out    outcome
	detail string // raw
	policy *policyAttributes
	span   trace.Span // of the request
}

// denied tells of a denial what the counter cannot, unless there have been too many.
func (o *Observer) denied(ctx context.Context, d *denial) {
	logging := o.wanted(ctx, log.SeverityWarn, denialEvent)
	recording := d.span.IsRecording()
	ownSpan := o.spans.awake() && d.event.Decision().Status != 0 && !d.span.SpanContext().IsValid()
	passes := (logging || ownSpan) && o.bucket.take(o.clock())
	if !passes && !recording {
		return
	}
	var buf [2]attribute.KeyValue
	fromRequest := o.appendFromRequest(buf[:0], d)
	if recording {
		d.span.SetAttributes(fromRequest...)
	}
	if !passes {
		return
	}
	if ownSpan {
		attrs := append(make([]attribute.KeyValue, 0, 12), d.policy.outcomes[d.out.index()].list...)
		var span trace.Span
		ctx, span = o.spans.start(ctx, d.event, append(attrs, fromRequest...))
		defer span.End()
	}
	if logging {
		o.emitDenial(ctx, d, fromRequest)
	}
}

// appendFromRequest adds what a stranger sent: the origin and what was refused about it.
func (o *Observer) appendFromRequest(attrs []attribute.KeyValue, d *denial) []attribute.KeyValue {
	if origin := o.origin(d.event.Origin()); origin != "" {
		attrs = append(attrs, originKey.StringSlice([]string{origin}))
	}
	if d.detail != "" {
		attrs = append(attrs, denialDetailKey.String(clean(d.detail, maxDetail)))
	}
	return attrs
}

// emitDenial emits the event, with at most five attributes: more would not fit into the record.
func (o *Observer) emitDenial(ctx context.Context, d *denial, fromRequest []attribute.KeyValue) {
	var r log.Record
	r.SetEventName(denialEvent)
	r.SetTimestamp(time.Now())
	r.SetSeverity(log.SeverityWarn)
	r.SetSeverityText("WARN")
	r.SetBody(attribute.StringValue("CORS request denied"))
	r.AddAttributes(requestTypeKey.String(d.out.kind.String()), denialReasonKey.String(d.out.reason.String()))
	r.AddAttributes(fromRequest...)
	if d.policy.name != "" {
		r.AddAttributes(policyNameKey.String(d.policy.name))
	}
	o.logger.Emit(ctx, r)
}
