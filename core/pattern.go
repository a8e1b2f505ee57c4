package core

import (
	"fmt"
	"strings"

	"golang.org/x/net/idna"
)

// pattern is one configured entry that allows origins: exact, every subdomain, any port, or both of the latter.
type pattern struct {
	text       string // as configured
	origin     origin // without its wildcards
	subdomains bool   // "*." stands in front of the host
	anyPort    bool   // ":*" stands behind it
}

// parsePattern reads one entry of Config.Origins other than "*". What it returns matches at least one origin that a
// browser can send; everything else is an error, because a pattern that silently never matches costs an afternoon.
func parsePattern(text string) (pattern, *ConfigError) {
	if p, ok := readPattern(text); ok {
		return p, nil
	}
	reason, hint := diagnose(text)
	if mended := mend(text); mended != "" {
		hint = fmt.Sprintf("write %q", mended)
	}
	return pattern{}, &ConfigError{Value: text, Reason: reason, Hint: hint}
}

func readPattern(text string) (p pattern, ok bool) {
	p.text = text
	bare := text
	if scheme, rest, found := strings.Cut(bare, "://*."); found {
		bare, p.subdomains = scheme+"://"+rest, true
	}
	bare, p.anyPort = strings.CutSuffix(bare, ":*")
	p.origin, ok = parseOrigin(bare)
	if !ok || p.origin.scheme == "file" || p.anyPort && p.origin.port != "" {
		return p, false
	}
	if p.subdomains && (isIP(p.origin.host) || len("x.")+len(p.origin.host) > maxHost) {
		return p, false
	}
	return p, true
}

// isIP reports whether a valid host is an IP address.
func isIP(host string) bool { return host[0] == '[' || isIPv4(host) }

// onPublicSuffix reports whether the pattern covers the sites of more than one owner: "*." stands in front of a public
// suffix, or of a name such as amazonaws.com that has public suffixes below it. A single label that no list knows,
// such as "internal", is taken for a network of one's own.
//
// https://publicsuffix.org/list/
func (p *pattern) onPublicSuffix() bool {
	return p.subdomains && !isLoopback(p.origin.host) && !settles(p.origin.host)
}

// diagnose names the first thing that is wrong with a pattern that cannot be read.
func diagnose(text string) (ConfigReason, string) {
	scheme, rest, hasScheme := strings.Cut(text, "://")
	authority := rest
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		authority = rest[:i]
	}
	after := rest[len(authority):]
	switch {
	case text == "":
		return ConfigEmpty, `write an origin such as "https://example.com"`
	case strings.ContainsAny(text, ", \t\r\n") && mend(text) == "":
		return ConfigInvalidHost, "write one origin an entry, without white space"
	case strings.EqualFold(text, "null"):
		return ConfigNullOrigin, "give the frame an origin of its own, or set unsafe.null_origin"
	case strings.EqualFold(scheme, "file") && hasScheme:
		return ConfigOpaqueOrigin, "serve the page over http from localhost"
	case !hasScheme:
		return ConfigMissingScheme, `write scheme://host[:port], such as "https://example.com"`
	case strings.Contains(scheme, "*"):
		return ConfigMisplacedWildcard, wildcardHint
	case schemeEnd(strings.ToLower(scheme)+"://") < 0:
		return ConfigInvalidScheme, `write a scheme of letters, digits, "+", "-" and ".", such as "https"`
	case strings.Contains(authority, "@"):
		return ConfigUserInfo, "write scheme://host[:port] without it"
	case strings.HasPrefix(after, "/"):
		return ConfigPath, "write scheme://host[:port] without it"
	case after != "":
		return ConfigQuery, "write scheme://host[:port] without it"
	}
	return diagnoseAuthority(scheme, authority)
}

const wildcardHint = `write "https://*.example.com" for every subdomain, "https://example.com:*" for every port, ` +
	`or several entries`

func diagnoseAuthority(scheme, authority string) (ConfigReason, string) {
	host, subdomains := strings.CutPrefix(authority, "*.")
	host, anyPort := strings.CutSuffix(host, ":*")
	host, port := splitPort(host)
	switch {
	case strings.Contains(host+port, "*"), subdomains && isIPLike(host), anyPort && port != "":
		return ConfigMisplacedWildcard, wildcardHint
	case scheme != strings.ToLower(scheme) || host != strings.ToLower(host):
		return ConfigUpperCase, "write it in lower case"
	case strings.ContainsFunc(host, func(r rune) bool { return r >= 0x80 }):
		return ConfigUnicodeHost, "write the host as punycode"
	case port != "" && strings.TrimPrefix(port, ":") == defaultPort(scheme):
		return ConfigDefaultPort, "leave the port out"
	case port != "" && !isPort(port[1:]):
		return ConfigInvalidPort, "write a port from 1 to 65535 without leading zeros"
	case isIPLike(host):
		return ConfigIPAddress, "write a canonical IPv4 address, or a canonical IPv6 address in brackets"
	}
	return ConfigInvalidHost, "write a domain name: labels of letters, digits, hyphens and underscores, " +
		"with single dots between them and none at the end"
}

// splitPort cuts a port off, colon included. Brackets protect the colons of an IPv6 address.
func splitPort(authority string) (host, port string) {
	i := strings.LastIndexByte(authority, ':')
	if i < 0 || strings.Contains(authority[i:], "]") {
		return authority, ""
	}
	if strings.Count(authority, ":") > 1 && !strings.HasPrefix(authority, "[") {
		return authority, "" // an IPv6 address whose brackets were forgotten
	}
	return authority[:i], authority[i:]
}

// isIPLike reports whether a host was meant as an IP address, canonical or not.
func isIPLike(host string) bool {
	if strings.HasPrefix(host, "[") || strings.Contains(host, ":") {
		return true
	}
	last := host[strings.LastIndexByte(host, '.')+1:]
	return last != "" && isNumber(last)
}

// mend returns the pattern that was most likely meant, or "" if there is no telling.
func mend(text string) string {
	text = strings.TrimSpace(text)
	scheme, rest, hasScheme := strings.Cut(text, "://")
	if !hasScheme {
		scheme, rest = "https", text
	}
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	rest = rest[strings.LastIndexByte(rest, '@')+1:]
	rest, subdomains := strings.CutPrefix(rest, "*.")
	rest, anyPort := strings.CutSuffix(rest, ":*")
	host, port := splitPort(rest)
	port = strings.TrimPrefix(port, ":")
	if !hasScheme && !strings.ContainsAny(host, ".[") && !isLoopback(host) {
		return "" // such as "null" and "http:/example.com", whose host is not where it seems to be
	}
	if !hasScheme && (isLoopback(host) || port == "80") {
		scheme = "http"
	}
	scheme = strings.ToLower(scheme)
	if port == defaultPort(scheme) {
		port = ""
	}
	mended := scheme + "://"
	if subdomains {
		mended += "*."
	}
	mended += mendHost(host)
	if port != "" {
		mended += ":" + port
	}
	if anyPort {
		mended += ":*"
	}
	if _, ok := readPattern(mended); !ok {
		return ""
	}
	return mended
}

// mendHost returns the host as a browser would write it, or as it is.
func mendHost(host string) string {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	bare := strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if pieces, ok := parseIPv6(bare); ok {
		return "[" + string(appendIPv6(nil, pieces)) + "]"
	}
	if ascii, err := idna.Lookup.ToASCII(host); err == nil {
		return ascii
	}
	return host
}
