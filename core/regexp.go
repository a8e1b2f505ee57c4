package core

import (
	"fmt"
	"slices"

	"github.com/corselet/corselet/core/internal/automaton"
	"github.com/corselet/corselet/core/internal/domain"
)

// A regexpSet holds the entries of Config.OriginRegexps, and finds the first one that matches an
// origin.
type regexpSet struct {
	texts    []string // as configured, each once
	tables   []automaton.Table
	coverage []domain.Coverage // by text
}

// Limits of the regexps of one policy.
const (
	maxRegexp   = 16 << 10   // bytes of one regexp
	maxTogether = 400_000    // states of all before they are united: 70 MB
	maxWork     = 90_000_000 // steps to compile all: about a second, and 200 MB on the way
)

// match returns the regexp that matches a serialized origin.
func (s *regexpSet) match(origin string) (text string, ok bool) {
	first := uint32(0)
	for i := range s.tables {
		first = automaton.Either(first, s.tables[i].Match(origin))
	}
	if first == 0 {
		return "", false
	}
	return s.texts[first-1], true
}

// compileRegexps checks Config.OriginRegexps. Each regexp is compiled by itself, and surveyed for
// what it trusts; then all are united.
func compileRegexps(
	c *Config, accepted consents, work *automaton.Budget, report *mistakes,
) (s regexpSet) {
	if star := slices.Index(c.Origins, "*"); star >= 0 && len(c.OriginRegexps) > 0 {
		report.add(&ConfigError{Field: "origins", Index: star, Value: "*",
			Reason: ConfigReasonMisplacedWildcard,
			Hint:   "remove OriginRegexps, which would never be asked, or this entry"})
	}
	z := regexpCompiler{config: c, accepted: accepted, report: report, work: work}
	list, ok := z.compileAll()
	if !ok || len(list) == 0 {
		return s
	}
	dfas := make([]*automaton.DFA, len(list))
	for i, r := range list {
		dfas[i] = r.dfa
		s.texts, s.coverage = append(s.texts, r.text), append(s.coverage, r.coverage)
	}
	if s.tables, ok = automaton.Unite(dfas, z.work); !ok {
		report.add(tooLargeTogether(list))
	}
	return s
}

// A compiledRegexp is an entry of Config.OriginRegexps.
type compiledRegexp struct {
	index    int
	text     string
	regexp   *automaton.Regexp
	dfa      *automaton.DFA
	coverage domain.Coverage
}

// A regexpCompiler compiles the regexps of one configuration with one budget.
type regexpCompiler struct {
	config   *Config
	accepted consents
	report   *mistakes
	work     *automaton.Budget
}

// compileAll returns the regexps that can be compiled, and reports what is wrong with the others.
// One that is too large ends it: the rest may be too large only because of that one.
func (z *regexpCompiler) compileAll() (list []compiledRegexp, ok bool) {
	states := 0
	seen := map[string]bool{}
	for i, text := range z.config.OriginRegexps {
		if seen[text] {
			continue
		}
		seen[text] = true
		r := compiledRegexp{index: i, text: text}
		before := z.work.Left
		e := r.compile(uint32(len(list)+1), z.work)
		if e == nil {
			states += r.dfa.NumStates()
		}
		if len(list) > 0 && (states > maxTogether || z.work.Left < 0 && before < maxWork/2) {
			e = tooLargeTogether(list)
		}
		if e != nil {
			z.report.add(e)
			if e.Reason == ConfigReasonRegexpTooLarge || z.report.isFull() {
				return nil, false
			}
			continue
		}
		r.coverage = domain.Cover(r.dfa, r.text, z.work)
		list = append(list, r)
		if z.work.Left < 0 {
			z.report.add(tooLargeTogether(list))
			return nil, false
		}
		z.judge(&r)
	}
	return list, true
}

// compile reads the regexp and turns it into an automaton that accepts it by number.
func (r *compiledRegexp) compile(number uint32, work *automaton.Budget) *ConfigError {
	if len(r.text) > maxRegexp {
		return r.fail(ConfigReasonRegexpTooLarge,
			fmt.Sprintf("write at most %d bytes an entry", maxRegexp))
	}
	if !work.Reserve(automaton.ParseCost(r.text)) {
		return r.fail(ConfigReasonRegexpTooLarge,
			`write it, and those before it, more simply: without \p, nested groups and (?i)`)
	}
	var err error
	if r.regexp, err = automaton.Parse(r.text); err != nil {
		return r.fail(ConfigReasonInvalidRegexp, err.Error())
	}
	d, ok := r.regexp.Compile(number, domain.Shape(), work)
	if !ok || d.NumStates() > automaton.MaxStates {
		return tooLarge(r)
	}
	r.dfa = d
	return nil
}

// judge reports what is dangerous about a regexp.
func (z *regexpCompiler) judge(r *compiledRegexp) {
	if r.coverage.IsEmpty {
		z.report.add(r.fail(ConfigReasonNeverMatches, r.neverMatchesHint(z.work)))
	}
	if z.config.Credentials && len(r.coverage.Everyone) > 0 {
		z.report.add(r.fail(ConfigReasonWildcardWithCredentials, `it trusts every domain, as "*" `+
			"does: list the origins that may use credentials, or switch credentials off"))
		return
	}
	if !r.coverage.IsPinned() && !z.accepted.waives(r.text, ConfigReasonUnpinnedRegexp) {
		z.report.add(r.fail(ConfigReasonUnpinnedRegexp, unpinnedHint(&r.coverage)))
	}
	if z.config.Credentials {
		example, found := domain.InsecureExample(r.dfa, z.work)
		if found && !z.accepted.waives(r.text, ConfigReasonInsecureOrigin) {
			z.report.add(r.fail(ConfigReasonInsecureOrigin, insecureRegexpHint(example)))
		}
	}
}

func (r *compiledRegexp) fail(reason ConfigReason, hint string) *ConfigError {
	return &ConfigError{Field: "origin_regexps", Index: r.index, Value: automaton.Excerpt(r.text),
		Reason: reason, Hint: hint}
}

// trustsEveryone reports whether text is a regexp of the set that trusts every registrable domain.
func (s *regexpSet) trustsEveryone(text string) bool {
	i := slices.Index(s.texts, text)
	return i >= 0 && len(s.coverage[i].Everyone) > 0
}
