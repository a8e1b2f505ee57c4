package otelcors

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/corselet/corselet/core"
)

// cacheStatusOf infers how a request fared with the browser's preflight cache; see preflightCache. It must see every
// preflight and every request, whether or not this one's status is of interest, so that marks are left and taken.
func (o *Observer) cacheStatusOf(ctx context.Context, e *core.Event, d *core.Decision, out outcome) cacheStatus {
	switch {
	case d.Kind == core.KindPreflight:
		if out.reason == core.ReasonNone && o.cache != nil && isPage(e, d) {
			if key, ok := o.key(ctx, e, e.RequestedMethod()); ok {
				o.cache.mark(&key, o.clock())
			}
		}
		return cacheNone
	case !d.OriginAllowed || !e.NeedsPreflight():
		return cacheNone // a browser that got as far as this with a refused origin has not asked before
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

// isPage reports whether an allowed origin tells pages apart: all sandboxed pages of the world are null, and what is
// malformed no browser has sent. Only "*" allows anything malformed.
func isPage(e *core.Event, d *core.Decision) bool {
	if d.Pattern == "*" {
		return e.HasWellFormedOrigin()
	}
	return e.Origin() != "null"
}

// isMarking reports whether preflights have to leave marks although nobody listens to every request: once there is a
// span, because the next one's preflight may have none. Tracing middlewares can be told to leave out OPTIONS.
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

// withoutFalseHit returns the status that can be answered for: as long as a mark lives, the preflight may have come
// before the first span, and left none.
func (o *Observer) withoutFalseHit(status cacheStatus) cacheStatus {
	if status == cacheHit && o.clock()-time.Duration(o.marking.Load()) < markLife {
		return cacheUnknown
	}
	return status
}

// key returns what a preflight and its request have in common, or false if the client is not known.
func (o *Observer) key(ctx context.Context, e *core.Event, method string) (preflightKey, bool) {
	key := preflightKey{origin: e.Origin(), method: method, host: e.Host(), path: e.Path(), query: e.Query()}
	if o.clientKey != nil {
		key.client = o.clientKey(ctx, *e)
		return key, key.client != ""
	}
	key.addr = e.ClientAddr()
	return key, key.addr.IsValid()
}
