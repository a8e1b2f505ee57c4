package corstest

import (
	"net/http"
	"strings"
)

// getHeader returns the combined values of a field, and whether it is there.
//
// Fetch, 2.2.2, "get": https://fetch.spec.whatwg.org/#concept-header-list-get
func getHeader(header http.Header, name string) (string, bool) {
	lines := header.Values(name)
	return strings.Join(lines, ", "), len(lines) > 0
}

// listValues returns the elements of a field that is a list of tokens, from all of its lines,
// without empty elements. ok is false if an element is not a token.
//
// Fetch, 2.2.2, "extract header list values":
// https://fetch.spec.whatwg.org/#extract-header-list-values
// RFC 9110, 5.6.1: https://www.rfc-editor.org/rfc/rfc9110#section-5.6.1
func listValues(header http.Header, name string) (elements []string, ok bool) {
	for _, line := range header.Values(name) {
		for element := range strings.SplitSeq(line, ",") {
			element = strings.Trim(element, "\t ")
			if element != "" && !isToken(element) {
				return nil, false
			}
			if element != "" {
				elements = append(elements, element)
			}
		}
	}
	return elements, true
}

// splitValue splits a value at commas outside of quoted strings.
//
// Fetch, 2.2.2, "get, decode, and split":
// https://fetch.spec.whatwg.org/#header-value-get-decode-and-split
func splitValue(value string) []string {
	var elements []string
	start, quoted := 0, false
	for i := 0; i < len(value); i++ {
		switch c := value[i]; {
		case c == '"':
			quoted = !quoted
		case c == '\\' && quoted:
			i++
		case c == ',' && !quoted:
			elements = append(elements, strings.Trim(value[start:i], "\t "))
			start = i + 1
		}
	}
	return append(elements, strings.Trim(value[start:], "\t "))
}
