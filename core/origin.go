package core

import "strings"

// origin is a serialized origin, cut into parts that are substrings of the whole.
type origin struct {
	text   string // all of it
	scheme string
	host   string // an IPv6 address stands in brackets
	port   string // empty where the scheme's default is meant
}

// Bounds of a serialized origin.
const (
	maxScheme = 64
	maxHost   = 253
	maxLabel  = 63
	maxOrigin = maxScheme + len("://") + maxHost + len(":65535")
)

// parseOrigin takes s apart. It accepts exactly what browsers can serialize as the origin of a page with a host, so
// it fails for "null", upper case, default ports and non-canonical addresses. It does not allocate, and refuses what
// is longer than any origin before it reads it.
//
// It runs in front of everything that sees an origin: patterns, callbacks, logs and telemetry.
//
// https://html.spec.whatwg.org/multipage/browsers.html#ascii-serialisation-of-an-origin
func parseOrigin(s string) (o origin, ok bool) {
	if len(s) > maxOrigin {
		return o, false
	}
	end := schemeEnd(s)
	if end < 0 {
		return o, false
	}
	o = origin{text: s, scheme: s[:end]}
	authority := s[end+len("://"):]
	hostEnd := hostEnd(authority)
	if hostEnd <= 0 {
		return o, false
	}
	o.host = authority[:hostEnd]
	if hostEnd == len(authority) {
		return o, true
	}
	o.port = authority[hostEnd+1:]
	return o, authority[hostEnd] == ':' && isPort(o.port) && o.port != defaultPort(o.scheme)
}

// authority returns host[:port].
func (o *origin) authority() string { return o.text[len(o.scheme)+len("://"):] }

// withoutPort returns scheme://host.
func (o *origin) withoutPort() string { return o.text[:len(o.scheme)+len("://")+len(o.host)] }

// schemeEnd returns the length of the scheme that "://" ends, or -1.
func schemeEnd(s string) int {
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
	if i > maxScheme || !strings.HasPrefix(s[i:], "://") {
		return -1
	}
	return i
}

// hostEnd returns the length of the host at the start of s, or -1 if there is no valid one.
func hostEnd(s string) int {
	if strings.HasPrefix(s, "[") {
		end := strings.IndexByte(s, ']')
		if end < 0 || !isIPv6(s[1:end]) {
			return -1
		}
		return end + 1
	}
	label, i := 0, 0 // label is where the current label starts
	for ; i < len(s); i++ {
		if classes[s[i]]&classHost != 0 {
			continue
		}
		if s[i] == ':' {
			break
		}
		if s[i] != '.' || i == label || i-label > maxLabel {
			return -1
		}
		label = i + 1
	}
	if i == label || i-label > maxLabel || i > maxHost {
		return -1
	}
	// A host whose last label is a number is an IPv4 address or no host at all.
	// https://url.spec.whatwg.org/#ends-in-a-number-checker
	if isNumber(s[label:i]) && !isIPv4(s[:i]) {
		return -1
	}
	return i
}

// isNumber reports whether a label is decimal, or hexadecimal with 0x in front.
func isNumber(label string) bool {
	if classes[label[0]]&classDigit == 0 {
		return false
	}
	if hex, ok := strings.CutPrefix(label, "0x"); ok {
		return strings.Trim(hex, "0123456789abcdef") == ""
	}
	return strings.Trim(label, "0123456789") == ""
}

// isPort reports whether s is a number from 1 to 65535 without leading zeros.
func isPort(s string) bool {
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

// defaultPort returns the port that browsers leave out of an origin with that scheme.
func defaultPort(scheme string) string {
	switch scheme {
	case "http":
		return "80"
	case "https":
		return "443"
	}
	return ""
}

// isInsecure reports whether what the origin's pages are made of can be altered on the network: http to a host that
// is not this machine. With credentials such an origin lets whoever sits on the network read what users may read.
//
// https://w3c.github.io/webappsec-secure-contexts/#is-origin-trustworthy
func (o *origin) isInsecure() bool {
	return o.scheme == "http" && !isLoopback(o.host)
}

// isLoopback reports whether a valid host names the machine that asks: localhost, a name below it, 127.0.0.0/8, ::1.
func isLoopback(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") || host == "[::1]" {
		return true
	}
	return strings.HasPrefix(host, "127.") && isIPv4(host)
}
