package core

import "github.com/corselet/corselet/core/internal/origin"

// A judgement is what a policy makes of an origin. The zero judgement does not allow it.
type judgement struct {
	allowed bool
	pattern string // that allows it; empty for OriginFunc
	lookup  bool   // only OriginFunc can tell
	failed  bool   // OriginFunc returned an error
}

// judge says whether the request's origin is allowed, as far as that can be told without
// OriginFunc.
func (p *Policy) judge(text string) judgement {
	if p.origins.any {
		return judgement{allowed: true, pattern: "*"}
	}
	// Where equality is enough, nothing is parsed: an origin that is equal to an entry is
	// well-formed, as the entry is; and if all entries are exact, any other text is refused,
	// whatever it is.
	if entry, ok := p.origins.matchExact(text); ok {
		return judgement{allowed: true, pattern: entry}
	}
	if p.exact {
		return judgement{}
	}
	return p.judgeParsed(text)
}

// judgeParsed parses what no exact entry is equal to, before wildcards, regexps and OriginFunc see
// it. So they never see null, nor file://.
func (p *Policy) judgeParsed(text string) judgement {
	o, ok := origin.Parse(text)
	if !ok {
		return judgement{}
	}
	if entry, ok := p.origins.match(o); ok {
		return judgement{allowed: true, pattern: entry}
	}
	if regexp, ok := p.regexps.match(text); ok {
		return judgement{allowed: true, pattern: regexp}
	}
	return judgement{lookup: p.maybeLookedUp(o)}
}

// maybeLookedUp reports whether OriginFunc is asked about an origin. With credentials it is not
// asked about insecure ones.
func (p *Policy) maybeLookedUp(o origin.Origin) bool {
	return p.config.OriginFunc != nil &&
		!(p.config.Credentials && o.IsInsecure() && !p.config.Unsafe.InsecureLookups)
}

// originReason says why an origin that is not allowed is not. It is worked out only for those who
// ask, because the answer does not depend on it.
func (d *details) originReason(decision *Decision) Reason {
	switch {
	case decision.Kind == KindNonCORS || decision.OriginAllowed:
		return ReasonNone
	case decision.lookupFailed:
		return ReasonOriginLookupFailed
	case d.request.Origin == "null":
		return ReasonOriginNull
	}
	if !d.isWellFormed() {
		return ReasonOriginMalformed
	}
	return ReasonOriginNotAllowed
}
