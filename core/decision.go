package core

import "iter"

// Decision is how a request is answered. It is a small value that refers to constants of the policy and to the
// request's own strings; copy what is to outlive the request.
//
// The zero Decision answers nothing and stops the handler.
type Decision struct {
	Kind          Kind
	OriginAllowed bool // some pattern, "*" or OriginFunc allows the origin; false for requests without Origin
	NextHandler   bool // the application's handler runs, and its status stands
	LookupNeeded  bool // only OriginFunc can tell; until it has, the decision is a refusal. Never from CORS.Decide

	Status  int    // status of the answer where NextHandler is false, otherwise 0
	Pattern string // entry of Config.Origins or OriginRegexps that matched; "null"; or empty: none, or OriginFunc

	// OriginReason says why the origin is not allowed; ReasonNone if it is, or if there is none.
	OriginReason Reason

	constants    []field  // response fields that belong to the policy
	allowOrigin  []string // lines of the request that become response fields, or nil
	allowMethods []string
	allowHeaders []string
}

// NumConstants returns how many response fields have a value that belongs to the policy.
func (d *Decision) NumConstants() int { return len(d.constants) }

// Constant returns name and value of response field i, for i from 0 to NumConstants()-1. The strings are safe to keep.
// [FieldVary] comes last and once for each name; adapters merge it with what is there already. (An iterator would cost
// every request as much as finding its origin in the policy.)
func (d *Decision) Constant(i int) (name, value string) {
	return d.constants[i].name, d.constants[i].value
}

// Reflected yields name and lines of each response field that repeats lines of the request: the slices that the
// adapter passed in, cut to their length and capacity. Nothing is ever repeated but a serialized origin that the
// policy allows (or, without credentials, "null"), and, under wildcards with credentials, a method and header names.
func (d *Decision) Reflected() iter.Seq2[string, []string] {
	return func(yield func(name string, lines []string) bool) {
		_ = (d.allowOrigin == nil || yield(FieldAllowOrigin, d.allowOrigin)) &&
			(d.allowMethods == nil || yield(FieldAllowMethods, d.allowMethods)) &&
			(d.allowHeaders == nil || yield(FieldAllowHeaders, d.allowHeaders))
	}
}
