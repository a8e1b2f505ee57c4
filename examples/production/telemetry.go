package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/contrib/bridges/otelslog"
	"go.opentelemetry.io/contrib/exporters/autoexport"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
)

const serviceName = "corselet-production" // OTEL_SERVICE_NAME overrides it

var propagator = propagation.NewCompositeTextMapPropagator(
	propagation.TraceContext{}, propagation.Baggage{})

// telemetry is the OpenTelemetry SDK, behind the global providers.
type telemetry struct {
	traces   *trace.TracerProvider
	metrics  *metric.MeterProvider
	logs     *log.LoggerProvider
	terminal *terminal // nil if the environment names exporters
}

// newTelemetry exports to where the OTEL_* variables say or, if they name no exporter, to the
// terminal.
func newTelemetry(ctx context.Context, stdout io.Writer) (*telemetry, error) {
	res, err := resource.New(ctx, resource.WithTelemetrySDK(), resource.WithHost(),
		resource.WithContainer(),
		resource.WithService(), // service.instance.id, by which replicas' metrics differ
		resource.WithAttributes(semconv.ServiceName(serviceName)),
		resource.WithFromEnv()) // the last one wins
	if err != nil {
		otel.Handle(err) // res has what could be detected; that is enough to serve
	}
	return newTelemetryFor(ctx, res, stdout)
}

func newTelemetryFor(
	ctx context.Context, res *resource.Resource, stdout io.Writer,
) (t *telemetry, err error) {
	t = new(telemetry)
	var spans trace.TracerProviderOption
	var reader metric.Reader
	var records log.Processor
	if namesExporter(os.Environ()) {
		spans, reader, records, err = exporters(ctx)
	} else {
		t.terminal = &terminal{out: stdout}
		spans, reader, records = t.terminal.exporters()
	}
	if err != nil {
		return nil, err
	}
	t.traces = trace.NewTracerProvider(trace.WithResource(res), spans)
	t.metrics = metric.NewMeterProvider(metric.WithResource(res), metric.WithReader(reader))
	t.logs = log.NewLoggerProvider(log.WithResource(res), log.WithProcessor(records))
	t.install()
	return t, nil
}

// namesExporter reports whether the environment says where to send telemetry, as
// OTEL_EXPORTER_OTLP_ENDPOINT and OTEL_TRACES_EXPORTER do.
func namesExporter(environ []string) bool {
	return slices.ContainsFunc(environ, func(variable string) bool {
		name, value, _ := strings.Cut(variable, "=")
		return strings.HasPrefix(name, "OTEL_") && strings.Contains(name, "EXPORTER") && value != ""
	})
}

// exporters returns the exporters that the environment names.
func exporters(
	ctx context.Context,
) (trace.TracerProviderOption, metric.Reader, log.Processor, error) {
	spans, err := autoexport.NewSpanExporter(ctx)
	if err != nil {
		return nil, nil, nil, err
	}
	reader, err := autoexport.NewMetricReader(ctx)
	if err != nil {
		return nil, nil, nil, err
	}
	records, err := autoexport.NewLogExporter(ctx)
	if err != nil {
		return nil, nil, nil, err
	}
	return trace.WithBatcher(spans), reader, log.NewBatchProcessor(records), nil
}

// install makes the SDK the global one. The program's own logs go to OpenTelemetry, and to standard
// error in case the collector is down. Errors of the SDK go to standard error only: a log record
// about a failed export could not be exported either.
func (t *telemetry) install() {
	otel.SetTracerProvider(t.traces)
	otel.SetMeterProvider(t.metrics)
	otel.SetLoggerProvider(t.logs)
	otel.SetTextMapPropagator(propagator)
	stderr := slog.NewJSONHandler(os.Stderr, nil)
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) {
		slog.New(stderr).Error("OpenTelemetry failed", "error", err)
	}))
	bridge := otelslog.NewHandler(serviceName, otelslog.WithLoggerProvider(t.logs))
	if t.terminal != nil {
		slog.SetDefault(slog.New(bridge))
		return
	}
	slog.SetDefault(slog.New(slog.NewMultiHandler(stderr, bridge)))
}

// flush exports everything that is waiting.
func (t *telemetry) flush(ctx context.Context) error {
	return errors.Join(t.traces.ForceFlush(ctx), t.metrics.ForceFlush(ctx), t.logs.ForceFlush(ctx))
}

const flushTimeout = 5 * time.Second // for the collector, when the program ends

// shutdown exports everything that is waiting, and ends the SDK. If the collector is down, the
// program does not fail.
func (t *telemetry) shutdown() {
	ctx, cancel := context.WithTimeout(context.Background(), flushTimeout)
	defer cancel()
	err := errors.Join(t.traces.Shutdown(ctx), t.metrics.Shutdown(ctx), t.logs.Shutdown(ctx))
	if err != nil {
		slog.Error("telemetry was lost", "error", err)
	}
}
