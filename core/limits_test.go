package core

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/corselet/corselet/core/internal/origin"
)

// Each bound is tested on both sides.

func TestAMethodHasAtMost64Bytes(t *testing.T) {
	for length, want := range map[int]bool{1: true, 63: true, 64: true, 65: false, 1000: false} {
		method := strings.Repeat("M", length)
		_, err := Compile(Config{Origins: []string{"https://a.example"}, Methods: []string{method}})
		if (err == nil) != want {
			t.Errorf("a configured method of %d bytes: got error %v, want accepted %v", length, err, want)
		}
		p := mustNew(t, Config{Origins: []string{"https://a.example"}, Credentials: true, Methods: []string{"*"}}).Policy()
		r := message{Method: "OPTIONS", Origins: []string{"https://a.example"}, RequestMethods: []string{method}}.request()
		d := p.Decide(r)
		if v := p.Verdict(r, &d); (v.Outcome == OutcomeAllowed) != want || d.RepeatsMethod != want {
			t.Errorf("a requested method of %d bytes: got %+v, repeated %v, want allowed %v", length, v, d.RepeatsMethod, want)
		}
	}
}

func TestAWildcardLeavesRoomForALabel(t *testing.T) {
	label := strings.Repeat("a", origin.MaxLabel)
	host := strings.Repeat(label+".", 3) // 192 bytes
	for length, want := range map[int]bool{250: true, 251: true, 252: false, 253: false} {
		base := host + strings.Repeat("b", length-len(host))
		_, err := Compile(Config{Origins: []string{"https://*." + base}})
		if (err == nil) != want {
			t.Errorf("a wildcard in front of %d bytes: got error %v, want accepted %v", length, err, want)
		}
		if !want {
			continue
		}
		p := mustNew(t, Config{Origins: []string{"https://*." + base}}).Policy()
		if d := p.Decide(from("https://x." + base)); !d.OriginAllowed {
			t.Errorf("a label in front of %d bytes: got a refusal, want it allowed", length)
		}
	}
}

func TestMaxAgeIsWholeSecondsUpToADay(t *testing.T) {
	tests := []struct {
		age  time.Duration
		want string // "": no field; "refused": an error
	}{
		{-time.Nanosecond, "0"}, {-time.Hour, "0"}, {0, ""},
		{time.Nanosecond, "refused"}, {time.Second - 1, "refused"}, {time.Second, "1"}, {time.Second + 1, "refused"},
		{2 * time.Second, "2"}, {24 * time.Hour, "86400"}, {24*time.Hour + time.Second, "refused"},
	}
	for _, test := range tests {
		got := "refused"
		if p, err := Compile(Config{Origins: []string{"https://a.example"}, MaxAge: test.age}); err == nil {
			r := message{Method: "OPTIONS", Origins: []string{"https://a.example"}, RequestMethods: []string{"PUT"}}.request()
			d := p.Decide(r)
			got = fieldsOf(&d, r)[FieldMaxAge]
		}
		if got != test.want {
			t.Errorf("%v: got %q, want %q", test.age, got, test.want)
		}
	}
}

func TestPreflightStatusIsAnOKStatus(t *testing.T) {
	for status, want := range map[int]int{0: 204, 199: 0, 200: 200, 204: 204, 299: 299, 300: 0, -1: 0} {
		got := 0
		if p, err := Compile(Config{Origins: []string{"https://a.example"}, PreflightStatus: status}); err == nil {
			got = p.Decide(message{Method: "OPTIONS", Origins: []string{"https://a.example"},
				RequestMethods: []string{"PUT"}}.request()).Status
		}
		if got != want {
			t.Errorf("%d: got %d, want %d (0: refused)", status, got, want)
		}
	}
}

// Mistakes come in the order of the configuration's fields, and within a list in the order of its entries.
func TestMistakesComeInOrder(t *testing.T) {
	_, err := Compile(Config{
		Origins:         []string{"https://a.example/", "https://b.example", "c.example"},
		OriginRegexps:   []string{"(", "https://a\\.example", ")"},
		Methods:         []string{"put", "P T"},
		RequestHeaders:  []string{"Cookie", "a b"},
		ExposeHeaders:   []string{"Set-Cookie", "c d"},
		MaxAge:          time.Millisecond,
		PreflightStatus: 404,
	})
	type place struct {
		field string
		index int
	}
	var got []place
	for e := range ConfigErrors(err) {
		got = append(got, place{e.Field, e.Index})
	}
	want := []place{
		{"origins", 0}, {"origins", 2}, {"origin_regexps", 0}, {"origin_regexps", 2}, {"methods", 0}, {"methods", 1},
		{"request_headers", 0}, {"request_headers", 1}, {"expose_headers", 0}, {"expose_headers", 1},
		{"max_age", -1}, {"preflight_status", -1},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// A configuration file reports them in the order of the file.
func TestMistakesInAFileComeInItsOrder(t *testing.T) {
	_, err := ParseConfig([]byte(`{"max_age": true, "origins": [1, "https://a.example", null], "zzz": 1, "credentials": "yes",
		"methods": {}, "aaa": 2, "max_age": "1s", "unsafe": {"b": 1, "a": 2}}`))
	var got []string
	for e := range ConfigErrors(err) {
		got = append(got, e.Field)
	}
	want := []string{"max_age", "origins", "origins", "zzz", "credentials", "methods", "aaa", "max_age", "unsafe.b", "unsafe.a"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLinesSayWhetherTheyAreThere(t *testing.T) {
	tests := []struct {
		name  string
		lines Lines
		count int
		first string
		ok    bool
	}{
		{"no lines", Lines{}, 0, "", false},
		{"no strings", StringLines(nil), 0, "", false},
		{"no byte slices", ByteLines(nil), 0, "", false},
		{"an empty list of byte slices", ByteLines([][]byte{}), 0, "", false},
		{"an empty string", StringLines([]string{""}), 1, "", true},
		{"an empty byte slice", ByteLines([][]byte{nil}), 1, "", true},
		{"two strings", StringLines([]string{"a", "b"}), 2, "a", true},
		{"two byte slices with white space", ByteLines([][]byte{[]byte("\t a b "), []byte("c")}), 2, "a b", true},
	}
	for _, test := range tests {
		first, ok := test.lines.First()
		if test.lines.Len() != test.count || first != test.first || ok != test.ok {
			t.Errorf("%s: got %d, %q, %v, want %d, %q, %v", test.name, test.lines.Len(), first, ok, test.count, test.first, test.ok)
		}
	}
}

// An unknown key is shown so that a terminal can stand it.
func TestMistakesHaveNoControlCharacters(t *testing.T) {
	_, err := ParseConfig([]byte(`{"a\u0000\u001b[31m": 1}`))
	if text := err.Error(); strings.ContainsAny(text, "\x00\x1b") || !strings.Contains(text, `a\x00\x1b[31m`) {
		t.Errorf("got %q, want the key quoted", text)
	}
}
