package otelcors

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/corselet/corselet/core"
)

// cacheStatusOf infers the request's status in the browser's preflight cache; see preflightCache.
// It must see every preflight and every request to leave and take marks, even if no one needs this
// one's status.
func (o *Observer) cacheStatusOf(
	ctx context.Context, e *core.Event, d *core.Decision, out outcome,
) cacheStatus {
	switch {
	case d.Kind == core.KindPreflight:
		if out.reason == core.ReasonNone && o.cache != nil && isPage(e, d) {
			if key, ok := o.key(ctx, e, e.RequestedMethod()); ok {
				o.cache.mark(&key, o.clock())
			}
		}
		return cacheNone
	case !d.OriginAllowed || !e.NeedsPreflight():
		return cacheNone // a browser sends this from a refused origin only without a preflight
	case o.cache == nil || e.SecFetchMode() != "cors" || !isPage(e, d):
		return cacheUnknown
	}
	key, ok := o.key(ctx, e, e.Method())
	switch {
	case !ok:
		return cacheUnknown
	case o.cache.take(&key, o.clock()):
		return cacheMiss
	}
	return cacheHit
}

// isPage reports whether an allowed origin identifies a page. The origin null is that of every
// sandboxed page, and no browser sends a malformed one, which only "*" allows.
func isPage(e *core.Event, d *core.Decision) bool {
	if d.Pattern == "*" {
		return e.HasWellFormedOrigin()
	}
	return e.Origin() != "null"
}

// isMarking reports whether preflights must leave marks although only requests with a span are
// reported: from the first span on, because tracing middleware may skip OPTIONS, so the preflight
// of a request with a span may have none.
func (o *Observer) isMarking(span trace.Span) bool {
	if o.marking.Load() != 0 {
		return true
	}
	if !isValid(span) {
		return false
	}
	o.marking.CompareAndSwap(0, max(1, int64(o.clock())))
	return true
}

// withoutFalseHit returns cacheUnknown instead of cacheHit for the lifetime of a mark after the
// first span: the preflight may have come before that span, and left no mark.
func (o *Observer) withoutFalseHit(status cacheStatus) cacheStatus {
	if status == cacheHit && o.clock()-time.Duration(o.marking.Load()) < markLife {
		return cacheUnknown
	}
	return status
}

// key returns what a preflight and its request have in common, or false if the client is unknown.
func (o *Observer) key(ctx context.Context, e *core.Event, method string) (preflightKey, bool) {
	key := preflightKey{origin: e.Origin(), method: method, host: e.Host(), path: e.Path(),
		query: e.Query()}
	if o.clientKey != nil {
		key.client = o.clientKey(ctx, *e)
		return key, key.client != ""
	}
	key.addr = e.ClientAddr()
	return key, key.addr.IsValid()
}
