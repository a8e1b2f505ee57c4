// Package origin parses serialized origins, and knows what their hosts are: names, IP addresses, or
// this machine. It may know the standard library only.
package origin

import "strings"

// An Origin is a serialized origin, taken apart. Its parts are substrings of the whole.
type Origin struct {
	text   string
	scheme uint16 // length
	host   uint16 // length
}

// Bounds of a serialized origin, in bytes.
const (
	MaxScheme = 64
	MaxHost   = 253
	MaxLabel  = 63
	MaxLength = MaxScheme + len("://") + MaxHost + len(":65535")
)

// File is the origin of local files in Electron and older WebViews; browsers send "null". It has no
// host, so that [Parse] does not take it: only equality finds it.
const File = "file://"

// Parse takes s apart. It accepts exactly what browsers can serialize as the origin of a page with
// a host, so it fails for "null", default ports and non-canonical addresses. Hosts of http and
// https are normalized; those of other schemes are opaque. It does not allocate, and refuses what
// is longer than any origin before it reads it.
//
// https://html.spec.whatwg.org/multipage/browsers.html#ascii-serialisation-of-an-origin
func Parse(s string) (o Origin, ok bool) {
	if len(s) > MaxLength {
		return o, false
	}
	scheme := SchemeLength(s)
	if scheme < 0 {
		return o, false
	}
	authority := s[scheme+len("://"):]
	host := hostOf(s[:scheme], authority)
	if host <= 0 {
		return o, false
	}
	o = Origin{s, uint16(scheme), uint16(host)}
	if host == len(authority) {
		return o, true
	}
	port := authority[host+1:]
	return o, authority[host] == ':' && IsPort(port) && port != DefaultPort(s[:scheme])
}

// hostOf returns the length of the host at the start of s under a scheme, or -1.
func hostOf(scheme, s string) int {
	if IsWeb(scheme) {
		return hostLength(s)
	}
	return opaqueHostLength(s)
}

// String returns the whole origin.
func (o Origin) String() string { return o.text }

// Scheme returns the scheme, such as "https".
func (o Origin) Scheme() string { return o.text[:o.scheme] }

// Host returns the host; an IPv6 address is in brackets.
func (o Origin) Host() string { return o.Authority()[:o.host] }

// Port returns the port. It is empty where the scheme's default is meant.
func (o Origin) Port() string { return strings.TrimPrefix(o.Authority()[o.host:], ":") }

// Authority returns host[:port].
func (o Origin) Authority() string { return o.text[int(o.scheme)+len("://"):] }

// WithoutPort returns scheme://host.
func (o Origin) WithoutPort() string { return o.text[:int(o.scheme)+len("://")+int(o.host)] }

// IsInsecure reports whether the origin's pages can be altered on the network: http from a host
// that is not this machine. With credentials, such an origin lets anyone on the network read what
// its users may read.
//
// https://w3c.github.io/webappsec-secure-contexts/#is-origin-trustworthy
func (o Origin) IsInsecure() bool { return o.Scheme() == "http" && !IsLoopback(o.Host()) }

// IsWeb reports whether a scheme is http or https: one whose hosts browsers normalize, and whose
// pages are on the web.
func IsWeb(scheme string) bool { return scheme == "https" || scheme == "http" }

// SchemeLength returns the length of the scheme that "://" ends, or -1.
func SchemeLength(s string) int {
	if strings.HasPrefix(s, "https://") { // most of them
		return len("https")
	}
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return -1
	}
	i := 1
	for i < len(s) && classes[s[i]]&classScheme != 0 {
		i++
	}
	if i > MaxScheme || !strings.HasPrefix(s[i:], "://") {
		return -1
	}
	return i
}

// DefaultPort returns the port that browsers leave out of an origin with that scheme.
func DefaultPort(scheme string) string {
	switch scheme {
	case "http":
		return "80"
	case "https":
		return "443"
	}
	return ""
}

// IsPort reports whether s is a number from 1 to 65535 without leading zeros.
func IsPort(s string) bool {
	n, ok := decimal(s, 5)
	return ok && 1 <= n && n <= 65535
}

// decimal reads a number of at most maxDigits digits without leading zeros.
func decimal(s string, maxDigits int) (n int, ok bool) {
	if s == "" || len(s) > maxDigits || s[0] == '0' && len(s) > 1 {
		return 0, false
	}
	for i := 0; i < len(s); i++ {
		if classes[s[i]]&classDigit == 0 {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, true
}
