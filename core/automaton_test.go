package core

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"testing"
)

// allowing returns a policy of regexps alone, however much they trust.
func allowing(t testing.TB, regexps ...string) *Policy {
	t.Helper()
	p, err := Compile(Config{OriginRegexps: regexps, Unsafe: Unsafe{UnpinnedRegexps: true}})
	if err != nil {
		t.Fatalf("Compile(%q) failed: %v", regexps, err)
	}
	return p
}

// wholeMatch compiles a regexp so that it matches whole texts only. A \Q that is never closed is fine at the end of a
// regexp, and would take what is put behind it for text.
func wholeMatch(expr string) (*regexp.Regexp, error) {
	if re, err := regexp.Compile(`\A(?:` + expr + `\E)\z`); err == nil {
		return re, nil
	}
	return regexp.Compile(`\A(?:` + expr + `)\z`)
}

// oracle is what the automaton must agree with: the package regexp on the whole text, behind the strict parser.
func oracle(t testing.TB, expr, origin string) bool {
	t.Helper()
	re, err := wholeMatch(expr)
	if err != nil {
		t.Fatalf("the oracle cannot compile %q: %v", expr, err)
	}
	_, ok := parseOrigin(origin)
	return ok && re.MatchString(origin)
}

func TestAutomatonMatchesWholeOrigins(t *testing.T) {
	origins := []string{
		"https://example.com", "https://a.example.com", "https://a.b.example.com", "https://example.com:8443",
		"http://example.com", "https://wwwexample.com", "https://www.example.com", "https://xexample.com",
		"https://example.com.evil.net", "https://evil.com", "https://example.comx", "app://example.com",
		"https://team-1.example.com:3000", "https://a-b_c.example.com", "http://localhost", "http://localhost:3000",
		"http://127.0.0.1:8080", "https://[::1]", "https://[2001:db8::1]:1", "https://", "", "null",
		"https://example.com/", "https://EXAMPLE.com", "https://example.com\n", "\nhttps://example.com",
		"https://example.com:443", "https://example.com.", "https://.example.com", "https://a..example.com",
		"https://" + strings.Repeat("a", 63) + ".example.com", "https://" + strings.Repeat("a", 64) + ".example.com",
		"https://" + strings.Repeat("a.", 120) + "example.com",
	}
	tests := []string{
		`https://example\.com`, `^https://example\.com$`, `\Ahttps://example\.com\z`, `^^https://example\.com$$`,
		`^https://example\.com|https://evil\.com$`, `(?:^https)://example\.com`, `https://(^example)\.com`,
		`https://example\.com($|:\d+)`, `(^|https://)https://example\.com`, `(^|x)https://example\.com`,
		`(?m)^https://example\.com$`, `(?m:^)https://.*(?m:$)`, `(?s).*example\.com`, `https://(?:$|a)\.?example\.com`,
		`https?://.*`, `.*`, `https://.*\.example\.com`, `https://.*?\.example\.com`, `https://[^.]+\.example\.com`,
		`(?i)HTTPS://EXAMPLE\.COM`, `(?i)https://(?-i:WWW\.)?example\.com`, `https://\w+\.example\.com(:\d+)?`,
		`https://[[:alnum:]-]+\.example\.com`, `https://\Qexample.com\E`, `https://\pL+\.com`,
		`https://[^/]*example\.com`, `https://(|www\.)example\.com`,
		`https://[\x61-\x7a]+\.com`, `https://(www\.?)?example\.com`, `https://\S*example\.com`,
		`https?://localhost(:\d{4})?`,
		`http://127\.0\.0\.1:\d+`, `https://\[.*\](:1)?`, `https://a{63}\.example\.com`, `https://(a\.)+example\.com`,
		`https://(?P<team>a|team-1)\.example\.com(?::3000)?`, `[a-z]+://example\.com`,
		"https://example\\.com\n?", `(?i)\x{17F}*https://example\.com`, `(?i)http\x{17F}://example\.com`,
	}
	for _, expr := range tests {
		p, err := Compile(Config{OriginRegexps: []string{expr}, Unsafe: Unsafe{UnpinnedRegexps: true}})
		for e := range ConfigErrors(err) {
			if e.Reason != ConfigNeverMatches {
				t.Errorf("%q is refused: %v", expr, e)
			}
		}
		p = p.effective()
		for _, origin := range origins {
			got := p.judgeOrigin(origin)
			if want := oracle(t, expr, origin); (got.reason == ReasonNone) != want {
				t.Errorf("%q allows %q = %t, want %t", expr, origin, !want, want)
			}
			if got.reason == ReasonNone && got.pattern != expr {
				t.Errorf("%q allows %q by pattern %q", expr, origin, got.pattern)
			}
		}
	}
}

func TestFirstRegexpOfTheConfigurationIsNamed(t *testing.T) {
	exprs := []string{
		`https://a\.example\.com`,
		`https://[a-c]\.example\.com`,
		`https://.*x.{8}\.example\.com`, // this one and the next stay apart: together they explode
		`https://.*y.{8}\.example\.com`,
		`https://[a-z]+\.example\.com`,
		`https://b\.example\.com`,
	}
	p := allowing(t, exprs...)
	for _, origin := range []string{
		"https://a.example.com", "https://b.example.com", "https://d.example.com", "https://xaaaaaaaa.example.com",
		"https://yaaaaaaaa.example.com", "https://xyaaaaaaaa.example.com", "https://yxaaaaaaaa.example.com",
		"https://example.com", "https://1.example.com",
	} {
		want := ""
		for _, expr := range exprs {
			if oracle(t, expr, origin) {
				want = expr
				break
			}
		}
		if got := p.judgeOrigin(origin).pattern; got != want {
			t.Errorf("pattern for %q = %q, want %q", origin, got, want)
		}
	}
}

func TestExactPatternsComeBeforeRegexpsAndFunctionsAfter(t *testing.T) {
	p, err := Compile(Config{
		Origins:       []string{"https://a.example.com"},
		OriginRegexps: []string{`https://[a-z]\.example\.com`},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := p.judgeOrigin("https://a.example.com").pattern, "https://a.example.com"; got != want {
		t.Errorf("pattern = %q, want %q", got, want)
	}
	if got, want := p.judgeOrigin("https://b.example.com").pattern, `https://[a-z]\.example\.com`; got != want {
		t.Errorf("pattern = %q, want %q", got, want)
	}
}

func TestTypicalRegexpsShareOneTable(t *testing.T) {
	p := allowing(t, teamRegexps(100)...)
	if n := len(p.regexps.automata); n != 1 {
		t.Errorf("100 typical regexps make %d automata, want 1", n)
	}
	states, bytes := p.AutomatonSize()
	if states > 3000 || bytes > 200_000 {
		t.Errorf("100 typical regexps take %d states and %d bytes", states, bytes)
	}
	for i := range 100 {
		origin := fmt.Sprintf("https://pr-7.team%d.example.com", i+1)
		if got, want := p.judgeOrigin(origin).pattern, teamRegexps(100)[i]; got != want {
			t.Errorf("pattern for %q = %q, want %q", origin, got, want)
		}
	}
}

func teamRegexps(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf(`^https://[a-z0-9-]+\.team%d\.example\.com$`, i+1)
	}
	return list
}

// long leaves a test out with -short: one that computes for seconds, and many times as long under the race detector,
// which has nothing to find where nothing runs at the same time.
func long(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("takes long; run without -short")
	}
}

func TestRegexpsThatExplodeTogetherAreSplit(t *testing.T) {
	long(t)
	var exprs []string
	for c := 'a'; c <= 'j'; c++ {
		exprs = append(exprs, fmt.Sprintf(`https://.*%c.{6}[.].*%c[.]example[.]com`, c, c))
	}
	p := allowing(t, exprs...)
	n := len(p.regexps.automata)
	if states, _ := p.AutomatonSize(); n < 2 || n > len(exprs) || states > maxStates {
		t.Errorf("%d automata with %d states", n, states)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		origin := "https://"
		for range 12 {
			origin += string("abcdefghij.."[random.IntN(12)])
		}
		origin += ".example.com"
		want := ""
		for _, expr := range exprs {
			if oracle(t, expr, origin) {
				want = expr
				break
			}
		}
		if got := p.judgeOrigin(origin).pattern; got != want {
			t.Errorf("pattern for %q = %q, want %q", origin, got, want)
		}
	}
}

func TestAutomatonSizeOfPoliciesWithoutRegexps(t *testing.T) {
	p, err := Compile(Config{Origins: []string{"https://example.com"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []*Policy{p, nil, {}} {
		if states, bytes := p.AutomatonSize(); states != 0 || bytes != 0 {
			t.Errorf("AutomatonSize() = %d, %d, want 0, 0", states, bytes)
		}
	}
}

// A regexpMaker makes random regexps out of what matters: anchors, dots, repetitions, alternations, classes, and bits
// of origins.
type regexpMaker struct{ *rand.Rand }

func (m regexpMaker) pick(list ...string) string { return list[m.IntN(len(list))] }

// expr returns a regexp of at most the given depth.
func (m regexpMaker) expr(depth int) string {
	if depth == 0 {
		return m.pick(`a`, `b`, `ab`, `.`, `\.`, `:`, `/`, `-`, `[a-c]`, `[^a.]`, `\d`, `\w`, `1`, `8`, `^`, `$`, `\z`, `\A`,
			`(?i:A)`, `com`, `example\.com`, `localhost`, `127\.0\.0\.1`, `\[::1\]`, `(?m:^)`, `(?m:$)`, ``)
	}
	switch m.IntN(7) {
	case 0:
		return "(?:" + m.expr(depth-1) + "|" + m.expr(depth-1) + ")"
	case 1:
		return "(?:" + m.expr(depth-1) + ")" + m.pick("*", "+", "?", "*?", "+?", "??", "{2}", "{1,3}", "{2,}")
	case 2:
		return m.pick(".*", ".+", `[a-z]+`, `[^/]*`, `(?:.*\.)?`) + m.expr(depth-1)
	default:
		return m.expr(depth-1) + m.expr(depth-1)
	}
}

// whole returns a regexp that has a chance to match an origin.
func (m regexpMaker) whole() string {
	return m.pick("https://", "^https://", "https?://", "", "(?:https|app)://", "http://") + m.expr(2+m.IntN(3)) +
		m.pick("", "", `\.com`, `(:\d+)?`, "$", ":8080")
}

// origin returns a random text that is often an origin.
func (m regexpMaker) origin() string {
	text := m.pick("https://", "http://", "app://", "https://", "h")
	for range m.IntN(8) {
		text += m.pick("a", "b", "ab", ".", "1", "-", "com", "example.com", "localhost", "127.0.0.1", "[::1]", "c", "8")
	}
	return text + m.pick("", "", ".com", ":8080", ":1", ":80")
}

// walk returns a random text that d accepts, or "" if it lost its way.
func walk(random *rand.Rand, d *dfa) string {
	distance := d.distances()
	s, text := start, ""
	for range 60 {
		if d.accept[s] != 0 && random.IntN(4) == 0 || distance[s] == unreachable {
			break
		}
		var options []int
		for symbol, next := range d.row(s) {
			if distance[next] != unreachable && (len(text) < 30 || distance[next] < distance[s]) {
				options = append(options, symbol)
			}
		}
		if len(options) == 0 {
			break
		}
		symbol := options[random.IntN(len(options))]
		text, s = text+symbols[symbol:symbol+1], d.step(s, symbol)
	}
	return text
}

// mutate changes a few bytes of text.
func mutate(random *rand.Rand, text string) string {
	b := []byte(text)
	for range random.IntN(3) {
		if len(b) > 0 {
			b[random.IntN(len(b))] = symbols[random.IntN(numSymbols)]
		}
	}
	return string(b)
}

// compileForTest compiles one regexp, or skips what is refused for good reasons.
func compileForTest(expr string) (*dfa, *ConfigError) {
	r := compiledRegexp{text: expr}
	if e := r.compile(1, &budget{maxWork / 10}); e != nil {
		return nil, e
	}
	return r.dfa, nil
}

func TestAutomatonAgreesWithRegexpOnRandomInput(t *testing.T) {
	long(t)
	random := rand.New(rand.NewPCG(3, 4))
	m := regexpMaker{random}
	matches := 0
	for range 1500 {
		expr := m.whole()
		d, e := compileForTest(expr)
		if e != nil {
			if e.Reason != ConfigRegexpTooLarge {
				t.Fatalf("%q is refused: %v", expr, e)
			}
			continue
		}
		re, err := wholeMatch(expr)
		if err != nil {
			t.Fatal(err)
		}
		a := newAutomaton(frame(d, ""))
		for i := range 30 {
			origin := m.origin()
			if i%2 == 0 {
				origin = mutate(random, walk(random, d))
			}
			if _, ok := parseOrigin(origin); !ok {
				continue
			}
			want := re.MatchString(origin)
			if got := a.match(origin) != 0; got != want {
				t.Errorf("%q matches %q = %t, want %t", expr, origin, got, want)
			}
			if want {
				matches++
			}
		}
	}
	if matches < 1000 {
		t.Errorf("only %d of the origins matched: the test has lost its sense", matches)
	}
}

func TestUnionAgreesWithItsParts(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	m := regexpMaker{random}
	for range 60 {
		var regexps []compiledRegexp
		for len(regexps) < 8 {
			r := compiledRegexp{text: m.whole()}
			if r.compile(uint32(len(regexps)+1), &budget{maxWork / 10}) == nil {
				regexps = append(regexps, r)
			}
		}
		unions, ok := unite(regexps, &budget{maxWork})
		if !ok {
			continue
		}
		set := regexpSet{}
		for _, d := range unions {
			set.automata = append(set.automata, newAutomaton(d))
		}
		for _, r := range regexps {
			set.texts = append(set.texts, r.text)
		}
		for i := range 100 {
			origin := mutate(random, walk(random, regexps[i%len(regexps)].dfa))
			want := ""
			for _, r := range slices.Backward(regexps) {
				if r.dfa.accepts(origin) {
					want = r.text
				}
			}
			if got, _ := set.match(origin); got != want {
				t.Errorf("union of %q names %q for %q, want %q", set.texts, got, origin, want)
			}
		}
	}
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
	f.Fuzz(func(t *testing.T, expr, origin string) {
		d, e := compileForTest(expr)
		if e != nil {
			return
		}
		re, err := wholeMatch(expr)
		if err != nil {
			if e, ok := err.(*syntax.Error); ok && (e.Code == syntax.ErrNestingDepth || e.Code == syntax.ErrLarge) {
				return // the oracle's own frame made it too deep
			}
			t.Fatalf("%q compiles here but not there: %v", expr, err)
		}
		a := newAutomaton(frame(d, ""))
		random := rand.New(rand.NewPCG(uint64(len(expr)), uint64(len(origin))))
		for _, origin := range []string{origin, walk(random, d), mutate(random, walk(random, d))} {
			_, ok := parseOrigin(origin)
			if got, want := a.match(origin) != 0, re.MatchString(origin); ok && got != want {
				t.Errorf("%q matches %q = %t, want %t", expr, origin, got, want)
			}
		}
	})
}

func TestRegexpMatchDoesNotAllocate(t *testing.T) {
	p := allowing(t, append(teamRegexps(100), `https://.*x.{6}\.example\.com`, `https://.*y.{6}\.example\.com`)...)
	for _, origin := range []string{
		"https://pr-7.team50.example.com", "https://xaaaaaa.example.com", "https://pr-7.team50.example.net",
		"https://evil.com",
		"https://" + strings.Repeat("a.", 120) + "example.com", strings.Repeat("https://", 10_000),
	} {
		request := &Request{Method: "GET", Origins: []string{origin}}
		if n := testing.AllocsPerRun(100, func() { sinkDecision = p.Decide(request) }); n != 0 {
			t.Errorf("%.40q: %v allocations, want 0", origin, n)
		}
	}
}

var sinkDecision Decision

func TestEveryOriginIsOfOneKind(t *testing.T) {
	long(t)
	random := rand.New(rand.NewPCG(9, 10))
	m := regexpMaker{random}
	g := originGrammar()
	kinds := map[string]*dfa{"names": g.names, "addresses": g.addresses, "others": g.others}
	for domain, d := range g.loopback {
		kinds[domain] = d
	}
	seen := map[string]int{}
	check := func(text string) {
		o, ok := parseOrigin(text)
		if !ok {
			return
		}
		var list []string
		for name, d := range kinds {
			if d.accepts(text) {
				list = append(list, name)
				seen[name]++
			}
		}
		if len(list) != 1 || !g.shape.accepts(text) {
			t.Errorf("%q is of the kinds %q", text, list)
		}
		if got := g.insecure.accepts(text); got != o.isInsecure() {
			t.Errorf("%q is insecure = %t, want %t", text, got, !got)
		}
	}
	for range 3000 {
		check(m.origin())
		check(m.hostWithSuffixes())
		for _, d := range kinds {
			check(mutate(random, walk(random, d)))
		}
	}
	for name := range kinds {
		if seen[name] < 50 {
			t.Errorf("only %d origins of kind %q were seen", seen[name], name)
		}
	}
}

func TestHostileRegexpsAreRefusedSoon(t *testing.T) {
	long(t)
	for _, expr := range []string{
		`(a{1,1000}){1,1000}`,
		`((((a{30}){30})?){30}){30}`,
		`https://.*.*.*x{500}.*`,
		`https://.*x.{30}\.example\.com`,
		`https://(.*a.{12}|.*b.{12}|.*c.{12})\.example\.com`,
		`https://` + strings.Repeat(`(a|b)*`, 500),
		`https://(` + strings.Repeat(`.?`, 1000) + `){40}x`,
		`https://` + strings.Repeat(`[a-z]{0,60}`, 60),
		strings.Repeat(`(`, 500) + strings.Repeat(`)*`, 500),
		`https://.*(` + strings.Repeat(`(?:a|b)?c.{5}|`, 300) + `)\.com`,
		`\pL{1000}`,
		`https://(.?){1000}(a.?){1000}(b.?){1000}(c.?){1000}(d.?){1000}x`,
	} {
		p, err := Compile(Config{OriginRegexps: []string{expr}, Unsafe: Unsafe{UnpinnedRegexps: true}})
		if err == nil {
			if states, _ := p.AutomatonSize(); states > maxStates {
				t.Errorf("%.60q has %d states", expr, states)
			}
			continue
		}
		for e := range ConfigErrors(err) {
			if e.Field != "origin_regexps" || e.Index != 0 || len(e.Error()) > 2*len(expr)+1000 {
				t.Errorf("%.60q: %v", expr, e)
			}
		}
	}
}

func TestTooManyStatesInAllNameTheLargestRegexp(t *testing.T) {
	long(t)
	exprs := []string{`https://.*x.{10}\.example\.com`, `https://small\.example\.com`}
	for c := 'a'; c <= 'h'; c++ {
		exprs = append(exprs, fmt.Sprintf(`https://.*%c.{9}\.example\.com`, c))
	}
	_, err := Compile(Config{OriginRegexps: exprs, Unsafe: Unsafe{UnpinnedRegexps: true}})
	var got []*ConfigError
	for e := range ConfigErrors(err) {
		got = append(got, e)
	}
	if len(got) != 1 || got[0].Reason != ConfigRegexpTooLarge || got[0].Index != 0 ||
		!strings.Contains(got[0].Hint, ".{10}") {
		t.Errorf("got %v, want one error that names .{10} of the first regexp", err)
	}
}

func BenchmarkRegexp(b *testing.B) {
	const origin = "https://pr-123.team50.example.com"
	b.Run("package regexp", func(b *testing.B) {
		re := regexp.MustCompile(teamRegexps(100)[49])
		for b.Loop() {
			sinkBool = re.MatchString(origin)
		}
	})
	for name, exprs := range map[string][]string{"1 regexp": teamRegexps(100)[49:50], "100 regexps": teamRegexps(100)} {
		p := allowing(b, exprs...)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				_, sinkBool = p.regexps.match(origin)
			}
		})
	}
	b.Run("compile 100 regexps", func(b *testing.B) {
		for b.Loop() {
			allowing(b, teamRegexps(100)...)
		}
	})
}

var sinkBool bool
