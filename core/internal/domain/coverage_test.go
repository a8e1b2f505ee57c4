package domain_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/publicsuffix"

	"github.com/corselet/corselet/core/internal/automaton"
	"github.com/corselet/corselet/core/internal/domain"
	"github.com/corselet/corselet/core/internal/origin"
	"github.com/corselet/corselet/core/internal/regexptest"
)

func TestEveryOriginIsOfOneKind(t *testing.T) {
	regexptest.Long(t)
	random := rand.New(rand.NewPCG(9, 10))
	m := regexptest.Maker{Rand: random}
	kinds, shape, insecure := domain.Kinds(), domain.Shape(), domain.Insecure()
	seen := map[string]int{}
	check := func(text string) {
		o, ok := origin.Parse(text)
		if !ok {
			return
		}
		var list []string
		for name, d := range kinds {
			if d.Accepts(text) {
				list = append(list, name)
				seen[name]++
			}
		}
		if len(list) != 1 || !shape.Accepts(text) {
			t.Errorf("%q is of the kinds %q", text, list)
		}
		if got := insecure.Accepts(text); got != o.IsInsecure() {
			t.Errorf("%q is insecure = %t, want %t", text, got, !got)
		}
	}
	for range 3000 {
		check(m.Origin())
		check(m.Host())
		for _, d := range kinds {
			check(regexptest.Mutate(random, regexptest.Walk(random, d)))
		}
	}
	for name := range kinds {
		if seen[name] < 50 {
			t.Errorf("only %d origins of kind %q were seen", seen[name], name)
		}
	}
}

// independentDomain is domain.Of by other means, where there are any.
func independentDomain(o origin.Origin) string {
	suffix, icann := publicsuffix.PublicSuffix(o.Host())
	listed := icann || strings.Contains(suffix, ".")
	registrable, err := publicsuffix.EffectiveTLDPlusOne(o.Host())
	if o.Scheme() != "http" && o.Scheme() != "https" || origin.IsIP(o.Host()) || !listed || err != nil {
		return domain.Of(o)
	}
	return registrable
}

// checkPinned checks what a regexp covers against origins that it matches.
func checkPinned(t *testing.T, random *rand.Rand, expr string, d *automaton.DFA, more ...string) (isPinned bool) {
	t.Helper()
	c := domain.Cover(d, expr, &automaton.Budget{Left: 10 * regexptest.Work})
	for _, example := range c.Examples {
		if !regexptest.Oracle(t, expr, example) {
			t.Errorf("%q does not match the counter-example %q", expr, example)
		}
	}
	domains := map[string]bool{}
	for range 30 {
		more = append(more, regexptest.Walk(random, d), regexptest.Mutate(random, regexptest.Walk(random, d)))
	}
	for _, text := range more {
		o, ok := origin.Parse(text)
		if !ok || !d.Accepts(text) {
			continue
		}
		domains[domain.Of(o)] = true
		if c.IsEmpty {
			t.Errorf("%q is said to match nothing, but matches %q", expr, text)
		}
		if c.IsPinned() && !slices.Contains(c.Domains, independentDomain(o)) {
			t.Errorf("%q is pinned to %q, but matches %q of %q", expr, c.Domains, text, independentDomain(o))
		}
	}
	if len(domains) > domain.MaxDomains+3 && c.IsPinned() {
		t.Errorf("%q is pinned, but covers %d domains", expr, len(domains))
	}
	return c.IsPinned() && !c.IsEmpty
}

func TestPinnedRegexpsKeepToTheirDomains(t *testing.T) {
	regexptest.Long(t)
	random := rand.New(rand.NewPCG(7, 8))
	m := regexptest.Maker{Rand: random}
	count := 0
	for range 800 {
		expr := m.Pinned()
		d, err := regexptest.Compile(expr, 1)
		if err != nil || d == nil {
			t.Fatalf("%q is refused, or too large: %v", expr, err)
		}
		origins := make([]string, 100)
		for i := range origins {
			origins[i] = m.Host()
		}
		if checkPinned(t, random, expr, d, origins...) {
			count++
		}
	}
	if count < 200 {
		t.Errorf("only %d of the regexps were pinned: the test has lost its sense", count)
	}
}

func FuzzPinning(f *testing.F) {
	for _, expr := range []string{
		`https://[a-z]+\.example\.com`, `https?://(a|b)\.github\.io(:\d+)?`, `https://.*\.internal`, `http://127\.0\.0\.\d`,
		`app://localhost|https://\[::1\]`, `https://([a-c]+\.)*www\.ck`, `https://(eu|us)\.amazonaws\.com`,
	} {
		f.Add(expr, "https://a.example.com")
	}
	f.Fuzz(func(t *testing.T, expr, origin string) {
		d, err := regexptest.Compile(expr, 1)
		if err != nil || d == nil {
			return
		}
		random := rand.New(rand.NewPCG(uint64(len(expr)), uint64(len(origin))))
		checkPinned(t, random, expr, d, origin)
	})
}
