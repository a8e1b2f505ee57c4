package fasthttpcors

import (
	"strings"

	"github.com/valyala/fasthttp"

	"github.com/corselet/corselet/core"
)

// setFields replaces the CORS fields in h by those of d, which is the decision on a request with
// that origin, and merges Vary. fasthttp copies what it is given. The names are canonical already.
func setFields(
	h *fasthttp.ResponseHeader, origin string, source core.Source, d *core.Decision,
) {
	hasVary := removeOuter(h)
	if d.RepeatsOrigin {
		set(h, core.FieldAllowOrigin, origin)
	}
	if d.RepeatsMethod {
		method, _ := source.Header(core.FieldRequestMethod).First()
		set(h, core.FieldAllowMethods, method)
	}
	if d.RepeatsHeaders {
		lines := source.Header(core.FieldRequestHeaders)
		for i := range lines.Len() {
			h.Add(core.FieldAllowHeaders, lines.At(i))
		}
	}
	for i := range d.NumFields() {
		name, value := d.Field(i)
		set(h, name, value)
	}
	for i := range d.NumVary() {
		switch name := d.Vary(i); {
		case !hasVary:
			set(h, core.FieldVary, name)
			hasVary = true
		case !covers(h.PeekAll(core.FieldVary), name):
			h.Add(core.FieldVary, name)
		}
	}
}

// removeOuter removes CORS fields that an outer layer has set, and reports whether it has set Vary.
func removeOuter(h *fasthttp.ResponseHeader) (hasVary bool) {
	hasCORS := false
	h.VisitAll(func(key, _ []byte) {
		name := unsafeString(key)
		hasCORS = hasCORS || strings.HasPrefix(name, "Access-Control-")
		hasVary = hasVary || name == core.FieldVary
	})
	if hasCORS {
		for _, name := range core.ResponseFields() {
			h.Del(name)
		}
	}
	return hasVary
}

// set sets a field whose name is canonical.
func set(h *fasthttp.ResponseHeader, name, value string) {
	h.SetCanonical(unsafeBytes(name), unsafeBytes(value))
}

// covers reports whether some line of a Vary field makes adding name superfluous.
func covers(vary [][]byte, name string) bool {
	for _, line := range vary {
		if core.VaryCovers(unsafeString(line), name) {
			return true
		}
	}
	return false
}
