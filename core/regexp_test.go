package core

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/corselet/corselet/core/internal/automaton"
	"github.com/corselet/corselet/core/internal/regexptest"
)

// allowing returns a policy of regexps alone, however much they trust.
func allowing(t testing.TB, regexps ...string) *Policy {
	t.Helper()
	p, err := Compile(accepting(Config{OriginRegexps: regexps}))
	if err != nil {
		t.Fatalf("Compile(%q) failed: %v", regexps, err)
	}
	return p
}

// accepting adds consent to everything that can be had by it.
func accepting(c Config) Config {
	_, err := Compile(c)
	lists := map[string][]string{"origins": c.Origins, "origin_regexps": c.OriginRegexps}
	for e := range ConfigErrors(err) {
		if list := lists[e.Field]; e.Index >= 0 && e.Index < len(list) && strings.HasSuffix(e.Hint, orAccept) {
			c.Unsafe.Accept = append(c.Unsafe.Accept, list[e.Index])
		}
	}
	return c
}

// tables returns how many tables the policy's regexps make, and how many states and bytes these
// have together.
func tables(p *Policy) (n, states, bytes int) {
	for i := range p.regexps.tables {
		s, b := p.regexps.tables[i].Size()
		states, bytes = states+s, bytes+b
	}
	return len(p.regexps.tables), states, bytes
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
		p, err := Compile(accepting(Config{OriginRegexps: []string{expr}}))
		for e := range ConfigErrors(err) {
			if e.Reason != ConfigReasonNeverMatches {
				t.Errorf("%q is refused: %v", expr, e)
			}
		}
		p = p.effective()
		for _, origin := range origins {
			got := p.judge(origin)
			if want := regexptest.Oracle(t, expr, origin); got.allowed != want {
				t.Errorf("%q allows %q = %t, want %t", expr, origin, !want, want)
			}
			if got.allowed && got.pattern != expr {
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
			if regexptest.Oracle(t, expr, origin) {
				want = expr
				break
			}
		}
		if got := p.judge(origin).pattern; got != want {
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
	if got, want := p.judge("https://a.example.com").pattern, "https://a.example.com"; got != want {
		t.Errorf("pattern = %q, want %q", got, want)
	}
	if got, want := p.judge("https://b.example.com").pattern, `https://[a-z]\.example\.com`; got != want {
		t.Errorf("pattern = %q, want %q", got, want)
	}
}

func TestTypicalRegexpsShareOneTable(t *testing.T) {
	p := allowing(t, teamRegexps(100)...)
	n, states, bytes := tables(p)
	if n != 1 {
		t.Errorf("100 typical regexps make %d tables, want 1", n)
	}
	if states > 3000 || bytes > 200_000 {
		t.Errorf("100 typical regexps take %d states and %d bytes", states, bytes)
	}
	for i := range 100 {
		origin := fmt.Sprintf("https://pr-7.team%d.example.com", i+1)
		if got, want := p.judge(origin).pattern, teamRegexps(100)[i]; got != want {
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

func TestRegexpsThatExplodeTogetherAreSplit(t *testing.T) {
	regexptest.Long(t)
	var exprs []string
	for c := 'a'; c <= 'j'; c++ {
		exprs = append(exprs, fmt.Sprintf(`https://.*%c.{6}[.].*%c[.]example[.]com`, c, c))
	}
	p := allowing(t, exprs...)
	if n, states, _ := tables(p); n < 2 || n > len(exprs) || states > automaton.MaxStates {
		t.Errorf("got %d tables with %d states", n, states)
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
			if regexptest.Oracle(t, expr, origin) {
				want = expr
				break
			}
		}
		if got := p.judge(origin).pattern; got != want {
			t.Errorf("pattern for %q = %q, want %q", origin, got, want)
		}
	}
}

func TestRegexpMatchDoesNotAllocate(t *testing.T) {
	p := allowing(t, append(teamRegexps(100), `https://.*x.{6}\.example\.com`, `https://.*y.{6}\.example\.com`)...)
	for _, origin := range []string{
		"https://pr-7.team50.example.com", "https://xaaaaaa.example.com", "https://pr-7.team50.example.net",
		"https://evil.com",
		"https://" + strings.Repeat("a.", 120) + "example.com", strings.Repeat("https://", 10_000),
	} {
		request := from(origin)
		if n := testing.AllocsPerRun(100, func() { sinkDecision = p.Decide(request) }); n != 0 {
			t.Errorf("%.40q: %v allocations, want 0", origin, n)
		}
	}
}

var sinkDecision Decision

func TestHostileRegexpsAreRefusedSoon(t *testing.T) {
	regexptest.Long(t)
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
		p, err := Compile(accepting(Config{OriginRegexps: []string{expr}}))
		if err == nil {
			if _, states, _ := tables(p); states > automaton.MaxStates {
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
	regexptest.Long(t)
	exprs := []string{`https://.*x.{10}\.example\.com`, `https://small\.example\.com`}
	for c := 'a'; c <= 'h'; c++ {
		exprs = append(exprs, fmt.Sprintf(`https://.*%c.{9}\.example\.com`, c))
	}
	_, err := Compile(accepting(Config{OriginRegexps: exprs}))
	var got []*ConfigError
	for e := range ConfigErrors(err) {
		got = append(got, e)
	}
	if len(got) != 1 || got[0].Reason != ConfigReasonRegexpTooLarge || got[0].Index != 0 ||
		!strings.Contains(got[0].Hint, ".{10}") {
		t.Errorf("got %v, want one error that names .{10} of the first regexp", err)
	}
}

// longRegexps returns n regexps that have much in common at the end.
func longRegexps(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf(`https://[a-z0-9-]+\.team%d\.apps\.eu-central-1\.staging\.mycompany\.example\.co\.uk`, i)
	}
	return list
}

const longTail = ".apps.eu-central-1.staging.mycompany.example.co.uk"

func TestAThousandRegexpsWithOneEndingShareOneTable(t *testing.T) {
	regexptest.Long(t)
	exprs := longRegexps(1000)
	p, err := Compile(Config{OriginRegexps: exprs})
	if err != nil {
		t.Fatal(err)
	}
	if n, states, bytes := tables(p); n != 1 || states > 1200 || bytes > 60_000 {
		t.Errorf("%d tables with %d states and %d bytes, want 1 with at most 1200 and 60,000", n, states, bytes)
	}
	for i, expr := range exprs {
		origin := fmt.Sprintf("https://pr-%d.team%d%s", i, i, longTail)
		d := p.Decide(from(origin))
		if !d.OriginAllowed || d.Pattern != expr {
			t.Errorf("%q is allowed = %t by %q, want it by %q", origin, d.OriginAllowed, d.Pattern, expr)
		}
	}
	for _, origin := range []string{
		"https://a.team1000" + longTail, "https://a.team01" + longTail, "https://a.team" + longTail,
		"https://team1" + longTail, "https://.team1" + longTail, "http://a.team1" + longTail,
		"https://a.b.team1" + longTail, "https://a.team1" + longTail + ":8443", "https://a.team1" + longTail[1:],
		"https://" + longTail[1:], "https://a.team1" + longTail + ".evil.net", "https://a.team1.apps.eu-central-1",
	} {
		if got := p.judge(origin); got.allowed {
			t.Errorf("%q is allowed by %q", origin, got.pattern)
		}
	}
}

func TestRegexpsOfOtherEndingsAreInTheirOwnTables(t *testing.T) {
	regexptest.Long(t)
	exprs := longRegexps(1000)
	exprs = slices.Insert(exprs, 500, `http://localhost(:\d+)?`)
	exprs = slices.Insert(exprs, 300, `https://[a-z0-9-]+\.team7.*\.example\.co\.uk`)
	p := allowing(t, exprs...)
	if n, _, _ := tables(p); n > 3 {
		t.Errorf("%d tables, want at most 3", n)
	}
	for origin, want := range map[string]string{
		"https://a.team7" + longTail:         exprs[7],
		"https://a.team700" + longTail:       exprs[300], // which comes before the other that matches
		"https://a.team600" + longTail:       exprs[602],
		"https://a.team7" + longTail + ".uk": "",
		"http://localhost:3000":              exprs[501],
		"http://localhost":                   exprs[501],
		"https://localhost":                  "",
	} {
		if got := p.judge(origin).pattern; got != want {
			t.Errorf("pattern for %q = %q, want %q", origin, got, want)
		}
	}
}

func TestPrefixAndSuffixDoNotOverlap(t *testing.T) {
	p := allowing(t, `https://a\.aa(\.aa)*`, `https://a\.aa\.b\.aa`, `https://aa`)
	for origin, want := range map[string]string{
		"https://a.aa": `https://a\.aa(\.aa)*`, "https://a.aa.aa": `https://a\.aa(\.aa)*`,
		"https://a.aa.b.aa": `https://a\.aa\.b\.aa`, "https://aa": `https://aa`,
		"https://a": "", "https://a.a": "", "https://a.aa.a": "", "https:/aa": "", "https://a.aa.b": "", "aa": "",
	} {
		if got := p.judge(origin).pattern; got != want {
			t.Errorf("pattern for %q = %q, want %q", origin, got, want)
		}
	}
}

func TestTooManyRegexpsAreNotBlamedOnOne(t *testing.T) {
	regexptest.Long(t)
	var exprs []string
	for i := range 400 {
		exprs = append(exprs, fmt.Sprintf(`https://[a-z0-9-]+\.team%d\.apps\.staging\.mycompany%d\.example\.com(:\d+)?`, i, i))
	}
	_, err := Compile(Config{OriginRegexps: exprs})
	n := 0
	for e := range ConfigErrors(err) {
		n++
		if e.Reason != ConfigReasonRegexpTooLarge || e.Index != -1 || !strings.Contains(e.Hint, "several policies") ||
			strings.Contains(e.Hint, "team") {
			t.Errorf("got %v", e)
		}
	}
	if n != 1 {
		t.Errorf("%d errors, want 1", n)
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
