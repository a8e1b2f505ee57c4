package httpcors

import (
	"net/http"

	"github.com/corselet/corselet/core"
)

// SetFields replaces the CORS fields in h by those of d, which is the decision on r, and merges
// Vary.
//
// No value is shared with another response: lines that are repeated are the request's own, and the
// rest is cut out of one array made for this response. No slice has spare capacity, so that
// appending to one cannot write into the next.
func SetFields(h http.Header, r *http.Request, d *core.Decision) {
	var vary []string
	if len(h) > 0 {
		vary = h[core.FieldVary]
		for _, name := range core.ResponseFields() {
			delete(h, name)
		}
	}
	if d.RepeatsOrigin {
		h[core.FieldAllowOrigin] = cut(r.Header[core.FieldOrigin])
	}
	if d.RepeatsMethod {
		h[core.FieldAllowMethods] = cut(r.Header[core.FieldRequestMethod])
	}
	if d.RepeatsHeaders {
		h[core.FieldAllowHeaders] = cut(r.Header[core.FieldRequestHeaders])
	}
	fields, varies := d.NumFields(), d.NumVary()
	values := make([]string, fields+varies)
	for i := range fields {
		name, value := d.Field(i)
		values[i] = value
		h[name] = values[i : i+1 : i+1]
	}
	setVary(h, vary, values[fields:fields], d)
}

// setVary adds the names by which the answer varies, unless they are in vary, which an outer layer
// has set. added has room for them.
func setVary(h http.Header, vary, added []string, d *core.Decision) {
	for i := range d.NumVary() {
		if name := d.Vary(i); !covers(vary, name) {
			added = append(added, name)
		}
	}
	switch {
	case len(added) == 0:
	case len(vary) == 0:
		h[core.FieldVary] = cut(added)
	default:
		// The outer layer's slice may be shared, so its spare capacity is not used.
		h[core.FieldVary] = append(cut(vary), added...)
	}
}

// covers reports whether some line of a Vary field makes adding name superfluous.
func covers(vary []string, name string) bool {
	for _, line := range vary {
		if core.VaryCovers(line, name) {
			return true
		}
	}
	return false
}

// cut returns lines without spare capacity.
func cut(lines []string) []string { return lines[:len(lines):len(lines)] }
