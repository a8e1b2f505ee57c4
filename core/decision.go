package core

// Decision is how a request is answered. It is a small value that refers to constants of the
// policy; copy Pattern if it is to outlive the request by much, because it keeps the policy in
// memory.
//
// The zero Decision answers nothing and stops the handler.
type Decision struct {
	Kind          Kind
	OriginAllowed bool // a pattern, "*" or OriginFunc allows the origin; false without Origin
	NextHandler   bool // the application's handler runs, and its status counts
	LookupNeeded  bool // only OriginFunc can tell; never set by CORS.Decide

	// Lines of the request that become response fields, as they are: its only line of Origin, its
	// only line of Access-Control-Request-Method, all lines of Access-Control-Request-Headers.
	// Nothing is ever repeated but a serialized origin that the policy allows (or, without
	// credentials, "null") and, under wildcards with credentials, a method and header names.
	RepeatsOrigin  bool // as FieldAllowOrigin
	RepeatsMethod  bool // as FieldAllowMethods
	RepeatsHeaders bool // as FieldAllowHeaders

	lookupFailed bool

	Status  int    // status of the answer where NextHandler is false, otherwise 0
	Pattern string // the entry that matched, or "null"; empty for OriginFunc

	answer *answer
}

// carry takes over an answer of the policy.
func (d *Decision) carry(a *answer) {
	d.NextHandler, d.Status, d.RepeatsOrigin, d.answer = a.next, a.status, a.repeat, a
}

// NumFields returns how many response fields have a value that belongs to the policy.
func (d *Decision) NumFields() int {
	if d.answer == nil {
		return 0
	}
	return len(d.answer.fields)
}

// Field returns name and value of such a response field, for i from 0 to NumFields()-1. The strings
// are safe to keep.
func (d *Decision) Field(i int) (name, value string) {
	f := &d.answer.fields[i]
	return f.name, f.value
}

// NumVary returns how many names the response's Vary field gets.
func (d *Decision) NumVary() int {
	if d.answer == nil {
		return 0
	}
	return len(d.answer.vary)
}

// Vary returns such a name, for i from 0 to NumVary()-1. Adapters add it to the Vary field unless
// [VaryCovers] says that it is there already.
func (d *Decision) Vary(i int) string { return d.answer.vary[i] }
