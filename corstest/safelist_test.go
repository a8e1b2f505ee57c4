package corstest

import (
	"math/big"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The standard's rules as expressions over values, each byte as a character.
var (
	safeBytes    = regexp.MustCompile(`(?s)^[^\x00-\x08\x0a-\x1f"():<>?@\[\\\]{}\x7f]*$`)
	languageTags = regexp.MustCompile(`^[0-9A-Za-z *,\-.;=]*$`)
	formTypes    = regexp.MustCompile(`(?is)^[\t\n\r ]*(application/x-www-form-urlencoded|multipart/form-data|text/plain)[\t\n\r ]*(;.*)?$`)
	oneRange     = regexp.MustCompile(`^bytes=([0-9]+)-([0-9]*)$`)
)

// isSafelistedSlowly is the slow twin of isSafelistedRequestHeader.
func isSafelistedSlowly(name, value string) bool {
	var characters []rune
	for _, b := range []byte(value) {
		characters = append(characters, rune(b))
	}
	text := string(characters)
	switch {
	case len(value) > 128:
		return false
	case strings.EqualFold(name, "accept"):
		return safeBytes.MatchString(text)
	case strings.EqualFold(name, "accept-language"), strings.EqualFold(name, "content-language"):
		return languageTags.MatchString(text)
	case strings.EqualFold(name, "content-type"):
		return safeBytes.MatchString(text) && formTypes.MatchString(text)
	case strings.EqualFold(name, "range"):
		found := oneRange.FindStringSubmatch(text)
		if found == nil || found[2] == "" {
			return found != nil
		}
		first, _ := new(big.Int).SetString(found[1], 10)
		last, _ := new(big.Int).SetString(found[2], 10)
		return first.Cmp(last) <= 0
	}
	return false
}

var safelistTests = []struct {
	name, value string
	want        bool
}{
	{"accept", "", true},
	{"Accept", strings.Repeat("a", 128), true},
	{"Accept", strings.Repeat("a", 129), false},
	{"Accept", "text/html, */*;q=0.1", true},
	{"Accept", "a\tb", true},
	{"Accept", "a\x01b", false},
	{"Accept", "a\x7fb", false},
	{"Accept", "a\x80\xff", true},
	{"Accept", `"a"`, false},
	{"Accept", "a:b", false},
	{"Accept-Language", "en-US,en;q=0.5, *", true},
	{"Accept-Language", "en_US", false},
	{"Accept-Language", "en\t", false},
	{"Content-Language", "de-CH", true},
	{"Content-Language", "de/CH", false},
	{"Content-Type", "text/plain", true},
	{"Content-Type", "text/plain;charset=utf-8", true},
	{"Content-Type", "TEXT/Plain \t; x", true},
	{"Content-Type", "multipart/form-data; boundary=----x", true},
	{"Content-Type", `multipart/form-data; boundary="x"`, false},
	{"Content-Type", "application/x-www-form-urlencoded", true},
	{"Content-Type", "application/json", false},
	{"Content-Type", "text/plain, application/json", false},
	{"Content-Type", "text/plainer", false},
	{"Content-Type", "text /plain", false},
	{"Content-Type", "", false},
	{"Range", "bytes=0-", true},
	{"Range", "bytes=0-0", true},
	{"Range", "bytes=0010-9", false},
	{"Range", "bytes=9-0010", true},
	{"Range", "bytes=10-9", false},
	{"Range", "bytes=-9", false},
	{"Range", "bytes=0-1,3-4", false},
	{"Range", "bytes= 0-1", false},
	{"Range", "Bytes=0-1", false},
	{"Range", "bytes=0", false},
	{"Range", "bytes=18446744073709551616-18446744073709551617", true},
	{"Range", "bytes=18446744073709551617-18446744073709551616", false},
	{"X-A", "", false},
	{"Authorization", "", false},
	{"DPR", "1", false}, // client hints were safelisted once
}

func TestSafelistedRequestHeaders(t *testing.T) {
	for _, test := range safelistTests {
		if got := isSafelistedRequestHeader(test.name, test.value); got != test.want {
			t.Errorf("%s: %q: got %v, want %v", test.name, test.value, got, test.want)
		}
		if got := isSafelistedSlowly(test.name, test.value); got != test.want {
			t.Errorf("%s: %q: the slow twin got %v, want %v", test.name, test.value, got, test.want)
		}
	}
}

func TestBothTwinsAgreeOnEveryByte(t *testing.T) {
	for _, name := range []string{"Accept", "Accept-Language", "Content-Language", "Content-Type", "Range"} {
		for _, frame := range []string{"%", "text/plain%", "text/plain;%", "bytes=0-%", "%text/plain"} {
			for c := range 256 {
				value := strings.Replace(frame, "%", string([]byte{byte(c)}), 1)
				if got, want := isSafelistedRequestHeader(name, value), isSafelistedSlowly(name, value); got != want {
					t.Errorf("%s: %q: got %v, want %v", name, value, got, want)
				}
			}
		}
	}
}

func FuzzSafelistedRequestHeader(f *testing.F) {
	for _, test := range safelistTests {
		f.Add(test.name, test.value)
	}
	f.Fuzz(func(t *testing.T, name, value string) {
		if !isToken(name) { // EqualFold knows more letters than tokens have
			return
		}
		if got, want := isSafelistedRequestHeader(name, value), isSafelistedSlowly(name, value); got != want {
			t.Errorf("%s: %q: got %v, want %v", name, value, got, want)
		}
	})
}

func TestUnsafeHeaderNamesAreSortedAndInLowerCase(t *testing.T) {
	header := http.Header{"X-B": {"1", "2"}, "X-A": {"1"}, "Accept": {"a", `"`}, "Range": {"bytes=0-"}, "X_C": {"1"}}
	want := []string{"accept", "x-a", "x-b", "x_c"}
	if got := unsafeHeaderNames(header); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// The examples are the standard's: https://fetch.spec.whatwg.org/#example-header-list-get-decode-split
func TestSplitValue(t *testing.T) {
	tests := []struct {
		value string
		want  []string
	}{
		{"nosniff,", []string{"nosniff", ""}},
		{"", []string{""}},
		{`text/html;", x/x`, []string{`text/html;", x/x`}},
		{`x/x;test="hi",y/y`, []string{`x/x;test="hi"`, "y/y"}},
		{"x / x,,,1", []string{"x / x", "", "", "1"}},
		{`"1,2", 3`, []string{`"1,2"`, "3"}},
		{`"1\",2", 3`, []string{`"1\",2"`, "3"}},
		{`"\`, []string{`"\`}},
	}
	for _, test := range tests {
		if got := splitValue(test.value); !slices.Equal(got, test.want) {
			t.Errorf("%q: got %q, want %q", test.value, got, test.want)
		}
	}
}
