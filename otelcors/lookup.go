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

// Values of error.type. The set is closed: the types of errors that applications return are not.
const (
	timeoutError  = "timeout"
	canceledError = "canceled"
	otherError    = "_OTHER"
)

// lookupOptions are the attributes of the histogram by error.type; "" for none.
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
