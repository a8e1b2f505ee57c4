package otelcors

import (
	"strings"
	"testing"
	"unicode/utf8"
	"unsafe"
)

func TestClean(t *testing.T) {
	const limit = 16
	tests := []struct{ name, raw, want string }{
		{"nothing", "", ""},
		{"plain", "https://a", "https://a"},
		{"just short enough", "0123456789abcdef", "0123456789abcdef"},
		{"too long", "0123456789abcdefg", "0123456789abcdef"},
		{"other scripts", "https://ä.de", "https://ä.de"},
		{"cut between two characters", "0123456789abcdeä", "0123456789abcde"},
		{"not a character", "a\xffb", "a\ufffdb"},
		{"half a character at the end", "aä"[:2], "a\ufffd"},
		{"replacements count", strings.Repeat("\xff", 16), strings.Repeat("\ufffd", 5)},
		{"control characters", "a\x00\x1b\r\nb\x7f", "a\ufffd\ufffd\ufffd\ufffdb"},
		{"text that turns around", "a\u202eb", "a\ufffdb"},
	}
	for _, test := range tests {
		if got := clean(test.raw, limit); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

func TestCleanCopies(t *testing.T) {
	for _, raw := range []string{"https://a.example", "https://ä.example", strings.Repeat("a", 300)} {
		if got := clean(raw, maxOrigin); unsafe.StringData(got) == unsafe.StringData(raw) {
			t.Errorf("%.20q: got the memory of the request, want a copy", raw)
		}
	}
}

func TestCutToOrigin(t *testing.T) {
	tests := []struct{ name, raw, want string }{
		{"an origin", "https://app.example.com:8443", "https://app.example.com:8443"},
		{"an address", "http://[::1]:8080", "http://[::1]:8080"},
		{"null", "null", "null"},
		{"nothing", "", ""},
		{"user, path", "https://user:pw@app.example.com/secret", "https://app.example.com"},
		{"query", "https://app.example.com?token=secret", "https://app.example.com"},
		{"fragment", "https://app.example.com#secret", "https://app.example.com"},
		{"a backslash, which browsers take for a slash", `https://app.example.com\secret`, "https://app.example.com"},
		{"more than one @", "https://user:p@w@app.example.com:1", "https://app.example.com:1"},
		{"an address in the query", "https://app.example.com/?mail=me@secret.example", "https://app.example.com"},
		{"no scheme", "user:pw@app.example.com/secret", "app.example.com"},
		{"a scheme without slashes", "https:user:pw@app.example.com/secret", "app.example.com"},
		{"one slash only", "https:/user:pw@app.example.com/secret", "https:"},
		{"no scheme but one within", "user:pw@app.example.com/?next=https://secret.example", "app.example.com"},
		{"an @ before the scheme's end", "me@host://app.example.com", "host:"},
		{"two origins", "https://a.example, https://user:pw@b.example", "https://a.example, https:"},
		{"a path", "/secret", ""},
		{"control characters stay for clean to replace", "https://a\x00.example/", "https://a\x00.example"},
	}
	for _, test := range tests {
		if got := cutToOrigin(test.raw); got != test.want {
			t.Errorf("%s: %q: got %q, want %q", test.name, test.raw, got, test.want)
		}
	}
}

func FuzzCutToOrigin(f *testing.F) {
	f.Add("https://user:pw@app.example.com/secret")
	f.Fuzz(func(t *testing.T, raw string) {
		got := cutToOrigin(raw)
		if rest := got[strings.Index(got, "://")+1:]; strings.ContainsAny(strings.TrimPrefix(rest, "//"), `@/\?#`) {
			t.Errorf("got %q for %q, want no user, path, query or fragment", got, raw)
		}
		if again := cutToOrigin(got); again != got {
			t.Errorf("got %q for %q, and %q for that, want the same", got, raw, again)
		}
	})
}

func FuzzClean(f *testing.F) {
	f.Add("https://a.example", 16)
	f.Add("\xff\x00\u202eä", 3)
	f.Fuzz(func(t *testing.T, raw string, limit int) {
		limit = max(0, min(limit, 512))
		got := clean(raw, limit)
		if len(got) > limit || !utf8.ValidString(got) {
			t.Errorf("got %q for %q, want valid UTF-8 of at most %d bytes", got, raw, limit)
		}
		if again := clean(got, limit); again != got {
			t.Errorf("got %q for %q, and %q for that, want the same", got, raw, again)
		}
	})
}
