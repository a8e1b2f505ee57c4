package automaton

import (
	"fmt"
	"strings"
)

// constructs yields escapes such as \b, the openings of groups such as (?i: and their ends, with
// their places. It skips what is quoted by \Q…\E or in brackets. It serves to name places, and
// guesses where the text is invalid.
func constructs(text string) func(yield func(at int, construct string) bool) {
	return func(yield func(int, string) bool) {
		for i := 0; i < len(text); {
			n := constructLength(text[i:])
			if strings.IndexByte(`\()`, text[i]) >= 0 && !yield(i, text[i:i+n]) {
				return
			}
			i += n
		}
	}
}

// constructLength returns how much of s belongs to the construct that it starts with.
func constructLength(s string) int {
	switch {
	case strings.HasPrefix(s, `\Q`):
		if end := strings.Index(s, `\E`); end >= 0 {
			return end + len(`\E`)
		}
		return len(s)
	case s[0] == '\\':
		return min(2, len(s))
	case s[0] == '[':
		return classLength(s)
	case strings.HasPrefix(s, "(?"):
		return max(strings.IndexAny(s, ":)>")+1, 1)
	}
	return 1
}

// classLength returns the length of the bracket expression that s starts with.
func classLength(s string) int {
	i := 1
	if strings.HasPrefix(s[i:], "^") {
		i++
	}
	if strings.HasPrefix(s[i:], "]") {
		i++
	}
	for i < len(s) && s[i] != ']' {
		switch {
		case s[i] == '\\':
			i += 2
		case strings.HasPrefix(s[i:], "[:") && strings.Contains(s[i+2:], ":]"):
			i += 2 + strings.Index(s[i+2:], ":]") + len(":]")
		default:
			i++
		}
	}
	return min(i+1, len(s))
}

func isWordBoundary(construct string) bool { return construct == `\b` || construct == `\B` }

// setsUngreedy reports whether a construct sets the flag U, as (?U) and (?iU: do. (?-U) clears it;
// (?P<U> is a name.
func setsUngreedy(construct string) bool {
	flags, ok := strings.CutPrefix(construct, "(?")
	flags, _, _ = strings.Cut(flags, "-")
	return ok && !strings.Contains(flags, "<") && strings.Contains(flags, "U")
}

// placeOf names the first construct of a kind and where it is, or returns "".
func placeOf(text string, kind func(construct string) bool) string {
	for at, construct := range constructs(text) {
		if kind(construct) {
			return fmt.Sprintf(" %s at byte %d", construct, at)
		}
	}
	return ""
}

// unmatched returns the place of the first parenthesis that closes nothing, or else of the last one
// that is not closed.
func unmatched(text string) int {
	var open []int
	for at, construct := range constructs(text) {
		switch {
		case construct == ")" && len(open) == 0:
			return at
		case construct == ")":
			open = open[:len(open)-1]
		case construct[0] == '(' && !strings.HasSuffix(construct, ")"):
			open = append(open, at)
		}
	}
	if len(open) == 0 {
		return 0
	}
	return open[len(open)-1]
}
