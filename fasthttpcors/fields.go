package fasthttpcors

import (
	"strings"

	"github.com/valyala/fasthttp"

	"github.com/corselet/corselet/core"
)

// setFields replaces the CORS fields in h by those of d.
func setFields(h *fasthttp.ResponseHeader, d *core.Decision) {
	hasCORS, hasVary := false, false
	h.VisitAll(func(key, _ []byte) {
		name := unsafeString(key)
		hasCORS = hasCORS || strings.HasPrefix(name, "Access-Control-")
		hasVary = hasVary || name == core.FieldVary
	})
	if hasCORS {
		for _, name := range [...]string{
			core.FieldAllowOrigin, core.FieldAllowCredentials, core.FieldAllowMethods,
			core.FieldAllowHeaders, core.FieldExposeHeaders, core.FieldMaxAge,
		} {
			h.Del(name)
		}
	}
	// The names are canonical already.
	for name, lines := range d.Reflected() {
		h.SetCanonical(unsafeBytes(name), unsafeBytes(lines[0]))
		for _, line := range lines[1:] {
			h.Add(name, line)
		}
	}
	for i := range d.NumConstants() {
		name, value := d.Constant(i)
		switch {
		case name != core.FieldVary:
			h.SetCanonical(unsafeBytes(name), unsafeBytes(value))
		case !hasVary:
			h.SetCanonical(unsafeBytes(name), unsafeBytes(value))
			hasVary = true
		case !covers(h.PeekAll(name), value):
			h.Add(name, value)
		}
	}
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
