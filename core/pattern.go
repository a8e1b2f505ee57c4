package core

import (
	"strings"

	"github.com/corselet/corselet/core/internal/origin"
)

// pattern is one configured entry that allows origins: exact, every subdomain, any port, both of
// the latter, or any host of a scheme.
type pattern struct {
	text       string        // as configured
	origin     origin.Origin // without its wildcards
	subdomains bool          // "*." is in front of the host
	anyPort    bool          // ":*" is behind it
	anyHost    bool          // "*" is the host, of this scheme: origin has no other part
	scheme     string
}

// readPattern reads one entry of Config.Origins other than "*". What it returns matches at least
// one origin that a browser can send; everything else is an error, because a pattern that silently
// never matches costs an afternoon.
func readPattern(text string) (p pattern, ok bool) {
	p.text = text
	if text == origin.File {
		return p, true
	}
	bare := text
	if scheme, found := strings.CutSuffix(bare, "://*"); found {
		p.scheme, p.anyHost = scheme, true
		return p, origin.SchemeLength(text) == len(scheme) && !hasNoOrigins(scheme) &&
			!origin.IsWeb(scheme)
	}
	if scheme, rest, found := strings.Cut(bare, "://*."); found {
		bare, p.subdomains = scheme+"://"+rest, true
	}
	bare, p.anyPort = strings.CutSuffix(bare, ":*")
	p.origin, ok = origin.Parse(bare)
	if !ok || hasNoOrigins(p.origin.Scheme()) || p.anyPort && p.origin.Port() != "" {
		return p, false
	}
	host := p.origin.Host()
	if p.subdomains && (origin.IsIP(host) || len("x.")+len(host) > origin.MaxHost) {
		return p, false
	}
	return p, true
}

// isExact reports whether the pattern matches one origin, the text itself.
func (p *pattern) isExact() bool { return !p.subdomains && !p.anyPort && !p.anyHost }

// hasNoOrigins reports whether no page has an origin with that scheme and a host. WebSocket
// upgrades carry the origin of their page; of the others the origin is opaque, or none.
//
// https://url.spec.whatwg.org/#origin
func hasNoOrigins(scheme string) bool {
	switch scheme {
	case "ws", "wss", "ftp", "file", "data", "blob", "javascript", "about":
		return true
	}
	return false
}
