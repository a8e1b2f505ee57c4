package core

import "github.com/corselet/corselet/core/internal/automaton"

// Policy is a compiled [Config]: immutable and safe for concurrent use. It is a pure function of
// requests; [CORS] adds what is not pure: look-ups, observers and replacement.
//
// The zero Policy allows no origin.
type Policy struct {
	config   Config // but for Origins, which are in origins
	origins  originSet
	regexps  regexpSet
	accepted consents
	exact    bool // there is nothing but exact entries to match an origin
	methods  methods
	headers  requestHeaders
	scripts  scriptHeaders
	answers  *answers // nil: the policy was not made by Compile
}

// denyAll is what a missing policy stands for: it allows no origin, and says so to caches.
var denyAll = &Policy{exact: true, answers: newAnswers(&Config{}, &methods{}, &requestHeaders{})}

// Compile checks c and compiles it. The error holds a [ConfigError] for each thing that is wrong;
// take them apart with [ConfigErrors]. c is copied.
func Compile(c Config) (*Policy, error) {
	var errs mistakes
	accepted := newConsents(&c)
	p := &Policy{
		config:  c.clone(),
		origins: compileOrigins(&c, accepted, &errs),
		regexps: compileRegexps(&c, accepted, &automaton.Budget{Left: maxWork}, &errs),
		methods: compileMethods(&c, &errs),
		headers: compileRequestHeaders(&c, &errs),
	}
	accepted.checkStale(&c, &errs)
	checkExposeHeaders(&c, &errs)
	checkMaxAge(&c, &errs)
	checkPreflightStatus(&c, &errs)
	if err := errs.join(); err != nil {
		return nil, err
	}
	p.config.Origins = nil
	p.accepted = accepted
	p.exact = p.origins.isExact() && len(c.OriginRegexps) == 0 && c.OriginFunc == nil
	p.scripts = newScriptHeaders(&p.headers)
	p.answers = newAnswers(&c, &p.methods, &p.headers)
	return p, nil
}

// Config returns a deep copy of the configuration, from which the same policy compiles.
func (p *Policy) Config() Config {
	p = p.effective()
	c := p.config.clone()
	c.Origins = p.origins.entries.Texts()
	return c
}

// effective returns p, or a policy that allows no origin if p was not made by Compile.
func (p *Policy) effective() *Policy {
	if p == nil || p.answers == nil {
		return denyAll
	}
	return p
}

// Decide says how to answer r. It is pure: no clock, no lock, no allocation, and bounded work,
// whatever is in r.
//
// An origin that is allowed is told the whole policy, whatever it asked for, so the answer to its
// preflight is constant but for the origin. Other origins are told nothing. Wildcards with
// credentials are an exception, because browsers take them literally: the answer repeats the method
// and headers that were asked for, if they are well-formed.
//
// If only OriginFunc can tell whether the origin is allowed, LookupNeeded is set and the decision
// is a refusal.
//
// https://fetch.spec.whatwg.org/#http-responses
func (p *Policy) Decide(r *Request) (d Decision) {
	p = p.effective()
	if !r.HasOrigin {
		d.carry(&p.answers.nonCORS)
		return d
	}
	p.answer(r, &d, p.judge(r.Origin))
	return d
}
