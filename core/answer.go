package core

import (
	"slices"
	"strconv"
)

// An answer is what all responses of one kind have in common.
type answer struct {
	next   bool    // the application's handler runs
	status int     // if it does not
	fields []field // whose values belong to the policy
	vary   []string
	repeat bool // Access-Control-Allow-Origin repeats the request's origin
}

// field is one response field whose value belongs to the policy.
type field struct{ name, value string }

// answers are those of a policy.
type answers struct {
	nonCORS          answer
	actual           answer // to an allowed origin
	preflight        answer // to an allowed origin
	refused          answer // to an actual request; scripts cannot read what the handler answers
	blocked          answer // to an actual request, under Config.Block
	refusedPreflight answer
}

// newAnswers puts the answers of a policy together.
//
// https://fetch.spec.whatwg.org/#http-responses
func newAnswers(c *Config, m *methods, h *requestHeaders) *answers {
	origin, credentials, vary := "", "", varies(c, m, h)
	if slices.Contains(c.Origins, "*") {
		origin, vary = "*", nil
	} else if c.Credentials {
		credentials = "true"
	}
	varyByOrigin := vary[:min(len(vary), 1)]
	a := &answers{
		actual: answer{next: true, vary: varyByOrigin, fields: present(
			field{FieldAllowOrigin, origin},
			field{FieldAllowCredentials, credentials},
			field{FieldExposeHeaders, exposeHeaders(c)})},
		preflight: answer{status: preflightStatus(c), vary: vary, fields: present(
			field{FieldAllowOrigin, origin},
			field{FieldAllowCredentials, credentials},
			field{FieldAllowMethods, allowMethods(c, m)},
			field{FieldAllowHeaders, allowHeaders(c, h)},
			field{FieldMaxAge, maxAge(c)})},
		refused:          answer{next: true, vary: variesIfRefused(c)},
		blocked:          answer{status: statusForbidden, vary: variesIfRefused(c)},
		refusedPreflight: answer{status: statusForbidden, vary: vary},
	}
	a.nonCORS = answer{next: true, vary: varyByOrigin}
	if origin == "*" {
		a.nonCORS = a.actual
	}
	a.actual.repeat, a.preflight.repeat = origin != "*", origin != "*"
	return a
}

// present returns the fields that have a value.
func present(fields ...field) []field {
	return slices.DeleteFunc(fields, func(f field) bool { return f.value == "" })
}

// answer fills in what follows from the judgement on the origin. It does so in place, because
// copying a Decision costs as much as judging an origin.
func (p *Policy) answer(r *Request, d *Decision, j judgement) {
	d.Kind = r.kind()
	d.Pattern, d.OriginAllowed, d.LookupNeeded, d.lookupFailed =
		j.pattern, j.allowed, j.lookup, j.failed
	switch {
	case d.Kind == KindActual && d.OriginAllowed:
		d.carry(&p.answers.actual)
	case d.Kind == KindActual && p.blocks(r):
		d.carry(&p.answers.blocked)
	case d.Kind == KindActual:
		d.carry(&p.answers.refused)
	case d.OriginAllowed:
		d.carry(&p.answers.preflight)
		p.echo(r, d)
	default:
		d.carry(&p.answers.refusedPreflight)
	}
}

// blocks reports whether an actual request from an origin that is not allowed does not reach the
// handler. The server's own pages do: their requests carry Origin too, and no policy has to list
// them.
func (p *Policy) blocks(r *Request) bool {
	return p.config.Block && !(&details{request: *r}).isSameOrigin()
}

// echo repeats what a preflight asks for where a wildcard goes with credentials. An invalid method
// or list of headers is not repeated, which the browser takes for a refusal.
func (p *Policy) echo(r *Request, d *Decision) {
	if !p.config.Credentials {
		return
	}
	if p.methods.any {
		_, d.RepeatsMethod = requestedMethod(r.header(FieldRequestMethod))
	}
	if p.headers.any {
		list := newHeaderList(r.header(FieldRequestHeaders))
		d.RepeatsHeaders = list.isValid()
	}
}

const (
	defaultPreflightStatus = 204
	statusForbidden        = 403 // of a refused preflight, and of a blocked request
)

// preflightStatus returns the status of a successful preflight.
func preflightStatus(c *Config) int {
	if c.PreflightStatus == 0 {
		return defaultPreflightStatus
	}
	return c.PreflightStatus
}

// checkPreflightStatus checks Config.PreflightStatus.
func checkPreflightStatus(c *Config, report *mistakes) {
	if c.PreflightStatus != 0 && (c.PreflightStatus < 200 || c.PreflightStatus > 299) {
		report.add(&ConfigError{Field: "preflight_status", Index: -1,
			Value: strconv.Itoa(c.PreflightStatus), Reason: ConfigReasonOutOfRange,
			Hint: "write a status from 200 to 299; browsers refuse others"})
	}
}
