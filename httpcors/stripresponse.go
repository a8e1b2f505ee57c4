package httpcors

import (
	"net/http"
	"slices"
	"strings"

	"github.com/corselet/corselet/core"
)

// StripResponse deletes what the upstream of a reverse proxy says of CORS: the response fields of
// the protocol, and Origin from its Vary. It is for the ModifyResponse of
// [net/http/httputil.ReverseProxy], which otherwise adds the upstream's fields to those that are
// set in front of it, and a browser refuses a response with two Access-Control-Allow-Origin. It
// always returns nil.
//
// The policy in front says by itself what its answers vary by, but for one that allows every
// origin: those do not vary. Where the upstream does more with Origin than CORS, such as a check of
// its own, delete Origin from the requests to it too, or a cache gives one page's answer to
// another.
//
// Where the upstream sends 103 (Early Hints), ReverseProxy then clears all fields that were set in
// front of it: use [WithLateFields].
func StripResponse(r *http.Response) error {
	for _, name := range core.ResponseFields() {
		delete(r.Header, name)
	}
	lines := r.Header[core.FieldVary]
	if !slices.ContainsFunc(lines, listsOrigin) {
		return nil
	}
	// A new slice, because a transport may share the upstream's between responses.
	var kept []string
	for _, line := range lines {
		if !listsOrigin(line) {
			kept = append(kept, line)
		} else if rest := withoutOrigin(line); rest != "" {
			kept = append(kept, rest)
		}
	}
	if len(kept) == 0 {
		delete(r.Header, core.FieldVary)
	} else {
		r.Header[core.FieldVary] = cut(kept)
	}
	return nil
}

// listsOrigin reports whether a line of a Vary field lists Origin. Unlike with [core.VaryCovers],
// "*" is none.
func listsOrigin(line string) bool {
	for element := range strings.SplitSeq(line, ",") {
		if isOrigin(strings.Trim(element, " \t")) {
			return true
		}
	}
	return false
}

// withoutOrigin returns a line of a Vary field without Origin, and without empty elements.
func withoutOrigin(line string) string {
	var kept []string
	for element := range strings.SplitSeq(line, ",") {
		if name := strings.Trim(element, " \t"); name != "" && !isOrigin(name) {
			kept = append(kept, name)
		}
	}
	return strings.Join(kept, ", ")
}

// isOrigin reports whether name is Origin, in any case. No letter of it has other forms in Unicode.
func isOrigin(name string) bool { return strings.EqualFold(name, core.FieldOrigin) }
