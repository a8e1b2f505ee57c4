package core

import (
	"slices"
	"strings"

	"github.com/corselet/corselet/core/internal/domain"
	"github.com/corselet/corselet/core/internal/origin"
	"github.com/corselet/corselet/core/internal/textset"
)

// An originSet holds the entries of Config.Origins and finds one that matches an origin. Its cost
// does not grow with their number: one look-up for the exact patterns, one for those with any port,
// and for those with subdomains one at each dot behind which a configured suffix of just that
// length could be.
//
// Where several patterns match, the most specific one is named: exact, then exact host with any
// port, then subdomains with the longest suffix, then subdomains with any port, then any host.
type originSet struct {
	any               bool              // "*" is among them
	entries           textset.Set       // all of them; the exact ones can be found
	anyPort           map[string]string // keyed by the origin without its port
	anyHost           map[string]string // keyed by the scheme
	subdomains        suffixSet         // with the port, if any, as part of the suffix
	subdomainsAnyPort suffixSet
}

// compileOrigins checks Config.Origins.
func compileOrigins(c *Config, accepted consents, report *mistakes) originSet {
	s := originSet{any: slices.Contains(c.Origins, "*")}
	checkOriginSources(c, report)
	exact := make([]bool, len(c.Origins))
	for i := range c.Origins {
		p, ok := s.checkOrigin(c, i, accepted, report)
		if exact[i] = ok && p.isExact(); ok && !exact[i] {
			s.add(p)
		}
	}
	s.entries = textset.New(c.Origins, func(i int) bool { return exact[i] })
	return s
}

// checkOriginSources checks what Origins, OriginRegexps and OriginFunc make together.
func checkOriginSources(c *Config, report *mistakes) {
	if len(c.Origins) == 0 && len(c.OriginRegexps) == 0 && c.OriginFunc == nil {
		report.add(&ConfigError{Field: "origins", Index: -1, Reason: ConfigReasonEmpty,
			Hint: `list the origins of your front ends, such as "https://app.example.com"`})
	}
	if star := slices.Index(c.Origins, "*"); star >= 0 && c.OriginFunc != nil {
		report.add(&ConfigError{Field: "origins", Index: star, Value: "*",
			Reason: ConfigReasonMisplacedWildcard,
			Hint:   "leave OriginFunc nil, which would never be called"})
	}
}

// checkOrigin reads entry i, and reports what is wrong with it. It returns false for "*" and for
// what is no pattern.
func (s *originSet) checkOrigin(
	c *Config, i int, accepted consents, report *mistakes,
) (p pattern, ok bool) {
	text := c.Origins[i]
	fail := func(reason ConfigReason, hint string) {
		report.add(&ConfigError{
			Field: "origins", Index: i, Value: text, Reason: reason, Hint: hint,
		})
	}
	if text == "*" {
		if c.Credentials {
			fail(ConfigReasonWildcardWithCredentials,
				"list the origins that may use credentials, or switch credentials off")
		}
		return p, false
	}
	if text == "null" {
		return p, s.checkNull(c, accepted, fail)
	}
	p, ok = readPattern(text)
	if !ok && report.isFull() {
		report.more++ // without working out what was meant
		return p, false
	}
	if !ok {
		fail(diagnosePattern(text))
		return p, false
	}
	refused := false
	for _, d := range p.doubts(c.Credentials) {
		if !accepted.waives(text, d.reason) {
			fail(d.reason, d.hint+orAccept)
			refused = true
		}
	}
	if s.any && !refused {
		fail(ConfigReasonWildcardNotAlone, `remove this entry or "*"`)
	}
	return p, true
}

// A doubt is a reason to refuse a pattern, unless there is consent.
type doubt struct {
	reason ConfigReason
	hint   string
}

// doubts says why a pattern is most likely a hole, or a mistake.
func (p *pattern) doubts(credentials bool) (list []doubt) {
	switch {
	case p.text == origin.File:
		return []doubt{{ConfigReasonOpaqueOrigin, "serve the page over http from localhost"}}
	case p.anyHost:
		return []doubt{{ConfigReasonAnyHost,
			"list the hosts, such as " + quoted(p.scheme+"://host")}}
	}
	if credentials && p.origin.IsInsecure() {
		list = append(list, doubt{ConfigReasonInsecureOrigin,
			"write " + quoted("https"+strings.TrimPrefix(p.text, "http"))})
	}
	if credentials && p.onPublicSuffix() {
		list = append(list, doubt{ConfigReasonPublicSuffix, "list your own names below it"})
	}
	if web := misspelt(p.origin.Scheme()); web != "" {
		list = append(list, doubt{ConfigReasonMisspeltScheme,
			"write " + quoted(web+strings.TrimPrefix(p.text, p.origin.Scheme()))})
	}
	return list
}

// checkNull checks the entry "null", and reports whether it is taken. No consent helps with
// credentials: any page can make a frame whose origin is null.
func (s *originSet) checkNull(
	c *Config, accepted consents, fail func(reason ConfigReason, hint string),
) bool {
	switch {
	case c.Credentials:
		fail(ConfigReasonNullOrigin,
			"switch credentials off: any page can make a frame whose origin is null")
		return false
	case !accepted.waives("null", ConfigReasonNullOrigin):
		fail(ConfigReasonNullOrigin, "give the frame an origin of its own"+orAccept)
		return false
	case s.any:
		fail(ConfigReasonWildcardNotAlone, `remove this entry or "*"`)
	}
	return true
}

// add puts a pattern that is not exact into the set.
func (s *originSet) add(p pattern) {
	o := p.origin
	switch {
	case p.anyHost:
		put(&s.anyHost, p.scheme, p.text)
	case p.subdomains && p.anyPort:
		s.subdomainsAnyPort.add(o.Scheme(), "."+o.Host(), p.text)
	case p.subdomains:
		s.subdomains.add(o.Scheme(), "."+o.Authority(), p.text)
	default:
		put(&s.anyPort, o.WithoutPort(), p.text)
	}
}

// isExact reports whether all entries are exact.
func (s *originSet) isExact() bool {
	return !s.any && len(s.anyPort) == 0 && len(s.anyHost) == 0 && s.subdomains.isEmpty() &&
		s.subdomainsAnyPort.isEmpty()
}

// matchExact returns the entry that is equal to text. Since all entries were parsed, or are "null"
// or "file://", text is then well-formed.
func (s *originSet) matchExact(text string) (entry string, ok bool) { return s.entries.Find(text) }

// match returns the entry that is no exact one and matches o.
func (s *originSet) match(o origin.Origin) (entry string, ok bool) {
	if len(s.anyPort) > 0 {
		if entry, ok = s.anyPort[o.WithoutPort()]; ok {
			return entry, true
		}
	}
	if !s.subdomains.isEmpty() {
		if entry, ok = s.subdomains.match(o.Scheme(), o.Authority()); ok {
			return entry, true
		}
	}
	if !s.subdomainsAnyPort.isEmpty() {
		if entry, ok = s.subdomainsAnyPort.match(o.Scheme(), o.Host()); ok {
			return entry, true
		}
	}
	if len(s.anyHost) > 0 {
		entry, ok = s.anyHost[o.Scheme()]
	}
	return entry, ok
}

// onPublicSuffix reports whether the pattern covers the sites of more than one owner: "*." is in
// front of a public suffix, or of a name such as amazonaws.com that has public suffixes below it. A
// single label that the list does not know, such as "internal", is taken for a network of one's
// own.
//
// https://publicsuffix.org/list/
func (p *pattern) onPublicSuffix() bool {
	host := p.origin.Host()
	return p.subdomains && !origin.IsLoopback(host) && !domain.HasOneOwner(host)
}

func put[K comparable](m *map[K]string, key K, text string) {
	if *m == nil {
		*m = make(map[K]string)
	}
	(*m)[key] = text
}
