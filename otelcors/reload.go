package otelcors

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/metric"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"

	"github.com/corselet/corselet/core"
)

// ObserveReload counts a reload of the policy and emits an event.
func (o *Observer) ObserveReload(ctx context.Context, r core.Reload) {
	if !o.isMade() {
		return
	}
	if o.reloads.Enabled(ctx) {
		if r.Err == nil {
			o.reloads.Add(ctx, 1)
		} else {
			o.reloads.Add(ctx, 1,
				metric.WithAttributes(semconv.ErrorTypeKey.String(reloadErrorType(r.Err))))
		}
	}
	severity, text, body := log.SeverityInfo, "INFO", "CORS policy replaced"
	if r.Err != nil {
		severity, text, body = log.SeverityError, "ERROR",
			"new CORS policy refused, the old one still applies"
	}
	if !o.wanted(ctx, severity, reloadEvent) {
		return
	}
	var record log.Record
	record.SetEventName(reloadEvent)
	record.SetTimestamp(time.Now())
	record.SetSeverity(severity)
	record.SetSeverityText(text)
	record.SetBody(attribute.StringValue(body))
	if r.PolicyName != "" {
		record.AddAttributes(policyNameKey.String(clean(r.PolicyName, maxName)))
	}
	if r.Err != nil {
		record.AddAttributes(semconv.ErrorTypeKey.String(reloadErrorType(r.Err)))
	}
	o.logger.Emit(ctx, record)
}

// reloadErrorType returns the reason of the first mistake in a configuration, from a closed set.
func reloadErrorType(err error) string {
	for e := range core.ConfigErrors(err) {
		return e.Reason.String()
	}
	return otherError
}
