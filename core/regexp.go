package core

import (
	"errors"
	"fmt"
	"regexp/syntax"
	"slices"
	"strings"
)

const (
	maxRegexp       = 16 << 10    // bytes of one regexp
	maxStates       = 10_000      // of the automata of one policy
	maxDraft        = 4 * 10_000  // of an automaton before it is minimized
	maxTogether     = 400_000     // of those of all regexps before they are united: 70 MB
	maxInstructions = 50_000      // of one regexp, after {n,m} is written out
	maxStored       = 4_000_000   // instructions in the sets of one regexp
	maxWork         = 100_000_000 // steps to compile the regexps of one policy: one or two seconds
	maxSurvey       = 10_000_000  // of these to find out what one regexp covers
)

// A compiledRegexp is an entry of Config.OriginRegexps.
type compiledRegexp struct {
	index int
	text  string
	tree  *syntax.Regexp
	dfa   *dfa
}

// checkRegexps compiles c.OriginRegexps into the policy.
func (p *Policy) checkRegexps(c *Config, report func(*ConfigError)) {
	if len(c.OriginRegexps) == 0 {
		return
	}
	if p.anyOrigin {
		report(&ConfigError{Field: "origins", Index: slices.Index(c.Origins, "*"), Value: "*",
			Reason: ConfigMisplacedWildcard, Hint: "remove OriginRegexps, which would never be asked, or this entry"})
	}
	work := &budget{maxWork}
	regexps, ok := p.compileRegexps(c, work, report)
	if !ok || len(regexps) == 0 {
		return
	}
	unions, ok := unite(regexps, work)
	if !ok {
		report(tooLargeTogether(regexps))
		return
	}
	for _, f := range unions {
		p.regexps.automata = append(p.regexps.automata, newAutomaton(f))
	}
}

// compileRegexps compiles each regexp by itself. It returns those that could be compiled, and reports what is wrong
// with the others. One that is too large ends it: the rest may be too large only because of that one.
func (p *Policy) compileRegexps(c *Config, work *budget, report func(*ConfigError)) (list []compiledRegexp, ok bool) {
	states := 0
	for i, text := range c.OriginRegexps {
		if slices.Index(c.OriginRegexps, text) < i {
			continue
		}
		r := compiledRegexp{index: i, text: text}
		before := work.left
		e := r.compile(uint32(len(list)+1), work)
		if e == nil {
			states += r.dfa.numStates()
		}
		if states > maxTogether || work.left < 0 && before < maxWork/2 {
			e = tooLargeTogether(list)
		}
		if e != nil {
			report(e)
			if e.Reason == ConfigRegexpTooLarge {
				return nil, false
			}
			continue
		}
		p.regexps.texts = append(p.regexps.texts, text)
		p.regexps.coverage = append(p.regexps.coverage, r.checkTrust(c, work, report))
		list = append(list, r)
	}
	return list, true
}

// compile reads the regexp and turns it into an automaton that accepts it by number.
func (r *compiledRegexp) compile(number uint32, work *budget) *ConfigError {
	tree, e := parseRegexp(r.text)
	if e != nil {
		e.Index = r.index
		return e
	}
	r.tree = tree
	if instructions(tree) > maxInstructions {
		return tooLarge(r)
	}
	prog, err := syntax.Compile(tree.Simplify())
	if err != nil {
		e := invalidRegexp(r.text, err.Error())
		e.Index = r.index
		return e
	}
	d, ok := determinize(prog, number, originGrammar().shape, maxDraft, work)
	if !ok || d.numStates() > maxStates {
		return tooLarge(r)
	}
	r.dfa = d
	return nil
}

// checkTrust reports what of the regexp is dangerous, and returns what it covers.
func (r *compiledRegexp) checkTrust(c *Config, work *budget, report func(*ConfigError)) coverage {
	fail := func(reason ConfigReason, hint string) {
		e := invalidRegexp(r.text, hint)
		e.Index, e.Reason = r.index, reason
		report(e)
	}
	cover := cover(r.dfa, r.text, work)
	if cover.nothing {
		fail(ConfigNeverMatches, r.neverMatchesHint(work))
	}
	if cover.problem != pinned && !c.Unsafe.UnpinnedRegexps {
		fail(ConfigUnpinnedRegexp, cover.hint())
	}
	if c.Credentials && !c.Unsafe.InsecureOrigins {
		if example, found := insecureExample(r.dfa, work); found {
			fail(ConfigInsecureOrigin, alsoAllows(example)+`write "https://", or set unsafe.insecure_origins`)
		}
	}
	return cover
}

// parseRegexp reads a regexp as the package regexp does, and refuses what cannot be, or need not be, expressed.
func parseRegexp(text string) (*syntax.Regexp, *ConfigError) {
	if len(text) > maxRegexp {
		e := invalidRegexp(text, fmt.Sprintf("write at most %d bytes an entry", maxRegexp))
		e.Reason = ConfigRegexpTooLarge
		return nil, e
	}
	tree, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return nil, invalidRegexp(text, syntaxHint(text, err))
	}
	if hasWordBoundary(tree) {
		return nil, invalidRegexp(text, "replace the word boundary"+placeOf(text, isWordBoundary)+
			" by what may stand there, such as \\. between labels")
	}
	if place := placeOf(text, setsUngreedy); place != "" {
		return nil, invalidRegexp(text, "remove the flag U from"+place+": a regexp matches the whole origin, so that "+
			"it makes no difference how much each part prefers to match")
	}
	return tree, nil
}

func hasWordBoundary(tree *syntax.Regexp) bool {
	return tree.Op == syntax.OpWordBoundary || tree.Op == syntax.OpNoWordBoundary ||
		slices.ContainsFunc(tree.Sub, hasWordBoundary)
}

func isWordBoundary(construct string) bool { return construct == `\b` || construct == `\B` }

// setsUngreedy reports whether a construct sets the flag U, as (?U) and (?iU: do. (?-U) clears it; (?P<U> is a name.
func setsUngreedy(construct string) bool {
	flags, ok := strings.CutPrefix(construct, "(?")
	flags, _, _ = strings.Cut(flags, "-")
	return ok && !strings.Contains(flags, "<") && strings.Contains(flags, "U")
}

// placeOf names the first construct of a kind and where it stands, or returns "".
func placeOf(text string, kind func(construct string) bool) string {
	for at, construct := range constructs(text) {
		if kind(construct) {
			return fmt.Sprintf(" %s at byte %d", construct, at)
		}
	}
	return ""
}

func invalidRegexp(text, hint string) *ConfigError {
	return &ConfigError{
		Field: "origin_regexps", Index: -1, Value: excerpt(text), Reason: ConfigInvalidRegexp, Hint: hint,
	}
}

// syntaxHint says where the mistake stands.
func syntaxHint(text string, err error) string {
	e, ok := errors.AsType[*syntax.Error](err)
	if !ok {
		return err.Error()
	}
	hint := fmt.Sprintf("mend %q at byte %d: %s", excerpt(e.Expr), mistakeAt(text, e), e.Code)
	switch {
	case strings.HasPrefix(e.Expr, "(?=") || strings.HasPrefix(e.Expr, "(?!") || strings.HasPrefix(e.Expr, "(?<"):
		hint += "; RE2 syntax has no look-around: write several regexps instead"
	case e.Code == syntax.ErrInvalidRepeatSize || e.Code == syntax.ErrLarge:
		hint += "; no label of a host is longer than 63 bytes"
	}
	return hint
}

// mistakeAt returns the place of a mistake.
func mistakeAt(text string, e *syntax.Error) int {
	switch e.Code {
	case syntax.ErrTrailingBackslash:
		return len(text) - 1
	case syntax.ErrMissingParen, syntax.ErrUnexpectedParen:
		return unmatched(text)
	case syntax.ErrInvalidRepeatSize:
		return max(strings.LastIndex(text, e.Expr), 0) // of nested ones the outer, which multiplies
	}
	return max(strings.Index(text, e.Expr), 0)
}

// unmatched returns the place of the first parenthesis that closes nothing, or else of the last that is not closed.
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

// constructs yields escapes such as \b, the openings of groups such as (?i: and their ends, with their places. It skips
// what is quoted by \Q…\E and what stands in brackets. It serves to tell places, and guesses where the text is invalid.
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

// instructions estimates how many instructions a regexp is compiled to, up to a little above maxInstructions.
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

// neverMatchesHint guesses why no origin matches, as long as there is work left for guessing.
func (r *compiledRegexp) neverMatchesHint(work *budget) string {
	const whole = "a regexp matches the whole origin, scheme://host[:port] without path and default port"
	matches := func(text string) bool {
		own := &budget{min(work.left, maxWork/100)}
		defer func(given int) { work.spend(given - own.left) }(own.left)
		other := compiledRegexp{text: text}
		return other.compile(1, own) == nil && !cover(other.dfa, text, own).nothing
	}
	switch {
	case matches("(?i:" + r.text + ")"):
		return "write it in lower case, as browsers write origins"
	case matches("https?://(?:" + strings.TrimPrefix(r.text, "^") + ")"):
		return fmt.Sprintf("write the scheme too, such as %q: %s", "^https://"+strings.TrimPrefix(r.text, "^"), whole)
	}
	return "write all that the browser sends: " + whole
}

// tooLargeTogether says what to do about regexps that are too large together: about the largest, if it stands out.
func tooLargeTogether(regexps []compiledRegexp) *ConfigError {
	if biggest := largest(regexps); biggest.dfa.numStates() > maxStates/10 {
		return tooLarge(biggest)
	}
	return &ConfigError{Field: "origin_regexps", Index: -1, Reason: ConfigRegexpTooLarge,
		Hint: fmt.Sprintf("put similar ones into one alternation, as in ^https://(?:app|shop)\\.example\\.com$, or "+
			"use several policies: %d regexps are too many for one, which may have %d states", len(regexps), maxStates)}
}

// largest returns the regexp with the largest automaton.
func largest(regexps []compiledRegexp) *compiledRegexp {
	biggest := &regexps[0]
	for i := range regexps {
		if regexps[i].dfa.numStates() > biggest.dfa.numStates() {
			biggest = &regexps[i]
		}
	}
	return biggest
}

// tooLarge says that a regexp takes too many states, and what most likely makes it so.
func tooLarge(r *compiledRegexp) *ConfigError {
	cause := "its length"
	if repeat := costliest(r.tree, syntax.OpRepeat); repeat != nil {
		cause = fmt.Sprintf("the repetition %s, which counts", excerpt(repeat.String()))
	} else if star := costliest(r.tree, syntax.OpStar, syntax.OpPlus); star != nil && r.tree.Op != syntax.OpAlternate {
		cause = fmt.Sprintf("%s together with what follows", excerpt(star.String()))
	} else if alternation := costliest(r.tree, syntax.OpAlternate); alternation != nil {
		cause = fmt.Sprintf("the alternation %s", excerpt(alternation.String()))
	}
	size := fmt.Sprintf("more than %d states, or too long to compile", maxStates)
	if r.dfa != nil && r.dfa.numStates() <= maxStates {
		size = fmt.Sprintf("%d states, more than any other regexp, and all together take too many", r.dfa.numStates())
	}
	return &ConfigError{Field: "origin_regexps", Index: r.index, Value: excerpt(r.text), Reason: ConfigRegexpTooLarge,
		Hint: fmt.Sprintf("simplify %s: it takes %s; a policy may have %d", cause, size, maxStates)}
}

// costliest returns the part of a regexp with one of the given operators that is compiled to the most instructions.
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

// excerpt cuts what is too long to be printed.
func excerpt(s string) string {
	const limit = 200
	if len(s) > limit {
		return strings.ToValidUTF8(s[:limit], "") + "…"
	}
	return s
}
