package core

import (
	"context"
	"net/netip"
	"time"

	"github.com/corselet/corselet/core/internal/origin"
)

// An Observer is told of every request that carries Origin, once it is decided and before the
// handler runs. It is called while the request waits, and concurrently.
type Observer interface {
	Observe(ctx context.Context, e Event)
}

// An EnabledObserver is an [Observer] that is not called where its Enabled reports false. To ask
// takes less time than to make an [Event].
type EnabledObserver interface {
	Observer
	// Enabled reports whether Observe would do anything for a request with this context. It is
	// called for every request that carries Origin, concurrently.
	Enabled(ctx context.Context) bool
}

// A ReloadObserver is an [Observer] that is also told of every [CORS.Reconfigure], after the fact.
type ReloadObserver interface {
	Observer
	ObserveReload(ctx context.Context, r Reload)
}

// A LookupObserver is an [Observer] that is also told of every call of [Config.OriginFunc], after
// it returned.
type LookupObserver interface {
	Observer
	ObserveLookup(ctx context.Context, l Lookup)
}

// Reload is the outcome of one [CORS.Reconfigure].
type Reload struct {
	PolicyName string // see [WithName]
	Err        error  // why the new policy was refused, or nil; see [ConfigErrors]
}

// Lookup is the outcome of one call of [Config.OriginFunc].
type Lookup struct {
	PolicyName string // see [WithName]
	Request    OriginRequest
	Duration   time.Duration
	Allowed    bool
	Err        error // if not nil, the origin was denied
}

// Event is one decision. Its methods work out on demand what is not needed to answer the request,
// each thing once. None of them allocates, unless an adapter's [Source] does.
//
// An Event and its strings are valid during the call of Observe only: copy what is to stay, with
// [strings.Clone]. They may be hostile input: bound and clean what leaves the process.
// Decision.Pattern and PolicyName are the application's own.
type Event struct {
	policyName string
	policy     *Policy
	decision   Decision
	details
}

// PolicyName returns the name given by [WithName].
func (e *Event) PolicyName() string { return e.policyName }

// Decision returns how the request is answered.
func (e *Event) Decision() Decision { return e.decision }

// Verdict works out what a browser will make of it; see [Policy.Verdict].
func (e *Event) Verdict() Verdict { return e.policy.verdict(&e.details, &e.decision) }

// OriginReason says why the origin is not allowed; ReasonNone if it is. Unlike the verdict's, this
// reason is also there for requests that no browser applies the CORS check to, but Block refuses.
func (e *Event) OriginReason() Reason { return e.originReason(&e.decision) }

// Blocked reports whether the request was refused by [Config.Block].
func (e *Event) Blocked() bool { return e.decision.Kind == KindActual && !e.decision.NextHandler }

// NeedsPreflight reports whether the standard obliges a browser to send a preflight before this
// actual request, unless it has one cached. It is false for preflights, and where the verdict is
// not applicable. With the methods GET, HEAD and POST it is an estimate: see
// [Policy.NeedsPreflight].
func (e *Event) NeedsPreflight() bool { return e.policy.needsPreflight(&e.details) }

// Origin returns the only Origin line as it was sent, or "" if there are several.
func (e *Event) Origin() string { return e.request.Origin }

// HasWellFormedOrigin reports whether there is one Origin line, and it is a scheme, host and port
// as browsers write them, or "file://": neither null nor malformed. Under "*" nothing else checks
// this.
func (e *Event) HasWellFormedOrigin() bool {
	return e.isWellFormed()
}

// Method returns the request's method.
func (e *Event) Method() string { return e.request.Method }

// RequestedMethod returns the only line of Access-Control-Request-Method as it was sent, or "".
func (e *Event) RequestedMethod() string {
	lines := e.request.header(FieldRequestMethod)
	if lines.Len() != 1 {
		return ""
	}
	method, _ := lines.First()
	return method
}

// Host returns the request's Host field or :authority.
func (e *Event) Host() string {
	if e.request.Source == nil {
		return ""
	}
	return e.request.Source.Host()
}

// Path returns the path of the request's URL.
func (e *Event) Path() string {
	if e.request.Source == nil {
		return ""
	}
	return e.request.Source.Path()
}

// SecFetchMode returns the Sec-Fetch-Mode field; empty if absent.
func (e *Event) SecFetchMode() string {
	_, mode := e.secFetch()
	return mode
}

// Query returns the query of the request's URL, without "?".
func (e *Event) Query() string {
	if e.request.Source == nil {
		return ""
	}
	return e.request.Source.Query()
}

// Scheme returns "https" or "http", by the connection on which the request came, or "" if that is
// not known.
func (e *Event) Scheme() string {
	if e.request.Source == nil {
		return ""
	}
	return e.request.Source.Scheme()
}

// ClientAddr returns the address of the connection's other end: a proxy's, where there is one. It
// is the zero Addr if there is none.
func (e *Event) ClientAddr() netip.Addr {
	if e.request.Source == nil {
		return netip.Addr{}
	}
	return e.request.Source.ClientAddr()
}

// Header returns the first line of a request field, whose name is in canonical form, and whether
// there is one. Of Cookie it may tell only that; for Host there is a method of its own.
func (e *Event) Header(name string) (string, bool) { return e.request.header(name).First() }

// details are what verdicts and observers want to know of a request. Each is worked out when it is
// first asked for.
type details struct {
	request Request

	origin     origin.Origin
	parsed     bool // origin and wellFormed are known
	wellFormed bool

	site, mode string // Sec-Fetch-Site and Sec-Fetch-Mode
	fetched    bool   // site and mode are known
}

// parseOrigin returns the request's origin, and whether it is well-formed.
func (d *details) parseOrigin() (o origin.Origin, ok bool) {
	if !d.parsed {
		d.origin, d.wellFormed = origin.Parse(d.request.Origin)
		d.parsed = true
	}
	return d.origin, d.wellFormed
}

// isWellFormed reports whether the request's origin is one, and not null.
func (d *details) isWellFormed() bool {
	_, ok := d.parseOrigin()
	return ok || d.request.Origin == origin.File
}

// secFetch returns Sec-Fetch-Site and Sec-Fetch-Mode, each empty if it is absent.
func (d *details) secFetch() (site, mode string) {
	if !d.fetched {
		d.site, _ = d.request.header(FieldSecFetchSite).First()
		d.mode, _ = d.request.header(FieldSecFetchMode).First()
		d.fetched = true
	}
	return d.site, d.mode
}
