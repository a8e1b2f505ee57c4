package core

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/corselet/corselet/core/internal/regexptest"
)

// A regexpCase is one entry of testdata/regexps.json.
type regexpCase struct {
	Why         string   `json:"why"`
	Regexp      string   `json:"regexp"`
	Credentials bool     `json:"credentials"`
	Reasons     []string `json:"reasons"`     // for which it is refused, in order
	AlsoAllows  []string `json:"also_allows"` // what the errors show, at least
	Domains     []string `json:"domains"`     // which it covers, if it is not refused
	Allows      []string `json:"allows"`
	Refuses     []string `json:"refuses"`
}

func TestRegexpsOfAllKinds(t *testing.T) {
	data, err := os.ReadFile("testdata/regexps.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []regexpCase
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.Why, func(t *testing.T) {
			p, err := Compile(Config{OriginRegexps: []string{c.Regexp}, Credentials: c.Credentials})
			c.checkErrors(t, err)
			if err == nil {
				c.checkPolicy(t, p)
			}
			c.checkOverride(t)
		})
	}
}

func (c *regexpCase) checkErrors(t *testing.T, err error) {
	var reasons, hints []string
	for e := range ConfigErrors(err) {
		reasons, hints = append(reasons, e.Reason.String()), append(hints, e.Hint)
		if e.Field != "origin_regexps" || e.Index != 0 || e.Value != c.Regexp {
			t.Errorf("error is about %s[%d] %q", e.Field, e.Index, e.Value)
		}
		checkExamples(t, c.Regexp, e.Hint)
	}
	if !slices.Equal(reasons, c.Reasons) {
		t.Errorf("%q is refused for %q, want %q\n%v", c.Regexp, reasons, c.Reasons, err)
	}
	for _, example := range c.AlsoAllows {
		if !strings.Contains(strings.Join(hints, "\n"), fmt.Sprintf("%q", example)) {
			t.Errorf("%q: the hints do not show %q:\n%s", c.Regexp, example, strings.Join(hints, "\n"))
		}
	}
}

// checkExamples checks that what a hint says is allowed really is.
func checkExamples(t *testing.T, expr, hint string) {
	t.Helper()
	list, ok := strings.CutPrefix(hint, "it also allows ")
	if !ok {
		return
	}
	list, _, _ = strings.Cut(list, ";")
	for _, quoted := range regexp.MustCompile(`"([^"]*)"`).FindAllStringSubmatch(list, -1) {
		if !regexptest.Oracle(t, expr, quoted[1]) {
			t.Errorf("%q does not match the counter-example %q", expr, quoted[1])
		}
	}
}

func (c *regexpCase) checkPolicy(t *testing.T, p *Policy) {
	if got := p.regexps.coverage[0].Domains; !slices.Equal(got, c.Domains) {
		t.Errorf("%q covers %q, want %q", c.Regexp, got, c.Domains)
	}
	for _, origin := range c.Allows {
		if j := p.judge(origin); !j.allowed || j.pattern != c.Regexp {
			t.Errorf("%q does not allow %q", c.Regexp, origin)
		}
	}
	for _, origin := range c.Refuses {
		if j := p.judge(origin); j.allowed {
			t.Errorf("%q allows %q", c.Regexp, origin)
		}
	}
}

// checkOverride checks that what is only unpinned or insecure can be had by saying so.
func (c *regexpCase) checkOverride(t *testing.T) {
	curable := !slices.ContainsFunc(c.Reasons, func(reason string) bool {
		return reason != "unpinned_regexp" && reason != "insecure_origin"
	})
	_, err := Compile(accepting(Config{OriginRegexps: []string{c.Regexp}, Credentials: c.Credentials}))
	if (err == nil) != curable {
		t.Errorf("%q with consent: %v", c.Regexp, err)
	}
}

func TestRegexpErrorsSayWhereAndWhatToWrite(t *testing.T) {
	tests := []struct {
		name string
		expr string
		want []string // parts of the message
	}{
		{"word boundary", `https://a\.b\bexample\.com`, []string{`\b at byte 12`}},
		{"no word boundary", `\Bhttps://a\.com`, []string{`\B at byte 0`}},
		{"a quoted or bracketed backslash is none", `\Q\b\E[\\b]\\b\b`, []string{`\b at byte 14`}},
		{"ungreedy flag", `https://(?iU:a)\.com`, []string{`(?iU: at byte 8`}},
		{"a word boundary behind a bracket in brackets", `https://a\.com|https://[[:]?\bexample\.com`, []string{`\b at byte 28`}},
		{"an extra parenthesis", `https://(a)b)\.com`, []string{"unexpected )", "at byte 12"}},
		{"a missing parenthesis", `https://(a)(b\.com`, []string{"missing closing )", "at byte 11"}},
		{"a trailing backslash", `https://a\.com\`, []string{"trailing backslash", "at byte 14"}},
		{"an unfinished group", `https://(?i`, []string{"at byte 8"}},
		{"too long", `https://` + strings.Repeat(`a\.`, 10_000) + `com`, []string{"at most 16384 bytes"}},
		{"nested repetition", `(a{1,1000}){1,1000}`, []string{"at byte 11", "invalid repeat count"}},
		{"look-behind", `(?<!a)b`, []string{"at byte 0", "look-around"}},
		{"upper case", `https://App\.example\.com`, []string{"lower case"}},
		{"no scheme", `^[a-z]+\.example\.com$`, []string{`"^https://[a-z]+\\.example\\.com$"`}},
		{"size", `https://.*x[a-z]{1,40}y.{25}\.example\.com`, []string{"[a-z]{1,40}", "10000 states"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := Compile(Config{OriginRegexps: []string{"https://fine\\.example\\.com", test.expr}})
			for e := range ConfigErrors(err) {
				if e.Index != 1 {
					t.Errorf("index = %d, want 1", e.Index)
				}
			}
			for _, part := range test.want {
				if err == nil || !strings.Contains(err.Error(), part) {
					t.Errorf("error = %v, want %q in it", err, part)
				}
			}
		})
	}
}

func TestGroupsMayBeCalledAnything(t *testing.T) {
	for _, expr := range []string{
		`https://(?P<User>[a-z]+)\.example\.com`, `https://(?<U>[a-z]+)\.example\.com`, `https://(?-U:a)\.example\.com`,
	} {
		if _, err := Compile(Config{OriginRegexps: []string{expr}}); err != nil {
			t.Errorf("%q: %v", expr, err)
		}
	}
}

// TestManyMistakesAreFoundSoon compiles regexps that match nothing, or much, or are huge. What all
// of them together may take is bounded, so that the memory they take is, too.
func TestManyMistakesAreFoundSoon(t *testing.T) {
	regexptest.Long(t)
	var many []string
	for i := range 300 {
		many = append(many, fmt.Sprintf(`HTTPS://.*x.{8}\.E%d\.com/`, i))
	}
	for name, exprs := range map[string][]string{
		"that match nothing":  many,
		"with long labels":    {`ws?s://a{64}\.+-\Wgru\.br.*`, `(app|x)://a{64}[a-z0-9-]*`},
		"of several megabyte": {`https://` + strings.Repeat(`a.`, 2<<20)},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Compile(Config{OriginRegexps: exprs})
		runtime.ReadMemStats(&after)
		if err == nil {
			t.Errorf("regexps %s: got no error", name)
		}
		if allocated := (after.TotalAlloc - before.TotalAlloc) >> 20; allocated > 1500 {
			t.Errorf("regexps %s: allocated %d MiB on the way, want at most 1500", name, allocated)
		}
		if err != nil && len(err.Error()) > 1<<20 {
			t.Errorf("regexps %s: the message has %d bytes", name, len(err.Error()))
		}
	}
}

func TestRegexpsBesideEveryOriginAreRefused(t *testing.T) {
	_, err := Compile(Config{Origins: []string{"*"}, OriginRegexps: []string{`https://example\.com`}})
	for e := range ConfigErrors(err) {
		if e.Reason != ConfigReasonMisplacedWildcard || e.Field != "origins" || e.Index != 0 {
			t.Errorf("got %v", e)
		}
	}
	if err == nil {
		t.Error("got no error")
	}
}

func TestRegexpsSurviveJSON(t *testing.T) {
	want := Config{OriginRegexps: []string{`^https://.*\.com$`}, Unsafe: Unsafe{Accept: []string{`^https://.*\.com$`}}}
	data, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	wantJSON := `{"origin_regexps":["^https://.*\\.com$"],"unsafe":{"accept":["^https://.*\\.com$"]}}`
	if string(data) != wantJSON {
		t.Errorf("JSON = %s, want %s", data, wantJSON)
	}
	got, err := ParseConfig(data)
	if err != nil || !slices.Equal(got.OriginRegexps, want.OriginRegexps) || !slices.Equal(got.Unsafe.Accept, want.Unsafe.Accept) {
		t.Errorf("ParseConfig = %+v, %v, want %+v", got, err, want)
	}
	p, err := Compile(got)
	if err != nil {
		t.Fatal(err)
	}
	p.Config().OriginRegexps[0] = "changed"
	if got := p.Config().OriginRegexps[0]; got != want.OriginRegexps[0] {
		t.Errorf("the policy's own configuration was changed to %q", got)
	}
}

func TestRegexpsNeverMatchNull(t *testing.T) {
	p := allowing(t, `null|https://example\.com`)
	r := from("null")
	d := p.Decide(r)
	if v := p.Verdict(r, &d); v.Reason != ReasonOriginNull {
		t.Errorf("reason for null: got %v, want %v", v.Reason, ReasonOriginNull)
	}
}
