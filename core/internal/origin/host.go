package origin

import "strings"

// hostLength returns the length of the host at the start of s, or -1 if there is no valid one.
func hostLength(s string) int {
	if strings.HasPrefix(s, "[") {
		return addressLength(s)
	}
	label, i := 0, 0 // label is where the current label starts
	for ; i < len(s); i++ {
		if classes[s[i]]&classHost != 0 {
			continue
		}
		if s[i] == ':' {
			break
		}
		if s[i] != '.' || i == label || i-label > MaxLabel {
			return -1
		}
		label = i + 1
	}
	if i == label || i-label > MaxLabel || i > MaxHost {
		return -1
	}
	// A host whose last label is a number is an IPv4 address or no host at all.
	// https://url.spec.whatwg.org/#ends-in-a-number-checker
	if IsNumber(s[label:i]) && !isIPv4(s[:i]) {
		return -1
	}
	return i
}

// addressLength returns the length of the IPv6 address in brackets at the start of s, or -1.
func addressLength(s string) int {
	end := strings.IndexByte(s, ']')
	if end < 0 || !isIPv6(s[1:end]) {
		return -1
	}
	return end + 1
}

// opaqueHostLength returns the length of the host of another scheme at the start of s, or -1 if
// there is no valid one. Browsers do not normalize it: Safari's extensions have upper-case letters,
// Electron's pages a dot. Of what the standard allows, letters, digits, "-", "_" and dots are
// taken.
//
// https://url.spec.whatwg.org/#concept-opaque-host-parser
func opaqueHostLength(s string) int {
	if strings.HasPrefix(s, "[") {
		return addressLength(s)
	}
	i := 0
	for i < len(s) && classes[s[i]]&classOpaque != 0 {
		i++
	}
	if i == 0 || i > MaxHost {
		return -1
	}
	return i
}

// IsNumber reports whether a label, which is not empty, is decimal, or hexadecimal with 0x in
// front.
func IsNumber(label string) bool {
	if classes[label[0]]&classDigit == 0 {
		return false
	}
	if hex, ok := strings.CutPrefix(label, "0x"); ok {
		return strings.Trim(hex, "0123456789abcdef") == ""
	}
	return strings.Trim(label, "0123456789") == ""
}

// IsIP reports whether a valid host is an IP address.
func IsIP(host string) bool { return host[0] == '[' || isIPv4(host) }

// IsLoopback reports whether a valid host is the machine that asks: localhost, a name below it,
// 127.0.0.0/8, or ::1.
func IsLoopback(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") || host == "[::1]" {
		return true
	}
	return strings.HasPrefix(host, "127.") && isIPv4(host)
}
