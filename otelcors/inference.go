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
//
// A preflight has a status only if its request could have no other: unknown. So preflights without
// one and requests with a hit or a miss are of the same clients, and can be compared.
func (o *Observer) cacheStatusOf(
	ctx context.Context, e *core.Event, d *core.Decision, out outcome,
) cacheStatus {
	if d.Kind == core.KindPreflight {
		if out.reason != core.ReasonNone {
			return cacheNone // no request follows
		}
		key, ok := o.knownKey(ctx, e, d, e.RequestedMethod())
		if !ok {
			return cacheUnknown
		}
		o.cache.mark(&key, o.clock())
		return cacheNone
	}
	if !d.OriginAllowed || !e.NeedsPreflight() {
		return cacheNone // a browser sends this from a refused origin only without a preflight
	}
	key, ok := o.knownKey(ctx, e, d, e.Method())
	switch {
	case !ok:
		return cacheUnknown
	case o.cache.take(&key, o.clock()):
		return cacheMiss
	}
	return cacheHit
}

// knownKey returns what a preflight and its request have in common, or false if it is unknown who
// sent them, or nobody wants to know.
func (o *Observer) knownKey(
	ctx context.Context, e *core.Event, d *core.Decision, method string,
) (preflightKey, bool) {
	if o.cache == nil || !isBrowser(e, d.Kind) || !isPage(e, d) {
		return preflightKey{}, false
	}
	return o.key(ctx, e, method)
}

// isBrowser reports whether the client says that it is a browser. Browsers do so over https and to
// localhost. Chromium sends Sec-Fetch-Mode, but no Sec-Fetch-Site, with its other preflights too,
// and neither with their requests.
func isBrowser(e *core.Event, kind core.Kind) bool {
	if e.SecFetchMode() != "cors" {
		return false
	}
	if kind != core.KindPreflight {
		return true
	}
	_, ok := e.Header(core.FieldSecFetchSite)
	return ok
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
