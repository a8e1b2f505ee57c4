package core

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/corselet/corselet/core/internal/automaton"
	"github.com/corselet/corselet/core/internal/regexptest"
)

// A configuration of up to a megabyte compiles or is refused within bounds, whatever it holds. They are counted, in
// steps and in bytes, because a clock says what else the machine does.
const (
	largestConfig  = 1 << 20
	mostAllocated  = 256 << 20
	longestMessage = 128 << 10
)

// checkBounds compiles a configuration and compares what that takes with the bounds.
func checkBounds(t testing.TB, cfg Config) (steps int) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := Compile(cfg)
	runtime.ReadMemStats(&after)
	if allocated := after.TotalAlloc - before.TotalAlloc; allocated > mostAllocated {
		t.Errorf("got %d MiB allocated on the way, want at most %d", allocated>>20, mostAllocated>>20)
	}
	if err != nil && len(err.Error()) > longestMessage {
		t.Errorf("got a message of %d bytes, want at most %d", len(err.Error()), longestMessage)
	}
	work := &automaton.Budget{Left: maxWork}
	compileRegexps(&cfg, newConsents(&cfg), work, new(mistakes))
	if steps = maxWork - work.Left; steps > maxWork+maxWork/10 {
		t.Errorf("got %d steps, want at most a little over %d", steps, maxWork)
	}
	return steps
}

// repeated returns as many entries as fit into a megabyte, each made of its number.
func repeated(format string) (list []string) {
	for size := 0; size < largestConfig; {
		entry := fmt.Sprintf(format, len(list))
		list, size = append(list, entry), size+len(entry)
	}
	return list
}

// longAlternation is a regexp of many hosts and a port.
func longAlternation(port int) string {
	var words []string
	for i := range 300 {
		words = append(words, strings.Repeat(string(rune('a'+i%26)), 20)+fmt.Sprintf("%010d", i*7919))
	}
	return `https://(` + strings.Join(words, "|") + `)\.(com|net|org|co|app|dev|io|edu)` +
		`\.(uk|de|fr|jp|br|au|nz|za|in|it|es|pl|nl|be|ch|at):` + fmt.Sprint(port)
}

// hostileConfigs are configurations that took too much once, or may.
func hostileConfigs() map[string]Config {
	var alternations []string
	for i := range 20 {
		alternations = append(alternations, longAlternation(8080+i))
	}
	origin := []string{"https://a.example"}
	return map[string]Config{
		"a long alternation":                   {OriginRegexps: alternations[:1]},
		"twenty long alternations":             {OriginRegexps: alternations},
		"a host of CJK letters":                {Origins: []string{"https://" + strings.Repeat("漢", 20_000) + ".com"}},
		"a megabyte of CJK letters":            {Origins: []string{"https://" + strings.Repeat("漢", largestConfig/3)}},
		"hosts of 253 bytes in CJK":            {Origins: repeated("https://" + strings.Repeat("漢", 80) + "%d.com")},
		"regexps that do not parse":            {OriginRegexps: repeated("(%d")},
		"regexps that match nothing":           {OriginRegexps: repeated(`HTTPS://.*x.{8}\.E%d\.com/`)},
		"regexps of one origin each":           {OriginRegexps: repeated(`https://app%d\.example\.com`)},
		"regexps of one origin with any port":  {OriginRegexps: repeated(`https://app%d\.example\.com(:\d+)?`)},
		"regexps of subdomains":                {OriginRegexps: repeated(`https://[a-z0-9-]+\.team%d\.example\.com`)},
		"regexps that trust everything":        {OriginRegexps: repeated(`https?://.*%d?`)},
		"regexps that count":                   {OriginRegexps: repeated(`https://(a{99}b{99}){9}%d\.example\.com`)},
		"regexps that nearly explode":          {OriginRegexps: repeated(`https://.*x.{9}%d\.example\.com`)},
		"regexps of many labels":               {OriginRegexps: repeated(`https://([a-z]+\.){9}%d\.example\.(com|org|net)`)},
		"Unicode classes":                      {OriginRegexps: repeated("https://[" + strings.Repeat(`\pL`, 5000) + `]%d\.example\.com`)},
		"one regexp of Unicode classes":        {OriginRegexps: []string{"[" + strings.Repeat(`\pL`, 5000) + "]"}},
		"Unicode classes that do not parse":    {OriginRegexps: repeated("[" + strings.Repeat(`\pL`, 5000) + "]%d(")},
		"short Unicode classes":                {OriginRegexps: repeated(`\pL%d`)},
		"Unicode classes in any case":          {OriginRegexps: repeated(`(?si)\pL\PL%d`)},
		"letters in any case":                  {OriginRegexps: repeated("(?i)" + strings.Repeat("(k|s)", 2000) + "%d")},
		"nested groups":                        {OriginRegexps: repeated(strings.Repeat("(", 900) + "%d" + strings.Repeat(")", 900))},
		"nested repetitions":                   {OriginRegexps: repeated(strings.Repeat("(?:a|", 300) + "%d" + strings.Repeat(")*", 300))},
		"repetitions of repetitions":           {OriginRegexps: repeated(`(((a?){10}){10}){10}%d`)},
		"empty alternatives":                   {OriginRegexps: repeated(strings.Repeat("|", 16_000) + "%d")},
		"nothing, many times":                  {OriginRegexps: repeated(strings.Repeat("a{0}b", 3000) + "%d")},
		"hosts in upper case":                  {OriginRegexps: repeated(`HTTPS://(` + strings.Repeat("abcdefghijklmnopqrst|", 300) + `)%d\.COM`)},
		"entries that are no origins":          {Origins: repeated("a b%d")},
		"entries with a fault that is fixable": {Origins: repeated("HTTPS://User@A%d.Example:443/path")},
		"wildcards on public suffixes":         {Origins: repeated("https://*.a%d.github.io"), Credentials: true},
		"exact entries":                        {Origins: repeated("https://a%d.test")},
		"the same entry":                       {Origins: repeated("https://a.test%.0d")},
		"request headers":                      {Origins: origin, RequestHeaders: repeated("x%d")},
		"request headers that are none":        {Origins: origin, RequestHeaders: repeated(" %d")},
		"exposed headers":                      {Origins: origin, ExposeHeaders: repeated("x%d")},
		"methods":                              {Origins: origin, Methods: repeated("M%d")},
		"one method":                           {Origins: origin, Methods: []string{strings.Repeat("M", largestConfig)}},
		"one header":                           {Origins: origin, RequestHeaders: []string{strings.Repeat("\xff", largestConfig)}},
		"one origin":                           {Origins: []string{strings.Repeat("https://", largestConfig/8)}},
		"one regexp":                           {OriginRegexps: []string{strings.Repeat("(a|", largestConfig/3)}},
	}
}

func TestCompilingIsBounded(t *testing.T) {
	regexptest.Long(t)
	for name, cfg := range hostileConfigs() {
		t.Run(name, func(t *testing.T) { checkBounds(t, cfg) })
	}
}

func TestParsingAConfigurationIsBounded(t *testing.T) {
	many := func(piece string) string {
		var text strings.Builder
		for i := 0; text.Len() < largestConfig; i++ {
			fmt.Fprintf(&text, piece, i)
		}
		return strings.TrimSuffix(text.String(), ",")
	}
	for name, text := range map[string]string{
		"unknown keys":          "{" + many(`"k%d":1,`) + "}",
		"the same key":          "{" + many(`"block":%d,`) + "}",
		"entries of wrong type": `{"origins":[` + many(`%d,`) + `]}`,
		"unknown nested keys":   `{"unsafe":{` + many(`"k%d":1,`) + "}}",
		"a long key":            `{"` + strings.Repeat("k", largestConfig) + `":1}`,
		"a long value":          `{"block":"` + strings.Repeat("v", largestConfig) + `"}`,
		"nested arrays":         `{"origins":` + strings.Repeat("[", largestConfig/2) + strings.Repeat("]", largestConfig/2) + `}`,
		"no JSON":               strings.Repeat("{", largestConfig),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := ParseConfig([]byte(text))
		runtime.ReadMemStats(&after)
		if allocated := after.TotalAlloc - before.TotalAlloc; allocated > mostAllocated {
			t.Errorf("%s: got %d MiB allocated on the way, want at most %d", name, allocated>>20, mostAllocated>>20)
		}
		if err == nil || len(err.Error()) > longestMessage {
			t.Errorf("%s: got a message of %d bytes, want one of at most %d", name, len(fmt.Sprint(err)), longestMessage)
		}
		if data, err := json.Marshal(fmt.Sprint(err)); err != nil || len(data) > 2*longestMessage {
			t.Errorf("%s: got %d bytes of JSON and error %v", name, len(data), err)
		}
	}
}

// The first mistakes are shown, the rest is counted.
func TestManyMistakesAreCounted(t *testing.T) {
	for _, n := range []int{1, maxMistakes, maxMistakes + 1, 1000} {
		var origins []string
		for i := range n {
			origins = append(origins, fmt.Sprintf("https://a%d.example/", i))
		}
		_, err := Compile(Config{Origins: origins, MaxAge: -1})
		shown, last := 0, (*ConfigError)(nil)
		for e := range ConfigErrors(err) {
			shown, last = shown+1, e
		}
		if n <= maxMistakes {
			if shown != n || last.Reason != ConfigReasonPath {
				t.Errorf("%d mistakes: got %d, the last one %v, want all", n, shown, last)
			}
			continue
		}
		want := fmt.Sprintf("cors: policy: has more mistakes; fix those above; %d are not shown", n-maxMistakes)
		if shown != maxMistakes+1 || last.Reason != ConfigReasonMore || last.Error() != want {
			t.Errorf("%d mistakes: got %d, the last one %q, want %d and %q", n, shown, last, maxMistakes+1, want)
		}
	}
}

// FuzzCompileIsBounded makes configurations of up to a megabyte out of a few pieces, many times over.
func FuzzCompileIsBounded(f *testing.F) {
	for seed := range uint64(4) {
		f.Add(seed, `[a-z]+\.`, 100)
	}
	f.Fuzz(func(t *testing.T, seed uint64, piece string, copies int) {
		random := rand.New(rand.NewPCG(seed, 1))
		pick := func(list ...string) string { return list[random.IntN(len(list))] }
		entry := func(i int) string {
			var text strings.Builder
			text.WriteString(pick("https://", "http://", "", "https?://", "HTTPS://", "("))
			for range random.IntN(6) {
				text.WriteString(pick(piece, piece, `.*`, `[a-z]{1,20}`, `(a|b)*`, `\.`, "漢", "example", "*.", "x{9}", `\pL`, "(?i)", "(", ")*", "|",
					`(a{9}){9}`, fmt.Sprint(i)))
			}
			text.WriteString(pick(`\.com`, ".com", "", `(:\d+)?`, ":8080", ":*", ")"))
			return strings.Repeat(text.String(), 1+random.IntN(3))
		}
		list := func() (entries []string) {
			size := 0
			for i := range 1 + min(max(copies, -copies)%20_000, 20_000) {
				e := entry(i)
				if size += len(e); size > largestConfig/4 {
					break
				}
				entries = append(entries, e)
			}
			return entries
		}
		checkBounds(t, Config{Origins: list(), OriginRegexps: list(), Methods: list()[:1], RequestHeaders: list(),
			Credentials: random.IntN(2) == 0, Unsafe: Unsafe{Accept: list()}})
	})
}

// BenchmarkCompileBounded shows what hostile configurations take, in steps and bytes.
func BenchmarkCompileBounded(b *testing.B) {
	for name, cfg := range hostileConfigs() {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			steps := 0
			for b.Loop() {
				steps = checkBounds(b, cfg)
			}
			b.ReportMetric(float64(steps), "steps")
		})
	}
}
