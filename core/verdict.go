package core

import "github.com/corselet/corselet/core/internal/enum"

// Verdict is what a browser that follows the Fetch standard will make of an answer.
type Verdict struct {
	Outcome Outcome
	Reason  Reason // set if and only if the outcome is denied
	// Detail is the method or the first header name that was refused, as the request spells it. It
	// is a valid token, and empty where there is none. A header name may be some kilobytes long.
	Detail string
}

// Outcome is the essence of a [Verdict].
type Outcome uint8

// The outcomes.
const (
	// OutcomeNotApplicable: no browser applies the CORS check. The request carries no Origin, or
	// comes from the server's own pages, or is not made by fetch or XMLHttpRequest in CORS mode.
	OutcomeNotApplicable Outcome = iota
	// OutcomeAllowed: a preflight succeeds, or a script may read the response.
	OutcomeAllowed
	// OutcomeDenied: the request is not made after this preflight, or its response is kept from the
	// script.
	OutcomeDenied
)

var outcomes = []string{"not_applicable", "allowed", "denied"}

// String returns not_applicable, allowed or denied.
func (o Outcome) String() string { return enum.Name(outcomes, o) }

// MarshalText returns the name, so that JSON shows it.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// Reason says why a browser denies. The set is closed.
type Reason uint8

// The reasons, in the order in which a browser finds them.
const (
	// ReasonNone goes with every outcome but denied.
	ReasonNone Reason = iota
	// ReasonOriginNotAllowed: a well-formed origin that the policy does not list.
	ReasonOriginNotAllowed
	// ReasonOriginNull: sandboxed frames, local files, some redirects.
	ReasonOriginNull
	// ReasonOriginMalformed: no browser sends this; several Origin lines count as one malformed
	// origin.
	ReasonOriginMalformed
	// ReasonOriginLookupFailed: OriginFunc returned an error.
	ReasonOriginLookupFailed
	// ReasonCredentialsNotAllowed: the request carries cookies, which a policy without credentials
	// does not let scripts send. Preflights carry no sign of it, so they are allowed.
	ReasonCredentialsNotAllowed
	// ReasonMethodNotAllowed: the preflight asks for a method that the policy does not list, or for
	// none.
	ReasonMethodNotAllowed
	// ReasonHeaderNotAllowed: the preflight asks for a header that the policy does not list, or its
	// list of headers is malformed or longer than 8 KiB, 128 names or 32 empty elements.
	ReasonHeaderNotAllowed
)

var reasons = []string{
	"", "origin_not_allowed", "origin_null", "origin_malformed", "origin_lookup_failed",
	"credentials_not_allowed", "method_not_allowed", "header_not_allowed",
}

// String returns the reason's stable snake_case name, such as origin_not_allowed; empty for
// ReasonNone.
func (r Reason) String() string { return enum.Name(reasons, r) }

// MarshalText returns the name, so that JSON shows it.
func (r Reason) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// Verdict works out what a browser will make of d, which must be p's decision on r. Like
// [Policy.Decide] it is pure and does not allocate.
//
// A preflight is judged as in [CORS-preflight fetch] step 7, an actual request as in the
// [CORS check]. Where a browser is laxer than the standard, the standard counts: under
// RequestHeaders "*" without credentials, Authorization is refused unless it is listed (step 7.6),
// though today's browsers let it pass. What a preflight does not show is taken to be absent: above
// all the upload listener or stream that lets any method pass where none is listed (step 7.4).
//
// [CORS-preflight fetch]: https://fetch.spec.whatwg.org/#cors-preflight-fetch-0
// [CORS check]: https://fetch.spec.whatwg.org/#concept-cors-check
func (p *Policy) Verdict(r *Request, d *Decision) Verdict {
	return p.effective().verdict(&details{request: *r}, d)
}

func (p *Policy) verdict(r *details, d *Decision) Verdict {
	switch {
	case d.Kind == KindNonCORS:
		return Verdict{}
	case d.Kind == KindActual && (!r.isCORSMode() || r.isSameOrigin()):
		return Verdict{}
	case !d.OriginAllowed:
		return Verdict{Outcome: OutcomeDenied, Reason: r.originReason(d)}
	case d.Kind == KindPreflight:
		return p.verdictOnPreflight(&r.request)
	case p.refusesCookies(r):
		return Verdict{Outcome: OutcomeDenied, Reason: ReasonCredentialsNotAllowed}
	}
	return Verdict{Outcome: OutcomeAllowed}
}

// refusesCookies reports whether an actual request carries cookies that the policy does not allow.
// Browsers send cookies across origins only in credentials mode "include", and then require
// Access-Control-Allow-Credentials. Only Sec-Fetch-Mode tells such a request from one that a proxy
// or a tool made.
//
// CORS check, steps 3 to 8: https://fetch.spec.whatwg.org/#concept-cors-check
func (p *Policy) refusesCookies(r *details) bool {
	if _, mode := r.secFetch(); p.config.Credentials || mode != "cors" {
		return false
	}
	return r.request.header("Cookie").Len() > 0
}

// verdictOnPreflight judges method and headers; the origin is allowed.
func (p *Policy) verdictOnPreflight(r *Request) Verdict {
	method, ok := requestedMethod(r.header(FieldRequestMethod))
	if !ok || !p.methods.allow(method) {
		return Verdict{Outcome: OutcomeDenied, Reason: ReasonMethodNotAllowed, Detail: method}
	}
	list := newHeaderList(r.header(FieldRequestHeaders))
	for {
		name, ok := list.next()
		if !ok {
			break
		}
		if !p.headers.allow(name) {
			return Verdict{Outcome: OutcomeDenied, Reason: ReasonHeaderNotAllowed, Detail: name}
		}
	}
	if list.invalid {
		return Verdict{Outcome: OutcomeDenied, Reason: ReasonHeaderNotAllowed}
	}
	return Verdict{Outcome: OutcomeAllowed}
}
