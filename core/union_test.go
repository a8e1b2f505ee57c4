package core

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

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
	long(t)
	exprs := longRegexps(1000)
	p, err := Compile(Config{OriginRegexps: exprs})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(p.regexps.automata); n != 1 {
		t.Errorf("%d automata, want 1", n)
	}
	if states, bytes := p.AutomatonSize(); states > 1200 || bytes > 60_000 {
		t.Errorf("%d states and %d bytes, want at most 1200 and 60,000", states, bytes)
	}
	for i, expr := range exprs {
		origin := fmt.Sprintf("https://pr-%d.team%d%s", i, i, longTail)
		d := p.Decide(&Request{Method: "GET", Origins: []string{origin}})
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
		if got := p.judgeOrigin(origin); got.reason == ReasonNone {
			t.Errorf("%q is allowed by %q", origin, got.pattern)
		}
	}
}

func TestRegexpsOfOtherEndingsStandInTheirOwnTables(t *testing.T) {
	long(t)
	exprs := longRegexps(1000)
	exprs = slices.Insert(exprs, 500, `http://localhost(:\d+)?`)
	exprs = slices.Insert(exprs, 300, `https://[a-z0-9-]+\.team7.*\.example\.co\.uk`)
	p := allowing(t, exprs...)
	if n := len(p.regexps.automata); n > 3 {
		t.Errorf("%d automata, want at most 3", n)
	}
	for origin, want := range map[string]string{
		"https://a.team7" + longTail:         exprs[7],
		"https://a.team700" + longTail:       exprs[300], // which stands in front of the other that matches
		"https://a.team600" + longTail:       exprs[602],
		"https://a.team7" + longTail + ".uk": "",
		"http://localhost:3000":              exprs[501],
		"http://localhost":                   exprs[501],
		"https://localhost":                  "",
	} {
		if got := p.judgeOrigin(origin).pattern; got != want {
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
		if got := p.judgeOrigin(origin).pattern; got != want {
			t.Errorf("pattern for %q = %q, want %q", origin, got, want)
		}
	}
}

func TestTooManyRegexpsAreNotBlamedOnOne(t *testing.T) {
	long(t)
	var exprs []string
	for i := range 400 {
		exprs = append(exprs, fmt.Sprintf(`https://[a-z0-9-]+\.team%d\.apps\.staging\.mycompany%d\.example\.com(:\d+)?`, i, i))
	}
	_, err := Compile(Config{OriginRegexps: exprs})
	n := 0
	for e := range ConfigErrors(err) {
		n++
		if e.Reason != ConfigRegexpTooLarge || e.Index != -1 || !strings.Contains(e.Hint, "several policies") ||
			strings.Contains(e.Hint, "team") {
			t.Errorf("got %v", e)
		}
	}
	if n != 1 {
		t.Errorf("%d errors, want 1", n)
	}
}
