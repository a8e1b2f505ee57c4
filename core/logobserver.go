package core

import (
	"context"
	"log/slog"
	"strconv"
	"sync"
	"time"
)

// LogObserver returns an observer that logs each denial and each failure of OriginFunc at level
// WARN, and each reload of the policy at INFO, or ERROR if it failed. A nil logger means
// [slog.Default].
//
// Whatever comes from the request is cut to 256 bytes and escaped, so that no control character
// reaches a terminal. At most 10 denials and failures a second are logged, 50 in a burst; the next
// record that is logged says in "suppressed" how many were not.
func LogObserver(logger *slog.Logger) Observer {
	if logger == nil {
		logger = slog.Default()
	}
	return &logObserver{logger: logger, bucket: tokenBucket{tokens: logBurst, now: time.Now}}
}

type logObserver struct {
	logger *slog.Logger
	bucket tokenBucket
}

const (
	logRate  = 10 // records a second
	logBurst = 50
	logLimit = 256 // bytes of a value before quoting
)

// Observe logs a denial.
func (o *logObserver) Observe(ctx context.Context, e Event) {
	if !o.logger.Enabled(ctx, slog.LevelWarn) {
		return
	}
	v := e.Verdict()
	if v.Outcome != OutcomeDenied && !e.Blocked() {
		return
	}
	suppressed, ok := o.bucket.take()
	if !ok {
		return
	}
	reason := v.Reason
	if reason == ReasonNone {
		reason = e.OriginReason() // blocked, though no browser would apply the CORS check
	}
	attrs := make([]slog.Attr, 0, 10)
	attrs = append(attrs,
		slog.String("type", e.decision.Kind.String()),
		slog.String("reason", reason.String()),
		slog.String("origin", quote(e.Origin())),
		slog.String("method", quote(e.Method())),
		slog.String("host", quote(e.Host())),
		slog.String("path", quote(e.Path())))
	if v.Detail != "" {
		attrs = append(attrs, slog.String("detail", quote(v.Detail)))
	}
	if e.Blocked() {
		attrs = append(attrs, slog.Bool("blocked", true))
	}
	attrs = append(attrs, optional(e.PolicyName(), suppressed)...)
	o.logger.LogAttrs(ctx, slog.LevelWarn, "cors: request denied", attrs...)
}

// optional returns the attributes that are there only if they say something.
func optional(policyName string, suppressed uint64) (attrs []slog.Attr) {
	if policyName != "" {
		attrs = append(attrs, slog.String("policy", policyName))
	}
	if suppressed > 0 {
		attrs = append(attrs, slog.Uint64("suppressed", suppressed))
	}
	return attrs
}

// ObserveLookup logs why OriginFunc failed.
func (o *logObserver) ObserveLookup(ctx context.Context, l Lookup) {
	if l.Err == nil || !o.logger.Enabled(ctx, slog.LevelWarn) {
		return
	}
	suppressed, ok := o.bucket.take()
	if !ok {
		return
	}
	attrs := []slog.Attr{
		slog.String("origin", quote(l.Request.Origin)),
		slog.String("error", quote(l.Err.Error())),
	}
	o.logger.LogAttrs(ctx, slog.LevelWarn, "cors: origin lookup failed",
		append(attrs, optional(l.PolicyName, suppressed)...)...)
}

// ObserveReload logs that the policy was replaced, or why it was not.
func (o *logObserver) ObserveReload(ctx context.Context, r Reload) {
	if r.Err != nil {
		o.logger.LogAttrs(ctx, slog.LevelError,
			"cors: new policy refused, the old one still applies",
			slog.String("policy", r.PolicyName), slog.Any("error", r.Err))
		return
	}
	o.logger.LogAttrs(ctx, slog.LevelInfo, "cors: policy replaced",
		slog.String("policy", r.PolicyName))
}

// quote makes a string from the network safe to print: bounded, printable ASCII, with escapes as in
// Go. The quotation marks themselves are left to the handler, which knows whether it needs any.
func quote(s string) string {
	quoted := strconv.QuoteToASCII(s[:min(len(s), logLimit)])
	return quoted[1 : len(quoted)-1]
}

// A tokenBucket lets logRate events a second pass, and counts those that it stops.
type tokenBucket struct {
	now func() time.Time

	mu      sync.Mutex
	tokens  float64
	last    time.Time
	stopped uint64
}

// take reports whether an event may pass, and if so how many were stopped since the last that did.
func (b *tokenBucket) take() (stopped uint64, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	if !b.last.IsZero() {
		b.tokens = min(logBurst, b.tokens+now.Sub(b.last).Seconds()*logRate)
	}
	b.last = now
	if b.tokens < 1 {
		b.stopped++
		return 0, false
	}
	b.tokens--
	stopped, b.stopped = b.stopped, 0
	return stopped, true
}
