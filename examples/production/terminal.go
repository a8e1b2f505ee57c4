package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/trace"
	oteltrace "go.opentelemetry.io/otel/trace"

	"github.com/corselet/corselet/otelcors"
)

// terminal writes the CORS part of each signal. OpenTelemetry's own exporters to standard output
// write everything, about two kilobytes for a span: set OTEL_TRACES_EXPORTER, OTEL_METRICS_EXPORTER
// and OTEL_LOGS_EXPORTER to "console" for that.
type terminal struct {
	mu  sync.Mutex
	out io.Writer
}

func (t *terminal) exporters() (trace.TracerProviderOption, metric.Reader, log.Processor) {
	reader := metric.NewPeriodicReader(terminalMetrics{t}, metric.WithInterval(2*time.Second))
	return trace.WithSyncer(terminalSpans{t}), reader, log.NewSimpleProcessor(terminalLogs{t})
}

// write writes a title, and below it attributes, as many as fit in a line.
func (t *terminal) write(signal, title string, attrs []attribute.KeyValue) {
	const indent, width = "        ", 110
	var b strings.Builder
	fmt.Fprintf(&b, "%-8s%s", signal, title)
	column := width
	for _, kv := range attrs {
		text := string(kv.Key) + "=" + kv.Value.String()
		if column += 2 + len(text); column > width {
			b.WriteString("\n" + indent + text)
			column = len(indent) + len(text)
			continue
		}
		b.WriteString("  " + text)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	fmt.Fprintln(t.out, b.String())
}

// say writes a line about the demonstration.
func (t *terminal) say(line string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	fmt.Fprintf(t.out, "\n# %s\n", line)
}

// ofTrace returns the beginning of a trace's id as text.
func ofTrace(id oteltrace.TraceID) string {
	if !id.IsValid() {
		return ""
	}
	return fmt.Sprintf("  trace %.8s", id)
}

// isShown reports whether an attribute is one of otelcors or explains one. otelgin sets many
// others.
func isShown(key string) bool {
	return strings.HasPrefix(key, "cors.") || strings.HasPrefix(key, "http.request.header.") ||
		key == "http.response.status_code"
}

type terminalSpans struct{ *terminal }

func (t terminalSpans) ExportSpans(_ context.Context, spans []trace.ReadOnlySpan) error {
	for _, span := range spans {
		var attrs []attribute.KeyValue
		for _, kv := range span.Attributes() {
			if isShown(string(kv.Key)) {
				attrs = append(attrs, kv)
			}
		}
		t.write("span", span.Name()+ofTrace(span.SpanContext().TraceID()), attrs)
	}
	return nil
}

func (terminalSpans) Shutdown(context.Context) error { return nil }

type terminalLogs struct{ *terminal }

func (t terminalLogs) Export(_ context.Context, records []log.Record) error {
	for _, r := range records {
		var attrs []attribute.KeyValue
		r.WalkAttributes(func(kv attribute.KeyValue) bool {
			attrs = append(attrs, kv)
			return true
		})
		title := strings.TrimLeft(r.EventName()+" ", " ") + r.SeverityText() + ": " +
			r.Body().String()
		t.write("log", title+ofTrace(r.TraceID()), attrs)
	}
	return nil
}

func (terminalLogs) ForceFlush(context.Context) error { return nil }
func (terminalLogs) Shutdown(context.Context) error   { return nil }

type terminalMetrics struct{ *terminal }

// Temporality makes each export contain only what is new since the last one.
func (terminalMetrics) Temporality(metric.InstrumentKind) metricdata.Temporality {
	return metricdata.DeltaTemporality
}

func (terminalMetrics) Aggregation(kind metric.InstrumentKind) metric.Aggregation {
	return metric.DefaultAggregationSelector(kind)
}

func (t terminalMetrics) Export(_ context.Context, all *metricdata.ResourceMetrics) error {
	for _, scope := range all.ScopeMetrics {
		if scope.Scope.Name != otelcors.ScopeName {
			continue
		}
		for _, m := range scope.Metrics {
			sum, ok := m.Data.(metricdata.Sum[int64])
			if !ok {
				continue
			}
			for _, point := range sum.DataPoints {
				t.write("metric", fmt.Sprintf("%s +%d %s", m.Name, point.Value, m.Unit),
					point.Attributes.ToSlice())
			}
		}
	}
	return nil
}

func (terminalMetrics) ForceFlush(context.Context) error { return nil }
func (terminalMetrics) Shutdown(context.Context) error   { return nil }
