package core

import (
	"fmt"
	"regexp"
	"strings"

	"golang.org/x/net/idna"

	"github.com/corselet/corselet/core/internal/domain"
	"github.com/corselet/corselet/core/internal/origin"
)

// diagnosePattern says what is wrong with an entry that readPattern refuses, and what to write
// instead.
func diagnosePattern(text string) (reason ConfigReason, hint string) {
	reason, hint = diagnose(text)
	if fixed := fixPattern(text); fixed != "" && fixed != origin.File {
		hint = fmt.Sprintf("write %q", fixed)
	}
	return reason, hint
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
		return ConfigReasonEmpty, `write an origin such as "https://example.com"`
	case strings.ContainsAny(text, punctuation) && fixPattern(text) == "":
		return ConfigReasonInvalidCharacter, punctuationHint(text)
	case strings.EqualFold(text, "null"):
		return ConfigReasonNullOrigin,
			"write null in lower case" + orAccept
	case hasScheme && strings.EqualFold(scheme, "file"):
		return ConfigReasonOpaqueOrigin, "serve the page over http from localhost, " +
			`or write "file://"` + orAccept
	case hasScheme && hasNoOrigins(strings.ToLower(scheme)):
		return ConfigReasonNeverMatches, noOriginsHint(strings.ToLower(scheme), rest)
	case !hasScheme:
		return ConfigReasonMissingScheme,
			`write scheme://host[:port], such as "https://example.com"`
	case strings.Contains(scheme, "*"):
		return ConfigReasonMisplacedWildcard, wildcardHint
	case origin.SchemeLength(strings.ToLower(scheme)+"://") < 0:
		return ConfigReasonInvalidScheme,
			`write a scheme of letters, digits, "+", "-" and ".", such as "https"`
	case strings.Contains(authority, "@"):
		return ConfigReasonUserInfo, "write scheme://host[:port] without it"
	case strings.HasPrefix(after, "/"):
		return ConfigReasonPath, "write scheme://host[:port] without it"
	case after != "":
		return ConfigReasonQuery, "write scheme://host[:port] without it"
	}
	return diagnoseAuthority(scheme, authority)
}

// punctuation is what is written around and between origins, and in none.
const punctuation = "\"'`;,{}<> \t\r\n"

// punctuationHint names what does not belong into an entry, and shows the entries apart.
func punctuationHint(text string) string {
	what := "white space"
	switch {
	case strings.ContainsAny(text, "\"'`"):
		what = "quotes"
	case strings.Contains(text, "{"):
		what = "braces"
	case strings.Contains(text, ";"):
		what = "semicolons"
	case strings.Contains(text, ","):
		what = "commas"
	}
	hint := "write one origin an entry, without " + what
	var entries []string
	for _, entry := range entriesIn(text) {
		if strings.Contains(entry, "://") != strings.Contains(text, "://") {
			return hint // a part of an origin
		}
		if _, ok := readPattern(entry); !ok {
			entry = fixPattern(entry)
		}
		if entry == "" {
			return hint
		}
		entries = append(entries, quoted(entry))
	}
	if len(entries) == 0 {
		return hint
	}
	return hint + ": " + strings.Join(entries, ", ")
}

// entriesIn returns what punctuation separates, at most ten. Braces are written out, once.
func entriesIn(text string) []string {
	text = text[:min(len(text), 1000)]
	if front, rest, ok := strings.Cut(text, "{"); ok {
		if choices, back, ok := strings.Cut(rest, "}"); ok {
			text = ""
			for choice := range strings.SplitSeq(choices, ",") {
				text += front + strings.TrimSpace(choice) + back + " "
			}
		}
	}
	entries := strings.FieldsFunc(text, func(r rune) bool {
		return strings.ContainsRune(punctuation, r)
	})
	return entries[:min(len(entries), 10)]
}

const wildcardHint = `write "https://*.example.com" for every subdomain, ` +
	`"https://example.com:*" for every port, or several entries`

func diagnoseAuthority(scheme, authority string) (ConfigReason, string) {
	host, subdomains := strings.CutPrefix(authority, "*.")
	host, anyPort := strings.CutSuffix(host, ":*")
	host, port := splitPort(host)
	web := origin.IsWeb(strings.ToLower(scheme))
	switch {
	case !web && host == "*":
		return ConfigReasonMisplacedWildcard,
			"write " + quoted(strings.ToLower(scheme)+"://*") + ", for every port too" + orAccept
	case strings.Contains(host+port, "*"), subdomains && isIPLike(host), anyPort && port != "":
		return ConfigReasonMisplacedWildcard, wildcardHint + regexpInstead(scheme, authority)
	case scheme != strings.ToLower(scheme) || web && host != strings.ToLower(host):
		return ConfigReasonUpperCase, "write it in lower case"
	case strings.ContainsFunc(host, func(r rune) bool { return r >= 0x80 }):
		return ConfigReasonUnicodeHost, "write the host as punycode"
	case port != "" && strings.TrimPrefix(port, ":") == origin.DefaultPort(scheme):
		return ConfigReasonDefaultPort, "leave the port out"
	case port != "" && !origin.IsPort(port[1:]):
		return ConfigReasonInvalidPort, "write a port from 1 to 65535 without leading zeros"
	case isIPLike(host):
		return ConfigReasonIPAddress,
			"write a canonical IPv4 address, or a canonical IPv6 address in brackets"
	}
	if !web {
		return ConfigReasonInvalidHost, "write the host as the app sends it: " +
			`letters, digits, "-", "_" and dots`
	}
	return ConfigReasonInvalidHost, "write a domain name: labels of letters, digits, hyphens and " +
		"underscores, with single dots between them and none at the end"
}

// regexpInstead offers a regexp for wildcards inside of labels, of ports and of IP addresses, as
// far as all that it matches has one owner.
func regexpInstead(scheme, authority string) string {
	host, port, _ := strings.Cut(authority, ":")
	tail := host[strings.LastIndexByte(host, '*')+1:]
	_, below, _ := strings.Cut(tail, ".")
	private := strings.Trim(host, "0123456789.*") == ""
	owned := !strings.Contains(host, "*") || below != "" && !strings.Contains(below, ":") &&
		strings.Contains(below, ".") && domain.HasOneOwner(below)
	if strings.HasPrefix(host, "*.") || !private && !owned || len(authority) > origin.MaxHost {
		return ""
	}
	some := `[a-z0-9-]+`
	if private {
		some = `[0-9]{1,3}`
	}
	expr := "^" + scheme + "://" + strings.ReplaceAll(regexp.QuoteMeta(host), `\*`, some)
	switch {
	case port == "*":
		expr += `(:[0-9]+)?`
	case port != "":
		expr += ":" + strings.ReplaceAll(regexp.QuoteMeta(port), `\*`, `[0-9]*`)
	}
	hint := ", or in origin_regexps " + expr + "$"
	if private {
		hint += ", and list that in unsafe.accept"
	}
	return hint
}

// noOriginsHint says what to write instead of an entry that no page has as its origin.
func noOriginsHint(scheme, rest string) string {
	page := map[string]string{"ws": "http", "wss": "https"}[scheme]
	if page == "" {
		return "remove it: no page has an origin of this scheme"
	}
	page += "://" + rest
	if fixed := fixPattern(page); fixed != "" {
		page = fixed
	}
	return "write " + quoted(page) + ": a WebSocket upgrade carries the origin of its page"
}

// splitPort cuts a port off, colon included. Brackets protect the colons of an IPv6 address.
func splitPort(authority string) (host, port string) {
	i := strings.LastIndexByte(authority, ':')
	if i < 0 || strings.Contains(authority[i:], "]") {
		return authority, ""
	}
	if strings.Count(authority, ":") > 1 && !strings.HasPrefix(authority, "[") {
		// An IPv6 address whose brackets were forgotten. It ends in a port if that looks like one.
		_, isAddress := origin.CanonicalIPv6(authority[:i])
		if !isAddress || len(authority[i:]) < len(":1000") || !origin.IsPort(authority[i+1:]) {
			return authority, ""
		}
	}
	return authority[:i], authority[i:]
}

// isIPLike reports whether a host was meant as an IP address, canonical or not.
func isIPLike(host string) bool {
	if strings.HasPrefix(host, "[") || strings.Contains(host, ":") {
		return true
	}
	last := host[strings.LastIndexByte(host, '.')+1:]
	return last != "" && origin.IsNumber(last)
}

// brokenScheme is a scheme whose colon or slashes are missing, or others.
var brokenScheme = regexp.MustCompile(`^(?i)(https?)[:;.,]?/{1,3}([^/].*)$`)

// fixPattern returns the pattern that was most likely meant, or "" if that is not clear.
func fixPattern(text string) string {
	text = strings.TrimSpace(text)
	scheme, rest, hasScheme := strings.Cut(text, "://")
	if m := brokenScheme.FindStringSubmatch(text); m != nil && !hasScheme {
		scheme, rest, hasScheme = m[1], m[2], true
	}
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
	if !hasScheme && !strings.ContainsAny(host, ".[") && !origin.IsLoopback(host) {
		return "" // such as "null" and "http:/example.com", whose host is elsewhere
	}
	if !hasScheme && (origin.IsLoopback(host) || port == "80") {
		scheme = "http"
	}
	scheme = strings.ToLower(scheme)
	if port == origin.DefaultPort(scheme) {
		port = ""
	}
	fixed := scheme + "://"
	if subdomains {
		fixed += "*."
	}
	if origin.IsWeb(scheme) {
		host = fixHost(host)
	}
	fixed += host
	if port != "" {
		fixed += ":" + port
	}
	if anyPort {
		fixed += ":*"
	}
	if _, ok := readPattern(fixed); !ok {
		return ""
	}
	return fixed
}

// fixHost returns the host as a browser would write it, or as it is.
func fixHost(host string) string {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	bare := strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if canonical, ok := origin.CanonicalIPv6(bare); ok {
		return canonical
	}
	if len(host) > origin.MaxHost {
		return host // no valid one, and converting it takes the square of its length
	}
	if ascii, err := idna.Lookup.ToASCII(host); err == nil {
		return ascii
	}
	return host
}

// misspelt returns http or https where a scheme is one letter away from it, and otherwise "".
func misspelt(scheme string) string {
	if origin.IsWeb(scheme) {
		return ""
	}
	for _, web := range []string{"https", "http"} {
		if isOneEditAway(scheme, web) {
			return web
		}
	}
	return ""
}

// isOneEditAway reports whether a letter more, less or another, or two that change places, make one
// text of the other.
func isOneEditAway(a, b string) bool {
	start := 0
	for start < min(len(a), len(b)) && a[start] == b[start] {
		start++
	}
	a, b = a[start:], b[start:]
	switch len(a) - len(b) {
	case -1:
		return a == b[1:]
	case 1:
		return a[1:] == b
	case 0:
		swapped := len(a) > 1 && a[0] == b[1] && a[1] == b[0] && a[2:] == b[2:]
		return a != "" && (a[1:] == b[1:] || swapped)
	}
	return false
}

func quoted(text string) string { return fmt.Sprintf("%q", text) }
