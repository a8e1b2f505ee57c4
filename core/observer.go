package core

import (
	"context"
	"net/netip"
	"time"
)

// An Observer is told of every request that carries Origin, once it is decided and before the handler runs. It is
// called while the request waits, and concurrently.
type Observer interface {
	Observe(ctx context.Context, e Event)
}

// An EnabledObserver is an [Observer] that is not called where its Enabled reports false. An [Event] is large, and
// making one for nobody takes longer than to ask.
type EnabledObserver interface {
	Observer
	// Enabled reports whether Observe would do anything for a request with this context. It is called for every
	// request that carries Origin, concurrently.
	Enabled(ctx context.Context) bool
}

// A ReloadObserver is an [Observer] that is also told of every [CORS.Reconfigure], after the fact.
type ReloadObserver interface {
	Observer
	ObserveReload(ctx context.Context, r Reload)
}

// A LookupObserver is an [Observer] that is also told of every call of [Config.OriginFunc], after it returned.
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

// Event is one decision. Its methods work out on demand what is not needed to answer the request; none of them
// allocates.
//
// An Event and its strings are valid during the call of Observe only: copy what is to stay, with [strings.Clone]. They
// may be what a stranger sent: bound and clean what leaves the process. Decision.Pattern and PolicyName are the
// application's own.
type Event struct {
	policyName string
	policy     *Policy
	request    Request
	decision   Decision
}

// PolicyName returns the name given by [WithName].
func (e *Event) PolicyName() string { return e.policyName }

// Decision returns how the request is answered.
func (e *Event) Decision() Decision { return e.decision }

// Verdict works out what a browser will make of it; see [Policy.Verdict].
func (e *Event) Verdict() Verdict {
	// Whoever asks for the verdict goes on asking, and all answers depend on these. The request is the event's copy.
	e.request.SecFetchMode = e.request.secFetchMode()
	e.request.SecFetchSite = e.request.secFetchSite()
	return e.policy.Verdict(&e.request, &e.decision)
}

// Blocked reports whether the request was refused by [Config.Block].
func (e *Event) Blocked() bool { return e.decision.Kind == KindActual && !e.decision.NextHandler }

// NeedsPreflight reports whether the standard obliges a browser to send a preflight before this actual request, unless
// it has one cached. It is false for preflights, and where the verdict is not applicable. With the methods GET, HEAD
// and POST it is an estimate: see [Policy.NeedsPreflight].
func (e *Event) NeedsPreflight() bool { return e.policy.NeedsPreflight(&e.request) }

// Origin returns the only Origin line as it was sent, or "" if there are several.
func (e *Event) Origin() string {
	if len(e.request.Origins) != 1 {
		return ""
	}
	return e.request.Origins[0]
}

// HasTupleOrigin reports whether there is one Origin line, and it is a scheme, host and port as browsers write them:
// neither null nor malformed. Under "*" nothing else looks.
func (e *Event) HasTupleOrigin() bool {
	_, ok := parseOrigin(e.Origin())
	return ok
}

// Method returns the request's method.
func (e *Event) Method() string { return e.request.Method }

// RequestedMethod returns the only line of Access-Control-Request-Method as it was sent, or "".
func (e *Event) RequestedMethod() string {
	if len(e.request.RequestMethods) != 1 {
		return ""
	}
	return e.request.RequestMethods[0]
}

// Host returns the request's Host field or :authority.
func (e *Event) Host() string { return e.request.Host }

// Path returns the path of the request's URL.
func (e *Event) Path() string { return e.request.Path }

// SecFetchMode returns the Sec-Fetch-Mode field; empty if absent.
func (e *Event) SecFetchMode() string { return e.request.secFetchMode() }

// Query returns the query of the request's URL, without "?".
func (e *Event) Query() string {
	if e.request.Source == nil {
		return ""
	}
	return e.request.Source.Query()
}

// Scheme returns "https" or "http", by the connection on which the request came, or "" if that is not known.
func (e *Event) Scheme() string {
	if e.request.Source == nil {
		return ""
	}
	return e.request.Source.Scheme()
}

// ClientAddr returns the address of the connection's other end: a proxy's, where there is one. It is the zero Addr if
// there is none.
func (e *Event) ClientAddr() netip.Addr {
	if e.request.Source == nil {
		return netip.Addr{}
	}
	return e.request.Source.ClientAddr()
}

// Header returns the first line of a request field, whose name is in canonical form, and whether there is one. Of
// Cookie it may tell no more than that; for Host there is a method of its own.
func (e *Event) Header(name string) (string, bool) { return e.request.header(name) }
