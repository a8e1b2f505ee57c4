package otelcors

import "github.com/corselet/corselet/core"

// outcome has what the counter's attributes depend on, except for the policy.
type outcome struct {
	kind   core.Kind   // preflight or actual
	reason core.Reason // why it was denied; ReasonNone if it was allowed
	cache  cacheStatus
}

// judge returns the outcome of a request and the detail of its verdict. It reports false for
// requests that browsers do not apply the CORS check to, unless the policy blocks them: then the
// reason is that of their origin.
func judge(e *core.Event, d *core.Decision) (out outcome, detail string, ok bool) {
	v := e.Verdict()
	if v.Outcome == core.OutcomeNotApplicable && e.Blocked() {
		v.Outcome, v.Reason = core.OutcomeDenied, e.OriginReason()
	}
	return outcome{kind: d.Kind, reason: v.Reason}, v.Detail, v.Outcome != core.OutcomeNotApplicable
}

// cacheStatus says whether a request's preflight was in the browser's cache.
type cacheStatus uint8

const (
	cacheNone    cacheStatus = iota // a preflight, or a request that needs none; see cacheStatusOf
	cacheHit                        // the browser had the preflight in its cache
	cacheMiss                       // the browser sent a preflight
	cacheUnknown                    // it cannot be inferred
)

// String returns the value of cors.preflight.cache.status.
func (s cacheStatus) String() string {
	return [...]string{"", "hit", "miss", "unknown"}[min(s, cacheUnknown)]
}

// isPossible reports whether a request can have the outcome's status: hits and misses are actual
// requests, and a preflight that is denied has no status.
func (o outcome) isPossible() bool {
	if o.kind != core.KindPreflight {
		return true
	}
	return o.cache == cacheNone || o.cache == cacheUnknown && o.reason == core.ReasonNone
}

const (
	numKinds    = int(core.KindActual) + 1
	numReasons  = int(core.ReasonHeaderNotAllowed) + 1
	numStatuses = int(cacheUnknown) + 1
	numOutcomes = numKinds * numReasons * numStatuses
)

// index numbers the outcomes from 0 to numOutcomes-1.
func (o outcome) index() int {
	return (int(o.kind)*numReasons+int(o.reason))*numStatuses + int(o.cache)
}
