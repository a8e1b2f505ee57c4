package core

import (
	"bytes"
	"context"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/corselet/corselet/core/internal/origin"
	"github.com/corselet/corselet/core/internal/regexptest"
)

// slowJudge is what judge has to agree with: it parses first, whatever the policy, and asks every
// entry.
func slowJudge(t *testing.T, cfg Config, text string) (reason Reason, patterns []string, lookup bool) {
	t.Helper()
	if text == "null" {
		if slices.Contains(cfg.Origins, "null") {
			return ReasonNone, []string{"null"}, false
		}
		return ReasonOriginNull, nil, false
	}
	if text == "file://" {
		if slices.Contains(cfg.Origins, text) {
			return ReasonNone, []string{text}, false
		}
		return ReasonOriginNotAllowed, nil, false
	}
	o, ok := origin.Parse(text)
	if !ok {
		return ReasonOriginMalformed, nil, false
	}
	patterns = naiveMatches(cfg.Origins, text)
	for _, expr := range cfg.OriginRegexps {
		if len(patterns) == 0 && regexptest.Oracle(t, expr, text) {
			patterns = append(patterns, expr)
		}
	}
	if len(patterns) > 0 {
		return ReasonNone, patterns, false
	}
	return ReasonOriginNotAllowed, nil, cfg.OriginFunc != nil && (!cfg.Credentials || !o.IsInsecure())
}

// checkJudgement compares the fast way with the slow one.
func checkJudgement(t *testing.T, p *Policy, cfg Config, text string) {
	t.Helper()
	got := p.judge(text)
	reason, patterns, lookup := slowJudge(t, cfg, text)
	if got.allowed != (reason == ReasonNone) || got.lookup != lookup || got.allowed && !slices.Contains(patterns, got.pattern) {
		t.Fatalf("%q under %+v:\n got %+v\nwant reason %q, one of %q, lookup %v", text, cfg, got, reason, patterns, lookup)
	}
	r := from(text)
	d := p.Decide(r)
	if got := (&details{request: *r}).originReason(&d); got != reason {
		t.Fatalf("%q under %+v: got reason %q, want %q", text, cfg, got, reason)
	}
}

// A policyMaker makes random policies, and texts that resemble what they allow.
type policyMaker struct{ *rand.Rand }

func (m policyMaker) pick(list ...string) string { return list[m.IntN(len(list))] }

func (m policyMaker) host() string {
	return m.pick("", "a.", "b.", "a.b.") + m.pick("foo.test", "bar.test", "localhost", "127.0.0.1", "[::1]", "example.com")
}

func (m policyMaker) config() Config {
	var cfg Config
	for range m.IntN(12) {
		host := m.host()
		wildcard := ""
		if m.IntN(3) == 0 && !strings.ContainsAny(host, "1[") {
			wildcard = "*."
		}
		cfg.Origins = append(cfg.Origins, m.pick("https", "http", "app")+"://"+wildcard+host+m.pick("", "", ":8443", ":*"))
		if m.IntN(8) == 0 {
			cfg.Origins = append(cfg.Origins, m.pick("app://*", "app://.", "app://A.example", "file://"))
		}
	}
	if m.IntN(3) == 0 {
		cfg.OriginRegexps = []string{`https://[a-c]\.foo\.test(:\d+)?`, `https?://.*\.example\.com`}[m.IntN(2):][:1]
	}
	if m.IntN(3) == 0 {
		cfg.OriginFunc = func(context.Context, OriginRequest) (bool, error) { return false, nil }
	}
	if m.IntN(4) == 0 {
		cfg.Origins = append(cfg.Origins, "null")
	}
	return accepting(cfg)
}

// text returns an entry, or what resembles one: its case, port, end, or a byte somewhere changed.
func (m policyMaker) text(entries []string) string {
	text := m.pick("https", "http", "app") + "://" + m.host() + m.pick("", ":8443", ":1", ":80", ":443")
	if len(entries) > 0 && m.IntN(2) == 0 {
		text = strings.Replace(m.pick(entries...), "*", m.pick("a", "*", "", "8443"), 1)
	}
	switch m.IntN(8) {
	case 0:
		return strings.ToUpper(text)
	case 1:
		return text + m.pick("/", ".", "\n", " ", "\x00", "\nhttps://a.foo.test", ",", ":")
	case 2:
		at := m.IntN(len(text))
		return text[:at] + m.pick("", ".", "-", "A", "/", "@", "\xff", "*") + text[at+1:]
	case 3:
		return "null"
	}
	return text
}

func FuzzJudge(f *testing.F) {
	for seed := range uint64(8) {
		f.Add(seed, "https://a.foo.test")
	}
	f.Add(uint64(9), "https://a.foo.test\nhttps://b.foo.test")
	f.Fuzz(func(t *testing.T, seed uint64, text string) {
		m := policyMaker{rand.New(rand.NewPCG(seed, 1))}
		cfg := m.config()
		p, err := Compile(cfg)
		if err != nil {
			return // such as a list of no entries, or a host with a dot before an address
		}
		checkJudgement(t, p, cfg, text)
		for range 50 {
			checkJudgement(t, p, cfg, m.text(cfg.Origins))
		}
	})
}

func TestJudgingFastAgreesWithParsingFirst(t *testing.T) {
	m := policyMaker{rand.New(rand.NewPCG(1, 2))}
	policies, allowed := 0, 0
	for range 1500 {
		cfg := m.config()
		p, err := Compile(cfg)
		if err != nil {
			continue
		}
		policies++
		for range 50 {
			text := m.text(cfg.Origins)
			checkJudgement(t, p, cfg, text)
			if p.judge(text).allowed {
				allowed++
			}
		}
	}
	if policies < 300 || allowed < 2000 {
		t.Errorf("got %d policies that allowed %d origins: the test has lost its sense", policies, allowed)
	}
}

// Nothing but a serialized origin reaches a wildcard, a regexp or OriginFunc, and a log line says
// of anything else that it is malformed.
func TestNothingUnparsedGoesFurther(t *testing.T) {
	unparsed := []string{
		"", "https://", "https://a.example.com/", "https://A.example.com", "https://a.example.com:443", "https://a..example.com",
		"https://a.example.com\n", "https://evil.test/.example.com", "https://a b.example.com", "https://\xff.example.com",
		"https://a.example.com:*", "https://*.example.com", "*", "https://evil.test#.example.com", "//a.example.com",
		"https://a@b.example.com", "https://" + strings.Repeat("a", 64) + ".example.com", "javascript://%0a.example.com",
		strings.Repeat("https://a.example.com", 100), "https://a.example.com, https://b.example.com", "NULL",
	}
	asked := func(_ context.Context, r OriginRequest) (bool, error) {
		t.Errorf("OriginFunc was asked about %q", r.Origin)
		return true, nil
	}
	for name, cfg := range map[string]Config{
		"exact entries": {Origins: []string{"https://a.example.com"}},
		"wildcards":     {Origins: []string{"https://*.example.com", "https://*.example.com:*"}},
		"regexps":       {OriginRegexps: []string{`.*`}, Unsafe: Unsafe{Accept: []string{`.*`}}},
		"a function":    {OriginFunc: asked},
		"everything": {Origins: []string{"https://a.example.com", "https://*.example.com:*"}, OriginRegexps: []string{`.*`},
			OriginFunc: asked, Unsafe: Unsafe{Accept: []string{`.*`}}},
	} {
		var out bytes.Buffer
		cors := mustNew(t, cfg, WithObserver(LogObserver(slog.New(slog.NewJSONHandler(&out, nil)))))
		for _, text := range unparsed {
			out.Reset()
			d := cors.Decide(t.Context(), from(text))
			if d.OriginAllowed || d.RepeatsOrigin || cors.AllowsOrigin(t.Context(), text) {
				t.Errorf("%s: %q is allowed", name, text)
			}
			if lines := parseLines(t, &out); len(lines) != 1 || lines[0]["reason"] != "origin_malformed" {
				t.Errorf("%s: %q: got log %v, want one line of reason origin_malformed", name, text, lines)
			}
		}
	}
}
