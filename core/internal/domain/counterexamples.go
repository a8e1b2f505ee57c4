package domain

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/corselet/corselet/core/internal/automaton"
	"github.com/corselet/corselet/core/internal/origin"
)

// examples picks the origins that show best what is wrong: of domains that anyone can register and
// that the author did not write; then the shortest.
func (s *survey) examples(prefixed []string) []string {
	meant := strings.ReplaceAll(s.text, `\`, "")
	rank := func(f finding) int {
		switch {
		case s.problem == prefixedDomain && slices.Contains(prefixed, f.domain),
			s.problem == suffixHost && f.publicSuffix:
			return 0
		case strings.Contains(meant, f.domain):
			return 3
		case f.registrable:
			return 1
		}
		return 2
	}
	hasNone := func(f finding) bool { return f.example == "" }
	findings := slices.DeleteFunc(slices.Collect(maps.Values(s.found)), hasNone)
	slices.SortFunc(findings, func(a, b finding) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(len(a.example), len(b.example)),
			alphabet.Compare(a.example, b.example))
	})
	var list []string
	for _, f := range findings {
		if len(list) == 2 || len(list) > 0 && rank(f) != rank(findings[0]) {
			break
		}
		list = append(list, f.example)
	}
	return list
}

// InsecureExample reports whether a regexp matches an origin whose pages can be altered on the
// network, and which. Where the work runs out it reports true without an example.
func InsecureExample(d *automaton.DFA, work *automaton.Budget) (example string, found bool) {
	insecure := originGrammar().insecure
	if !automaton.Overlap(d, insecure, work) {
		return "", false
	}
	d, ok := automaton.Combine(d, insecure, automaton.Both, automaton.MaxDraft, work)
	if !ok {
		return "", true
	}
	done := origins(d, work, func(o origin.Origin) bool {
		example = o.String()
		return false
	})
	return example, example != "" || !done
}
