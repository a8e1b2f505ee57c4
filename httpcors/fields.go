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
	setFields(h, r, r.Header[core.FieldOrigin], d)
}

// setFields is SetFields, given the lines of Origin.
func setFields(h http.Header, r *http.Request, origins []string, d *core.Decision) {
	var vary []string // as an outer layer has set it
	if len(h) > 0 {
		vary = h[core.FieldVary]
		for _, name := range core.ResponseFields() {
			delete(h, name)
		}
	}
	if d.RepeatsOrigin {
		h[core.FieldAllowOrigin] = cut(origins)
	}
	if d.RepeatsMethod {
		h[core.FieldAllowMethods] = cut(r.Header[core.FieldRequestMethod])
	}
	if d.RepeatsHeaders {
		h[core.FieldAllowHeaders] = cut(r.Header[core.FieldRequestHeaders])
	}
	fields := d.NumFields()
	values := room(fields + d.NumVary())
	for i := range fields {
		name, value := d.Field(i)
		values[i] = value
		h[name] = values[i : i+1 : i+1]
	}
	added := values[fields:fields]
	for i := range d.NumVary() {
		if name := d.Vary(i); len(vary) == 0 || !covers(vary, name) {
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

// room returns n empty strings. Go allocates what has a constant size faster.
func room(n int) []string {
	switch n {
	case 1:
		return new([1]string)[:]
	case 2:
		return new([2]string)[:]
	case 3:
		return new([3]string)[:]
	case 4:
		return new([4]string)[:]
	case 5:
		return new([5]string)[:]
	}
	return make([]string, n)
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
