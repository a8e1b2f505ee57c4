package core

import (
	"slices"
	"strconv"
	"strings"
)

// Policy is a compiled [Config]: immutable and safe for concurrent use. It is a pure function of requests; [CORS] adds
// what is not pure: look-ups, observers and replacement.
//
// The zero Policy allows no origin.
type Policy struct {
	config Config

	compiled    bool
	anyOrigin   bool
	origins     originSet
	regexps     regexpSet
	credentials bool
	anyMethod   bool
	methods     []string // sorted
	anyHeader   bool
	headers     []string // sorted, lower case

	scriptHeaders scriptHeaders
	status        int
	answers       answers
}

// answers holds the response fields that belong to the policy, by kind of answer.
type answers struct {
	nonCORS          []field
	actual           []field // from an allowed origin
	preflight        []field // from an allowed origin
	refusedActual    []field
	refusedPreflight []field
}

// denyAll is what a missing policy stands for: it trusts nobody, and says so to caches.
var denyAll = &Policy{compiled: true, answers: refusals(field{FieldVary, FieldOrigin})}

// Compile checks c and compiles it. The error holds a [ConfigError] for each thing that is wrong; take them apart with
// [ConfigErrors]. c is copied.
func Compile(c Config) (*Policy, error) {
	c = c.clone()
	p := &Policy{config: c, compiled: true, credentials: c.Credentials, status: c.PreflightStatus}
	if p.status == 0 {
		p.status = defaultPreflightOK
	}
	if err := p.check(&c); err != nil {
		return nil, err
	}
	p.answers = p.assemble(&c)
	p.scriptHeaders = p.newScriptHeaders()
	return p, nil
}

// Config returns a deep copy of the configuration, from which the same policy compiles.
func (p *Policy) Config() Config { return p.effective().config.clone() }

// effective returns p, or a policy that trusts nobody if p was not made by Compile.
func (p *Policy) effective() *Policy {
	if p == nil || !p.compiled {
		return denyAll
	}
	return p
}

// Decide says how to answer r. It is pure: no clock, no lock, no allocation, and work that is bounded whatever r holds.
//
// An origin that is allowed is told the whole policy, whatever it asks for, so the answer to its preflight is constant
// but for the origin. Others are told nothing. The exception are wildcards with credentials, which browsers take
// literally; the answer then repeats the method and headers that were asked for, if they are well-formed.
//
// If only OriginFunc can tell whether the origin is allowed, LookupNeeded is set and the decision is a refusal.
//
// https://fetch.spec.whatwg.org/#http-responses
func (p *Policy) Decide(r *Request) (d Decision) {
	p.effective().decide(r, &d)
	return d
}

// decide fills in d, which is zero. It is done in place because copying a Decision at each return costs as much as
// judging an origin.
func (p *Policy) decide(r *Request, d *Decision) {
	d.Kind = r.kind()
	if d.Kind == KindNonCORS {
		d.NextHandler, d.constants = true, p.answers.nonCORS
		return
	}
	p.answer(r, d, p.judge(r))
}

// judgement is what is known of an origin.
type judgement struct {
	pattern string
	reason  Reason // ReasonNone: allowed
	lookup  bool
}

// judge finds out whether the request's origin is allowed, as far as that can be told without OriginFunc.
func (p *Policy) judge(r *Request) judgement {
	if p.anyOrigin {
		return judgement{pattern: "*"}
	}
	if len(r.Origins) != 1 {
		return judgement{reason: ReasonOriginMalformed}
	}
	return p.judgeOrigin(r.Origins[0])
}

func (p *Policy) judgeOrigin(text string) judgement {
	if text == "null" {
		if p.config.Unsafe.NullOrigin {
			return judgement{pattern: "null"}
		}
		return judgement{reason: ReasonOriginNull}
	}
	o, ok := parseOrigin(text)
	if !ok {
		return judgement{reason: ReasonOriginMalformed}
	}
	if pattern, ok := p.origins.match(&o); ok {
		return judgement{pattern: pattern}
	}
	if pattern, ok := p.regexps.match(text); ok {
		return judgement{pattern: pattern}
	}
	lookup := p.config.OriginFunc != nil && !(p.credentials && o.isInsecure() && !p.config.Unsafe.InsecureOrigins)
	return judgement{reason: ReasonOriginNotAllowed, lookup: lookup}
}

// answer fills in what follows from the judgement on the origin.
func (p *Policy) answer(r *Request, d *Decision, j judgement) {
	d.Pattern, d.OriginReason, d.LookupNeeded = j.pattern, j.reason, j.lookup
	d.OriginAllowed = j.reason == ReasonNone
	switch {
	case d.Kind == KindActual && d.OriginAllowed:
		d.NextHandler, d.constants = true, p.answers.actual
	case d.Kind == KindActual:
		// Block spares the server's own pages: their requests carry Origin too, and no policy need list them.
		d.NextHandler, d.constants = !p.config.Block || r.isSameOrigin(), p.answers.refusedActual
		if !d.NextHandler {
			d.Status = statusForbidden
		}
	case d.OriginAllowed:
		d.Status, d.constants = p.status, p.answers.preflight
		p.echo(r, d)
	default:
		d.Status, d.constants = statusForbidden, p.answers.refusedPreflight
	}
	if d.OriginAllowed && !p.anyOrigin {
		d.allowOrigin = r.Origins[:1:1]
	}
}

const statusForbidden = 403

// echo repeats what a preflight asks for where a wildcard goes with credentials. Invalid method or header lists are not
// repeated, which the browser takes for a refusal.
func (p *Policy) echo(r *Request, d *Decision) {
	if !p.credentials {
		return
	}
	if p.anyMethod {
		if _, ok := singleToken(r.RequestMethods); ok {
			d.allowMethods = r.RequestMethods[:1:1]
		}
	}
	if p.anyHeader {
		if list := newNameList(r.RequestHeaders); list.valid() {
			d.allowHeaders = r.RequestHeaders[:len(r.RequestHeaders):len(r.RequestHeaders)]
		}
	}
}

// allowsMethod reports whether a preflight that asks for a valid method succeeds.
//
// CORS-preflight fetch, step 7.5: https://fetch.spec.whatwg.org/#cors-preflight-fetch-0
func (p *Policy) allowsMethod(method string) bool {
	if p.anyMethod || isSafelistedMethod(method) {
		return true
	}
	_, ok := slices.BinarySearch(p.methods, method)
	return ok
}

// allowsHeader reports whether a preflight that asks for a header succeeds.
//
// CORS-preflight fetch, steps 7.6 and 7.7: https://fetch.spec.whatwg.org/#cors-preflight-fetch-0
func (p *Policy) allowsHeader(name string) bool {
	if p.anyHeader && (p.credentials || !equalFold(name, authorization)) {
		return true
	}
	_, ok := slices.BinarySearchFunc(p.headers, name, compareFold)
	return ok
}

// isSafelistedMethod: https://fetch.spec.whatwg.org/#cors-safelisted-method
func isSafelistedMethod(method string) bool {
	return method == "GET" || method == "HEAD" || method == "POST"
}

// authorization is the only CORS non-wildcard request-header name.
// https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name
const authorization = "authorization"

// assemble puts the policy's response fields together.
func (p *Policy) assemble(c *Config) answers {
	maxAge := field{FieldMaxAge, maxAgeSeconds(c)}
	expose := field{FieldExposeHeaders, strings.Join(lowerUnique(c.ExposeHeaders), ",")}
	methods := field{FieldAllowMethods, strings.Join(methodsToList(c.Methods), ",")}
	headers := field{FieldAllowHeaders, strings.Join(lowerUnique(c.RequestHeaders), ",")}
	if p.anyOrigin {
		star := field{FieldAllowOrigin, "*"}
		a := answers{preflight: present(star, methods, headers, maxAge)}
		a.actual = present(star, expose)
		a.nonCORS = a.actual
		return a
	}
	credentials := field{FieldAllowCredentials, ""}
	origin := field{FieldVary, FieldOrigin}
	vary := []field{origin}
	if p.credentials {
		credentials.value = "true"
		if p.anyMethod {
			methods.value = ""
			vary = append(vary, field{FieldVary, FieldRequestMethod})
		}
		if p.anyHeader {
			headers.value = ""
			vary = append(vary, field{FieldVary, FieldRequestHeaders})
		}
	}
	a := refusals(vary...)
	a.actual = present(credentials, expose, origin)
	a.preflight = append(present(credentials, methods, headers, maxAge), vary...)
	return a
}

// refusals returns answers that say nothing but how they vary; vary starts with Origin.
func refusals(vary ...field) answers {
	return answers{nonCORS: vary[:1], refusedActual: vary[:1], refusedPreflight: vary}
}

// present returns the fields that have a value.
func present(fields ...field) []field {
	return slices.DeleteFunc(fields, func(f field) bool { return f.value == "" })
}

func maxAgeSeconds(c *Config) string {
	switch {
	case c.MaxAge < 0:
		return "0"
	case c.MaxAge == 0:
		return ""
	}
	return strconv.Itoa(int(c.MaxAge.Seconds()))
}

// methodsToList returns the configured methods that need listing, each once.
func methodsToList(methods []string) []string {
	return slices.DeleteFunc(unique(methods), isSafelistedMethod)
}

// lowerUnique returns header names in lower case, each once, in their order. Under "*" it stands first.
func lowerUnique(names []string) []string {
	lower := make([]string, len(names))
	for i, name := range names {
		lower[i] = strings.ToLower(name)
	}
	lower = unique(lower)
	if i := slices.Index(lower, "*"); i > 0 {
		lower = slices.Insert(slices.Delete(lower, i, i+1), 0, "*")
	}
	return lower
}

// unique returns the values, each once, in their order.
func unique(values []string) []string {
	var list []string
	seen := map[string]bool{}
	for _, value := range values {
		if !seen[value] {
			list = append(list, value)
		}
		seen[value] = true
	}
	return list
}
