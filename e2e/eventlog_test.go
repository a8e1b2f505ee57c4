package e2e

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/otelcors"
)

// eventLog is an observer that keeps the server's decision on every request with an Origin, and otelcors' telemetry.
type eventLog struct {
	telemetry *otelcors.Observer
	tracer    trace.Tracer

	mu      sync.Mutex
	entries []logEntry
}

func newEventLog() (*eventLog, error) {
	telemetry, err := otelcors.New()
	if err != nil {
		return nil, err
	}
	return &eventLog{telemetry: telemetry, tracer: sdktrace.NewTracerProvider().Tracer("e2e")}, nil
}

// logEntry is what eventLog keeps of an event.
type logEntry struct {
	kind         core.Kind
	method, path string
	origin       string
	asked        string // method, and header names, that a preflight asks for
	verdict      string // outcome, reason and detail
	pattern      string
	cookie       bool
	site, mode   string // Sec-Fetch fields
	cache        string // cors.preflight.cache.status
	event        corstest.Event
}

// Observe implements [core.Observer].
func (l *eventLog) Observe(ctx context.Context, e core.Event) {
	names, _ := e.Header(core.FieldRequestHeaders)
	site, _ := e.Header(core.FieldSecFetchSite)
	_, cookie := e.Header("Cookie")
	d, v := e.Decision(), e.Verdict()
	entry := logEntry{
		kind: d.Kind, method: e.Method(), path: e.Path(), origin: e.Origin(), pattern: d.Pattern, cookie: cookie,
		asked:   strings.TrimSpace(e.RequestedMethod() + " " + names),
		verdict: strings.TrimSpace(fmt.Sprintf("%v %v %s", v.Outcome, v.Reason, v.Detail)),
		site:    site, mode: e.SecFetchMode(), cache: l.cacheStatus(ctx, e),
		event: corstest.Event{
			Kind: d.Kind.String(), Pattern: d.Pattern, Outcome: v.Outcome.String(), Reason: v.Reason.String(),
			Detail: strings.Clone(v.Detail), NeedsPreflight: e.NeedsPreflight(), Blocked: e.Blocked(),
		},
	}
	for _, s := range []*string{
		&entry.method, &entry.path, &entry.origin, &entry.asked, &entry.verdict, &entry.site, &entry.mode,
	} {
		*s = strings.Clone(*s)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries = append(l.entries, entry)
}

// cacheStatus has otelcors annotate a span, and returns the status of the browser's preflight cache.
func (l *eventLog) cacheStatus(ctx context.Context, e core.Event) string {
	ctx, span := l.tracer.Start(ctx, "request")
	defer span.End()
	l.telemetry.Observe(ctx, e)
	for _, attribute := range span.(sdktrace.ReadOnlySpan).Attributes() {
		if attribute.Key == "cors.preflight.cache.status" {
			return attribute.Value.AsString()
		}
	}
	return ""
}

// String returns the request, its origin and the verdict.
func (e logEntry) String() string {
	s := e.method + " " + e.path
	if e.kind == core.KindPreflight {
		s += " for " + e.asked
	}
	if e.cookie {
		s += " with cookie"
	}
	return s + ": " + e.verdict
}

// take returns the log since the last call.
func (l *eventLog) take() []logEntry {
	l.mu.Lock()
	defer l.mu.Unlock()
	taken := l.entries
	l.entries = nil
	return taken
}

// use replaces the policy, and clears the log.
func (a *api) use(t *testing.T, config core.Config) {
	t.Helper()
	if err := a.cors.Reconfigure(config); err != nil {
		t.Fatal(err)
	}
	a.log.take()
}
