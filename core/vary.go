package core

import "github.com/corselet/corselet/core/internal/token"

// VaryCovers reports whether line, one line of a Vary field, makes adding name to it superfluous:
// it lists name, in any case, or "*". Adapters call it for every Vary line that an outer layer has
// set, and add only the names that none of them covers.
//
// https://www.rfc-editor.org/rfc/rfc9110#section-12.5.5
func VaryCovers(line, name string) bool {
	if line == name { // most lines
		return true
	}
	for more := true; more; {
		var element string
		element, line, more = cutElement(line)
		if element == "*" || token.EqualFold(element, name) {
			return true
		}
	}
	return false
}

// variesIfRefused returns the names by which answers to actual requests differ where the origin is
// not allowed. Whether Config.Block spares a request depends on Sec-Fetch-Site.
func variesIfRefused(c *Config) []string {
	if c.Block {
		return []string{FieldOrigin, FieldSecFetchSite}
	}
	return []string{FieldOrigin}
}

// varies returns the names of the request fields by which answers to preflights differ. Others
// differ by the first of them alone, Origin.
func varies(c *Config, m *methods, h *requestHeaders) []string {
	names := []string{FieldOrigin}
	if c.Credentials && m.any {
		names = append(names, FieldRequestMethod)
	}
	if c.Credentials && h.any {
		names = append(names, FieldRequestHeaders)
	}
	return names
}
