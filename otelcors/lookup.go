package otelcors

import (
	"context"
	"errors"
	"os"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"

	"github.com/corselet/corselet/core"
)

// The values of error.type. The set is closed; errors that applications return are of any type.
const (
	timeoutError  = "timeout"
	canceledError = "canceled"
	otherError    = "_OTHER"
)

// lookupOptions has the attributes of the histogram by error.type; "" is for no error.
var lookupOptions = func() map[string][]metric.RecordOption {
	options := map[string][]metric.RecordOption{"": nil}
	for _, errorType := range []string{timeoutError, canceledError, otherError} {
		set := attribute.NewSet(semconv.ErrorTypeKey.String(errorType))
		options[errorType] = []metric.RecordOption{metric.WithAttributeSet(set)}
	}
	return options
}()

// ObserveLookup records how long OriginFunc took.
func (o *Observer) ObserveLookup(ctx context.Context, l core.Lookup) {
	if o.isMade() && o.lookups.Enabled(ctx) {
		o.lookups.Record(ctx, l.Duration.Seconds(), lookupOptions[lookupErrorType(l.Err)]...)
	}
}

func lookupErrorType(err error) string {
	var timeout interface{ Timeout() bool }
	switch {
	case err == nil:
		return ""
	case errors.Is(err, context.Canceled):
		return canceledError
	case errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return timeoutError // context.DeadlineExceeded among them
	}
	return otherError
}
