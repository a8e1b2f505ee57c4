package core

import (
	"strings"

	"github.com/corselet/corselet/core/internal/origin"
)

// pattern is one configured entry that allows origins: exact, every subdomain, any port, or both of
// the latter.
type pattern struct {
	text       string        // as configured
	origin     origin.Origin // without its wildcards
	subdomains bool          // "*." is in front of the host
	anyPort    bool          // ":*" is behind it
}

// readPattern reads one entry of Config.Origins other than "*". What it returns matches at least
// one origin that a browser can send; everything else is an error, because a pattern that silently
// never matches costs an afternoon.
func readPattern(text string) (p pattern, ok bool) {
	p.text = text
	bare := text
	if scheme, rest, found := strings.Cut(bare, "://*."); found {
		bare, p.subdomains = scheme+"://"+rest, true
	}
	bare, p.anyPort = strings.CutSuffix(bare, ":*")
	p.origin, ok = origin.Parse(bare)
	if !ok || p.origin.Scheme() == "file" || p.anyPort && p.origin.Port() != "" {
		return p, false
	}
	host := p.origin.Host()
	if p.subdomains && (origin.IsIP(host) || len("x.")+len(host) > origin.MaxHost) {
		return p, false
	}
	return p, true
}
