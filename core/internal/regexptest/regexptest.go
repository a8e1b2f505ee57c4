// Package regexptest makes random regexps and origins for tests, and holds the oracle that they are
// compared with.
package regexptest

import (
	"regexp"
	"strings"
	"testing"

	"github.com/corselet/corselet/core/internal/automaton"
	"github.com/corselet/corselet/core/internal/domain"
	"github.com/corselet/corselet/core/internal/origin"
)

// Work is a budget that is enough for one regexp of a reasonable size.
const Work = 10_000_000

// Long leaves a test out with -short: one that computes for seconds, and many times as long under
// the race detector, which has nothing to find where nothing runs at the same time.
func Long(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("takes long; run without -short")
	}
}

// WholeMatch compiles a regexp so that it matches whole texts only. A \Q that is never closed is
// fine at the end of a regexp, and would take what is put behind it for text.
func WholeMatch(expr string) (*regexp.Regexp, error) {
	if re, err := regexp.Compile(`\A(?:` + expr + `\E)\z`); err == nil {
		return re, nil
	}
	return regexp.Compile(`\A(?:` + expr + `)\z`)
}

// Oracle is what an automaton must agree with: the package regexp on the whole text, behind the
// strict parser. Hosts with upper-case letters, which only other schemes than http and https have,
// are not in the alphabet of automata.
func Oracle(t testing.TB, expr, text string) bool {
	t.Helper()
	re, err := WholeMatch(expr)
	if err != nil {
		t.Fatalf("the oracle cannot compile %q: %v", expr, err)
	}
	_, ok := origin.Parse(text)
	return ok && text == strings.ToLower(text) && re.MatchString(text)
}

// Compile compiles one regexp over origins. It fails with an error if it is refused, and with
// neither result if it is too large.
func Compile(expr string, number uint32) (*automaton.DFA, error) {
	r, err := automaton.Parse(expr)
	if err != nil {
		return nil, err
	}
	d, ok := r.Compile(number, domain.Shape(), &automaton.Budget{Left: Work})
	if !ok || d.NumStates() > automaton.MaxStates {
		return nil, nil
	}
	return d, nil
}
