package core

import (
	"fmt"
	"slices"
	"strings"

	"github.com/corselet/corselet/core/internal/domain"
	"github.com/corselet/corselet/core/internal/enum"
	"github.com/corselet/corselet/core/internal/origin"
)

// Trust is one thing that a policy trusts, in terms that its operator can check: which domains'
// owners may read responses, and whether as the user.
type Trust struct {
	Pattern string    `json:"pattern,omitempty"` // as configured; empty for a function
	Kind    TrustKind `json:"kind"`

	// Domains are the registrable domains to which the origins belong: the owner of a domain
	// controls what is trusted. There may also be IP addresses, public suffixes, "localhost", names
	// that the public suffix list does not know, and, of schemes other than http and https, scheme
	// and host. Empty if that is not known.
	Domains []string `json:"domains,omitempty"`

	// Examples are origins of domains that a regexp trusts, perhaps by mistake; see
	// Accepted.
	Examples []string `json:"examples,omitempty"`

	Credentials bool `json:"credentials"` // responses may be read with the user's cookies

	// Accepted has the reasons for which the pattern would have been refused, had it not been
	// listed in Unsafe.Accept.
	Accepted []ConfigReason `json:"accepted,omitempty"`

	everyone string // who a regexp trusts that trusts every domain
}

// TrustKind says how a [Trust] matches origins.
type TrustKind uint8

// The kinds of patterns; String gives the name in the comment.
const (
	TrustAny        TrustKind = iota + 1 // any: every origin
	TrustExact                           // exact: one origin
	TrustSubdomains                      // subdomains: of one domain, on one port or on any
	TrustAnyPort                         // any_port: one host
	TrustRegexp                          // regexp
	TrustNull                            // null: sandboxed frames and local files
	TrustFunction                        // function: OriginFunc
	TrustAnyHost                         // any_host: of one scheme, which is not http or https
)

var trustKinds = []string{
	0:        "unknown",
	TrustAny: "any", TrustExact: "exact", TrustSubdomains: "subdomains", TrustAnyPort: "any_port",
	TrustRegexp: "regexp", TrustNull: "null", TrustFunction: "function",
	TrustAnyHost: "any_host",
}

// String returns the kind's stable snake_case name.
func (k TrustKind) String() string { return enum.Name(trustKinds, k) }

// MarshalText returns the name, so that JSON shows it.
func (k TrustKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// TrustList lists what the policy trusts: each pattern of Origins and OriginRegexps in their order,
// then OriginFunc. Patterns that are configured twice are listed once. It is meant to
// be read by people, before a policy goes into production.
func (p *Policy) TrustList() []Trust {
	p = p.effective()
	var list []Trust
	seen := map[string]bool{}
	for _, text := range p.origins.entries.Texts() {
		if !seen[text] {
			list = append(list, trustOfPattern(text))
		}
		seen[text] = true
	}
	for i, text := range p.regexps.texts {
		c := p.regexps.coverage[i]
		list = append(list, Trust{Pattern: text, Kind: TrustRegexp, everyone: everyPage(c.Everyone),
			Domains: slices.Clone(c.Domains), Examples: slices.Clone(c.Examples)})
	}
	if p.config.OriginFunc != nil {
		list = append(list, Trust{Kind: TrustFunction})
	}
	for i := range list {
		list[i].Credentials = p.config.Credentials
		list[i].Accepted = slices.Clone(p.accepted[list[i].Pattern])
	}
	return list
}

// everyPage says which pages a regexp trusts that trusts every domain with these schemes.
func everyPage(schemes []string) string {
	switch {
	case len(schemes) == 0:
		return ""
	case slices.Contains(schemes, "http"):
		return "every page on the web, http included,"
	}
	return "every page on the web"
}

func trustOfPattern(text string) Trust {
	if text == "*" {
		return Trust{Pattern: text, Kind: TrustAny}
	}
	if text == "null" {
		return Trust{Pattern: text, Kind: TrustNull}
	}
	p, _ := readPattern(text) // compiled already
	switch {
	case p.anyHost:
		return Trust{Pattern: text, Kind: TrustAnyHost}
	case text == origin.File:
		return Trust{Pattern: text, Kind: TrustExact}
	}
	t := Trust{Pattern: text, Kind: TrustExact, Domains: []string{domain.Of(p.origin)}}
	switch {
	case p.subdomains:
		t.Kind = TrustSubdomains
	case p.anyPort:
		t.Kind = TrustAnyPort
	}
	return t
}

// String says in one sentence who may do what.
func (t Trust) String() string {
	text := t.who() + " may read responses, without credentials"
	if t.Credentials {
		text = t.who() + " may read responses with the user's credentials"
	}
	if len(t.Accepted) > 0 {
		names := make([]string, len(t.Accepted))
		for i, reason := range t.Accepted {
			names[i] = reason.String()
		}
		text += " (accepted as unsafe: " + strings.Join(names, ", ") + ")"
	}
	return text
}

func (t Trust) who() string {
	switch t.Kind {
	case TrustAny:
		return "every page on the web"
	case TrustAnyHost:
		scheme, _, _ := strings.Cut(t.Pattern, ":")
		return "everything whose origin has the scheme " + scheme
	case TrustExact:
		if t.Pattern == origin.File {
			return "every local file that is opened in Electron or an older WebView (file://)"
		}
		return "pages of " + t.Pattern
	case TrustAnyPort:
		return fmt.Sprintf("pages of %s on any port", strings.TrimSuffix(t.Pattern, ":*"))
	case TrustSubdomains:
		return t.subdomains()
	case TrustRegexp:
		return t.regexp()
	case TrustNull:
		return "every page that makes itself a sandboxed frame (origin null)"
	case TrustFunction:
		return "pages of every origin that OriginFunc allows"
	}
	return "no one"
}

func (t Trust) subdomains() string {
	base, anyPort := strings.CutSuffix(t.Pattern, ":*")
	scheme, host, _ := strings.Cut(base, "://*.")
	who := fmt.Sprintf("pages of every subdomain of %s over %s", host, scheme)
	if anyPort {
		who += " on any port"
	}
	if name, _ := splitPort(host); !domain.HasOneOwner(name) {
		who += fmt.Sprintf(" (anyone can have a subdomain of %s)", name)
	}
	return who
}

func (t Trust) regexp() string {
	switch {
	case t.everyone != "":
		return t.everyone
	case len(t.Domains) > 0:
		return fmt.Sprintf("pages of %s that match %s", strings.Join(t.Domains, ", "), t.Pattern)
	case len(t.Examples) > 0:
		examples := strings.Join(t.Examples, " or ")
		return fmt.Sprintf("pages of every domain that matches %s, such as %s", t.Pattern, examples)
	}
	return "pages of every domain that matches " + t.Pattern
}
