package automaton

import (
	"errors"
	"fmt"
	"regexp/syntax"
	"slices"
	"strings"
)

// A Regexp is a regular expression that an automaton can express.
type Regexp struct {
	text string
	tree *syntax.Regexp
}

// Parse reads a regexp as the package regexp does, and refuses what an automaton cannot express.
// The error says what to write instead.
func Parse(text string) (*Regexp, error) {
	tree, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return nil, mistake(text, err)
	}
	if hasWordBoundary(tree) {
		return nil, errors.New("replace the word boundary" + placeOf(text, isWordBoundary) +
			" by what may be there, such as \\. between labels")
	}
	if place := placeOf(text, setsUngreedy); place != "" {
		return nil, errors.New("remove the flag U from" + place + ": a match is always whole, so " +
			"it makes no difference how much each part prefers to match")
	}
	return &Regexp{text, tree}, nil
}

func hasWordBoundary(tree *syntax.Regexp) bool {
	return tree.Op == syntax.OpWordBoundary || tree.Op == syntax.OpNoWordBoundary ||
		slices.ContainsFunc(tree.Sub, hasWordBoundary)
}

// Compile turns the regexp into a minimal automaton that accepts, as regexp number, the texts that
// it matches as a whole and shape accepts. It fails if that takes too many states or too much work,
// as [Regexp.Costliest] explains.
func (r *Regexp) Compile(number uint32, shape *DFA, work *Budget) (*DFA, bool) {
	// Repetitions are written out, which takes more than what is written already.
	n := instructions(r.tree)
	steps := n*shape.alphabet.Size() + max(0, n-len(r.text))*1000
	if n > maxInstructions || !work.Reserve(steps) {
		return nil, false
	}
	prog, err := syntax.Compile(r.tree.Simplify())
	if err != nil {
		return nil, false // regexp/syntax has no such error today
	}
	return determinize(prog, number, shape, MaxDraft, work)
}

// mistake says where in text a syntax error is, and what to write instead.
func mistake(text string, err error) error {
	e, ok := errors.AsType[*syntax.Error](err)
	if !ok {
		return err
	}
	hint := fmt.Sprintf("fix %q at byte %d: %s", Excerpt(e.Expr), mistakeAt(text, e), e.Code)
	switch {
	case isLookaround(e.Expr):
		hint += "; RE2 syntax has no look-around: write several regexps instead"
	case e.Code == syntax.ErrInvalidRepeatSize || e.Code == syntax.ErrLarge:
		hint += "; write a smaller count, or +"
	}
	return errors.New(hint)
}

func isLookaround(expr string) bool {
	return strings.HasPrefix(expr, "(?=") || strings.HasPrefix(expr, "(?!") ||
		strings.HasPrefix(expr, "(?<")
}

// mistakeAt returns the place of a mistake.
func mistakeAt(text string, e *syntax.Error) int {
	switch e.Code {
	case syntax.ErrTrailingBackslash:
		return len(text) - 1
	case syntax.ErrMissingParen, syntax.ErrUnexpectedParen:
		return unmatched(text)
	case syntax.ErrInvalidRepeatSize:
		// Of nested repetitions it is the outer one that multiplies.
		return max(strings.LastIndex(text, e.Expr), 0)
	}
	return max(strings.Index(text, e.Expr), 0)
}

// Excerpt cuts what is too long to be printed.
func Excerpt(s string) string {
	const limit = 200
	if len(s) > limit {
		return strings.ToValidUTF8(s[:limit], "") + "…"
	}
	return s
}
