package core

import (
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// slowOrigin is what parseOrigin has to agree with: the grammar of the documentation as a regular expression, and
// addresses by net/netip.
func slowOrigin(s string) bool {
	m := slowOriginGrammar.FindStringSubmatch(s)
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
	return slowHost(host)
}

var (
	slowOriginGrammar = regexp.MustCompile(
		`\A([a-z][a-z0-9+.-]*)://(\[[0-9a-f:]+\]|[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*)(?::([0-9]+))?\z`)
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
		o, ok := parseOrigin(v.Origin)
		if !ok {
			t.Errorf("%q: refused", v.Origin)
			continue
		}
		if o.scheme != v.Scheme || o.host != v.Host || o.port != v.Port || o.text != v.Origin {
			t.Errorf("%q: got %q %q %q, want %q %q %q", v.Origin, o.scheme, o.host, o.port, v.Scheme, v.Host, v.Port)
		}
		if !slowOrigin(v.Origin) {
			t.Errorf("%q: the slow reference refuses it", v.Origin)
		}
		if u, err := url.Parse(v.Origin); err != nil || u.Scheme != o.scheme || u.Host != o.authority() {
			t.Errorf("%q: net/url disagrees: %v %v", v.Origin, u, err)
		}
	}
}

func TestParseOriginRefusesWhatNoBrowserSends(t *testing.T) {
	for _, v := range readVectors[struct{ Origin, Why string }](t, "origins_invalid.json") {
		if _, ok := parseOrigin(v.Origin); ok {
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
		if _, got := parseOrigin(test.origin); got != test.want {
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
		o, ok := parseOrigin(s)
		if want := slowOrigin(s); ok != want {
			t.Fatalf("parseOrigin(%q): got %v, want %v", s, ok, want)
		}
		if !ok {
			return
		}
		whole := o.scheme + "://" + o.host
		if o.withoutPort() != whole {
			t.Errorf("withoutPort: got %q, want %q", o.withoutPort(), whole)
		}
		if o.port != "" {
			whole += ":" + o.port
		}
		if whole != s || o.scheme+"://"+o.authority() != s {
			t.Errorf("the parts of %q make up %q", s, whole)
		}
	})
}
