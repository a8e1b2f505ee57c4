package automaton

import (
	"fmt"
	"regexp/syntax"
	"slices"
)

// Costliest names the part of the regexp that most likely makes its automaton large.
func (r *Regexp) Costliest() string {
	if repeat := costliest(r.tree, syntax.OpRepeat); repeat != nil {
		return fmt.Sprintf("the repetition %s, which counts", Excerpt(repeat.String()))
	}
	star := costliest(r.tree, syntax.OpStar, syntax.OpPlus)
	if star != nil && r.tree.Op != syntax.OpAlternate {
		return fmt.Sprintf("%s together with what follows", Excerpt(star.String()))
	}
	if alternation := costliest(r.tree, syntax.OpAlternate); alternation != nil {
		return fmt.Sprintf("the alternation %s", Excerpt(alternation.String()))
	}
	return "its length"
}

// costliest returns the part with one of the given operators that compiles to the most
// instructions.
func costliest(re *syntax.Regexp, ops ...syntax.Op) *syntax.Regexp {
	var found *syntax.Regexp
	if slices.Contains(ops, re.Op) {
		found = re
	}
	for _, sub := range re.Sub {
		inner := costliest(sub, ops...)
		if inner != nil && (found == nil || instructions(inner) > instructions(found)) {
			found = inner
		}
	}
	return found
}

// instructions estimates how many instructions a regexp compiles to, up to a little above
// maxInstructions.
func instructions(re *syntax.Regexp) int {
	n := 1 + len(re.Rune)
	if re.Op == syntax.OpCharClass {
		n = 1
	}
	for _, sub := range re.Sub {
		n = min(n+instructions(sub), maxInstructions+1)
	}
	if re.Op == syntax.OpRepeat {
		n = min(n*max(re.Min, re.Max, 1), maxInstructions+1)
	}
	return n
}
