package origin

import (
	"encoding/json"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// slowOrigin is what Parse has to agree with: the grammar of the documentation as a regular
// expression, and addresses by net/netip.
func slowOrigin(s string) bool {
	grammar, web := slowOpaqueGrammar, strings.HasPrefix(s, "http:") || strings.HasPrefix(s, "https:")
	if web {
		grammar = slowOriginGrammar
	}
	m := grammar.FindStringSubmatch(s)
	if m == nil {
		return false
	}
	scheme, host, port := m[1], m[2], m[3]
	if len(scheme) > 64 || len(host) > 253 && host[0] != '[' {
		return false
	}
	if port != "" {
		n, err := strconv.Atoi(port)
		if err != nil || n < 1 || n > 65535 || strconv.Itoa(n) != port {
			return false
		}
		if scheme == "http" && n == 80 || scheme == "https" && n == 443 {
			return false
		}
	}
	return !web && host[0] != '[' || slowHost(host)
}

var (
	slowOriginGrammar = regexp.MustCompile(
		`\A([a-z][a-z0-9+.-]*)://(\[[0-9a-f:]+\]|[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*)(?::([0-9]+))?\z`)
	slowOpaqueGrammar = regexp.MustCompile(
		`\A([a-z][a-z0-9+.-]*)://(\[[0-9a-f:]+\]|[A-Za-z0-9._-]+)(?::([0-9]+))?\z`)
	slowNumber = regexp.MustCompile(`\A(?:[0-9]+|0x[0-9a-f]*)\z`)
)

func slowHost(host string) bool {
	if inner, ok := strings.CutPrefix(host, "["); ok {
		addr, err := netip.ParseAddr(strings.TrimSuffix(inner, "]"))
		if err != nil {
			return false
		}
		if addr.Is4In6() { // netip writes these with dots, browsers without
			raw := addr.As16()
			pieces := [2]uint64{uint64(raw[12])<<8 | uint64(raw[13]), uint64(raw[14])<<8 | uint64(raw[15])}
			return inner == "::ffff:"+strconv.FormatUint(pieces[0], 16)+":"+strconv.FormatUint(pieces[1], 16)+"]"
		}
		return addr.String() == strings.TrimSuffix(inner, "]")
	}
	if last := host[strings.LastIndexByte(host, '.')+1:]; slowNumber.MatchString(last) {
		addr, err := netip.ParseAddr(host)
		return err == nil && addr.Is4() && addr.String() == host
	}
	return true
}

func TestParseOriginTakesPartsThatMakeUpTheWhole(t *testing.T) {
	for _, v := range readVectors[struct {
		Origin, Scheme, Host, Port string
	}](t, "origins_valid.json") {
		o, ok := Parse(v.Origin)
		if !ok {
			t.Errorf("%q: refused", v.Origin)
			continue
		}
		if o.Scheme() != v.Scheme || o.Host() != v.Host || o.Port() != v.Port || o.String() != v.Origin {
			t.Errorf("%q: got %q %q %q, want %q %q %q", v.Origin, o.Scheme(), o.Host(), o.Port(), v.Scheme, v.Host, v.Port)
		}
		if !slowOrigin(v.Origin) {
			t.Errorf("%q: the slow reference refuses it", v.Origin)
		}
		if u, err := url.Parse(v.Origin); err != nil || u.Scheme != o.Scheme() || u.Host != o.Authority() {
			t.Errorf("%q: net/url disagrees: %v %v", v.Origin, u, err)
		}
	}
}

func TestParseOriginRefusesWhatNoBrowserSends(t *testing.T) {
	for _, v := range readVectors[struct{ Origin, Why string }](t, "origins_invalid.json") {
		if _, ok := Parse(v.Origin); ok {
			t.Errorf("%q: accepted, though: %s", v.Origin, v.Why)
		}
		if slowOrigin(v.Origin) {
			t.Errorf("%q: the slow reference accepts it", v.Origin)
		}
	}
}

func TestParseOriginBounds(t *testing.T) {
	label := strings.Repeat("a", 63)
	longest := strings.Repeat(label+".", 3) + strings.Repeat("a", 61) // 253 bytes
	tests := []struct {
		name, origin string
		want         bool
	}{
		{"a scheme of 64 bytes", strings.Repeat("a", 64) + "://a", true},
		{"a scheme of 65 bytes", strings.Repeat("a", 65) + "://a", false},
		{"a label of 63 bytes", "https://" + label + ".a", true},
		{"a label of 64 bytes", "https://" + label + "a.a", false},
		{"a last label of 64 bytes", "https://a." + label + "a", false},
		{"a host of 253 bytes", "https://" + longest, true},
		{"a host of 254 bytes", "https://" + longest + "a", false},
		{"everything at its longest", strings.Repeat("a", 64) + "://" + longest + ":65535", true},
		{"64 KiB", "https://" + strings.Repeat("a.", 32<<10) + "a", false},
	}
	for _, test := range tests {
		if _, got := Parse(test.origin); got != test.want {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}

func FuzzParseOrigin(f *testing.F) {
	for _, v := range readVectors[struct{ Origin string }](f, "origins_valid.json") {
		f.Add(v.Origin)
	}
	for _, v := range readVectors[struct{ Origin string }](f, "origins_invalid.json") {
		f.Add(v.Origin)
	}
	f.Fuzz(func(t *testing.T, s string) {
		o, ok := Parse(s)
		if want := slowOrigin(s); ok != want {
			t.Fatalf("Parse(%q): got %v, want %v", s, ok, want)
		}
		if !ok {
			return
		}
		whole := o.Scheme() + "://" + o.Host()
		if o.WithoutPort() != whole {
			t.Errorf("withoutPort: got %q, want %q", o.WithoutPort(), whole)
		}
		if o.Port() != "" {
			whole += ":" + o.Port()
		}
		if whole != s || o.Scheme()+"://"+o.Authority() != s {
			t.Errorf("the parts of %q make up %q", s, whole)
		}
	})
}

// readVectors reads a list of test vectors.
func readVectors[T any](t testing.TB, file string) []T {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	var vectors []T
	if err := json.Unmarshal(data, &vectors); err != nil || len(vectors) == 0 {
		t.Fatalf("%s: got %d vectors and error %v", file, len(vectors), err)
	}
	return vectors
}
