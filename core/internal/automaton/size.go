package automaton

import (
	"fmt"
	"regexp"
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

// ignoresCase finds the flag i in front of a regexp or of a group.
var ignoresCase = regexp.MustCompile(`\(\?[a-zA-Z-]*i`)

// ParseCost estimates the steps that parsing a regexp is worth, from what it is written with: the
// package regexp/syntax counts none, and allocates up to a kilobyte for a bracket and a hundred for
// a Unicode class, ten times that where case is ignored.
func ParseCost(text string) (steps int) {
	byteCost, classCost := 20, 60_000
	if ignoresCase.MatchString(text) {
		byteCost, classCost = 200, 500_000
	}
	steps = byteCost * len(text)
	for i := range len(text) {
		switch text[i] {
		case '(', ')':
			steps += 700
		case '|', '*', '+', '?', '{', '}', '[', ']':
			steps += 300
		case 'p', 'P':
			if i > 0 && text[i-1] == '\\' {
				steps += classCost
			}
		}
	}
	return steps
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
