package automaton_test

import (
	"math/rand/v2"
	"regexp/syntax"
	"slices"
	"testing"

	"github.com/corselet/corselet/core/internal/automaton"
	"github.com/corselet/corselet/core/internal/origin"
	"github.com/corselet/corselet/core/internal/regexptest"
)

func TestAutomatonAgreesWithRegexpOnRandomInput(t *testing.T) {
	regexptest.Long(t)
	random := rand.New(rand.NewPCG(3, 4))
	m := regexptest.Maker{Rand: random}
	matched := 0
	for range 1500 {
		expr := m.Whole()
		d, err := regexptest.Compile(expr, 1)
		if err != nil {
			t.Fatalf("%q is refused: %v", expr, err)
		}
		if d == nil {
			continue // too large
		}
		re, err := regexptest.WholeMatch(expr)
		if err != nil {
			t.Fatal(err)
		}
		matches := matcher(t, d)
		for i := range 30 {
			text := m.Origin()
			if i%2 == 0 {
				text = regexptest.Mutate(random, regexptest.Walk(random, d))
			}
			if _, ok := origin.Parse(text); !ok {
				continue
			}
			want := re.MatchString(text)
			if got := matches(text); got != want {
				t.Errorf("%q matches %q = %t, want %t", expr, text, got, want)
			}
			if want {
				matched++
			}
		}
	}
	if matched < 1000 {
		t.Errorf("only %d of the origins matched: the test has lost its sense", matched)
	}
}

func TestUnionAgreesWithItsParts(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	m := regexptest.Maker{Rand: random}
	for range 60 {
		var exprs []string
		var regexps []*automaton.DFA
		for len(regexps) < 8 {
			expr := m.Whole()
			if d, err := regexptest.Compile(expr, uint32(len(regexps)+1)); err == nil && d != nil {
				exprs, regexps = append(exprs, expr), append(regexps, d)
			}
		}
		tables, ok := automaton.Unite(regexps, &automaton.Budget{Left: 10 * regexptest.Work})
		if !ok {
			continue
		}
		for i := range 100 {
			text := regexptest.Mutate(random, regexptest.Walk(random, regexps[i%len(regexps)]))
			got, want := uint32(0), uint32(0)
			for i := range tables {
				got = automaton.Either(got, tables[i].Match(text))
			}
			for i, d := range slices.Backward(regexps) {
				if d.Accepts(text) {
					want = uint32(i + 1)
				}
			}
			if got != want {
				t.Errorf("union of %q names number %d for %q, want %d", exprs, got, text, want)
			}
		}
	}
}

// matcher returns the match of the table of one regexp. One that matches nothing has none.
func matcher(t *testing.T, d *automaton.DFA) func(text string) bool {
	t.Helper()
	tables, ok := automaton.Unite([]*automaton.DFA{d}, &automaton.Budget{Left: 10 * regexptest.Work})
	if !ok {
		t.Fatal("got no table of a regexp within the limit, want one")
	}
	return func(text string) bool { return len(tables) > 0 && tables[0].Match(text) != 0 }
}

func FuzzAutomaton(f *testing.F) {
	for _, expr := range []string{
		`^https://[a-z0-9-]+\.example\.com$`, `https?://.*`, `(?i)https://(a|b)*\.com`, `^a|b$`, `https://a{2,5}(:\d+)?`,
		`(?m)^https://\[[^\]]*\]$`, `https://(^|$)*a\.com`,
		`https://\Qa.example.com`,
	} {
		for _, origin := range []string{"https://a.example.com", "http://aa:8080", "https://[::1]", "https://aa"} {
			f.Add(expr, origin)
		}
	}
	f.Fuzz(func(t *testing.T, expr, text string) {
		d, err := regexptest.Compile(expr, 1)
		if err != nil || d == nil {
			return
		}
		re, err := regexptest.WholeMatch(expr)
		if err != nil {
			if e, ok := err.(*syntax.Error); ok && (e.Code == syntax.ErrNestingDepth || e.Code == syntax.ErrLarge) {
				return // the oracle's own frame made it too deep
			}
			t.Fatalf("%q compiles here but not there: %v", expr, err)
		}
		matches := matcher(t, d)
		random := rand.New(rand.NewPCG(uint64(len(expr)), uint64(len(text))))
		for _, text := range []string{text, regexptest.Walk(random, d), regexptest.Mutate(random, regexptest.Walk(random, d))} {
			_, ok := origin.Parse(text)
			if got, want := matches(text), re.MatchString(text); ok && got != want {
				t.Errorf("%q matches %q = %t, want %t", expr, text, got, want)
			}
		}
	})
}
