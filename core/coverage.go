package core

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// The pinning check. A regexp is pinned if the domains that it trusts are few and known: then what it trusts is what
// its author saw. Otherwise strangers can register a domain that it matches.
//
// What counts is the registrable domain, the public suffix and one label more: whoever registers example.com decides
// what stands in front of it. So every origin belongs to one domain, in a wider sense:
//
//   - http and https on a name: its registrable domain, such as example.com, or customer.github.io
//   - a name whose last label no list knows: that label; it is taken for a network of one's own
//   - localhost and what is below it; 127.0.0.0/8; ::1: these, which do not count, because they are this machine
//   - any other IP address: itself
//   - any other scheme: scheme and host, because nobody knows who decides about them
//
// A regexp is pinned if it covers at most maxDomains of them; if no registrable domain is another one with characters
// in front of its first label, because then a dot is missing; and if it matches no host that is itself a public suffix.
// The automaton answers this exactly but for lengths and the spelling of IPv6 addresses, for which it may see more than
// there is. Whatever cannot be settled within bounds counts as not pinned.

// maxDomains is how many domains a pinned regexp may cover.
const maxDomains = 16

// A problem says why a regexp is not pinned.
type problem uint8

const (
	pinned         problem = iota
	prefixedDomain         // a domain is another one with characters in front
	suffixHost             // a public suffix is itself a host
	tooManyDomains         // there are more than maxDomains
	tooHard                // it takes too long to tell
	openScheme             // more origins of other schemes than maxDomains
	openAddresses          // more IP addresses than maxDomains
	openDomains            // more labels than maxDomains in one place of a registrable domain
	ownedSuffix            // everything below a domain that has public suffixes below it
)

// coverage is what a regexp trusts.
type coverage struct {
	domains  []string // all of them if the regexp is pinned, otherwise none
	problem  problem
	examples []string // if it is not pinned: origins that it matches, the most telling ones
	nothing  bool     // it matches no origin at all
}

// cover works out what a regexp covers. text serves to tell what its author had in mind.
func cover(d *dfa, text string, work *budget) coverage {
	own := &budget{min(work.left, maxSurvey)}
	defer func(given int) { work.spend(given - own.left) }(own.left)
	s := &survey{regexp: d, text: text, work: own, found: map[string]finding{}}
	s.surveyLoopback()
	s.surveyListed(originGrammar().addresses, openAddresses)
	s.surveyListed(originGrammar().others, openScheme)
	s.surveyNames()
	return s.coverage()
}

// A survey collects the domains that a regexp covers.
type survey struct {
	regexp  *dfa
	text    string
	work    *budget
	local   []string           // this machine's names
	found   map[string]finding // by domain
	problem problem            // the worst one
	matches bool               // some valid origin, or something too long to look at
}

// A finding is one domain.
type finding struct {
	domain       string
	registrable  bool   // by anyone, at a registry or a hoster
	publicSuffix bool   // a host that is a public suffix
	example      string // an origin that belongs to it
}

// within returns what the regexp matches of a part of the grammar.
func (s *survey) within(part *dfa) *dfa {
	d, ok := combine(s.regexp, part, both, maxDraft, s.work)
	if !ok {
		s.raise(tooHard)
		s.matches = true
		return emptyDFA()
	}
	return d
}

func (s *survey) raise(p problem) { s.problem = max(s.problem, p) }

func (s *survey) add(f finding) {
	old, ok := s.found[f.domain]
	if better := f.example != "" && (old.example == "" || len(f.example) < len(old.example)); !ok || better {
		s.found[f.domain] = f
	}
}

func (s *survey) surveyLoopback() {
	for domain, part := range originGrammar().loopback {
		if !s.within(part).isEmpty() {
			s.local = append(s.local, domain)
			s.matches = true
		}
	}
	slices.Sort(s.local)
}

// surveyListed counts hosts one by one.
func (s *survey) surveyListed(part *dfa, ifMany problem) {
	d := s.within(part)
	n := 0
	hosts := map[string]bool{}
	done := d.origins(true, s.work, func(o *origin) bool {
		s.matches = true
		domain := o.domain()
		if !hosts[domain] {
			hosts[domain] = true
			s.add(finding{domain: domain, example: s.complete(d, o.text)})
			n++
		}
		return n <= maxDomains
	})
	if !done || n > maxDomains {
		s.matches = true
		s.raise(ifMany)
	}
}

// complete adds a port to scheme://host if the regexp wants one. It returns "" if the result is no origin.
func (s *survey) complete(d *dfa, text string) string {
	end := d.read(start, text)
	if d.accept[end] == 0 {
		end = d.read(end, ":")
		if end == dead {
			return ""
		}
		text += ":" + d.shortest(end, d.distances())
	}
	if _, ok := parseOrigin(text); !ok || !s.regexp.accepts(text) {
		return ""
	}
	return text
}

// coverage sums the survey up.
func (s *survey) coverage() coverage {
	for domain := range s.found {
		if s.found[domain].publicSuffix {
			s.raise(suffixHost)
		}
	}
	prefixed := s.prefixed()
	if prefixed != nil {
		s.raise(prefixedDomain)
	}
	if len(s.found) > maxDomains {
		s.raise(tooManyDomains)
	}
	c := coverage{problem: s.problem, nothing: !s.matches && len(s.found) == 0}
	if s.problem == pinned {
		c.domains = slices.Sorted(maps.Keys(s.found))
		c.domains = append(c.domains, s.local...)
		return c
	}
	c.examples = s.examples(prefixed)
	return c
}

// prefixed returns the registrable domains that are others with characters in front of the first label.
func (s *survey) prefixed() []string {
	var list []string
	for long := range s.found {
		for short := range s.found {
			cut, isSuffix := strings.CutSuffix(long, short)
			if isSuffix && cut != "" && !strings.HasSuffix(cut, ".") && s.found[long].registrable &&
				s.found[short].registrable {
				list = append(list, long)
				break
			}
		}
	}
	return list
}

// examples picks the origins that show best what is wrong: of domains that anyone can register and that the author
// did not write; then the shortest.
func (s *survey) examples(prefixed []string) []string {
	meant := strings.ReplaceAll(s.text, `\`, "")
	rank := func(f finding) int {
		switch {
		case s.problem == prefixedDomain && slices.Contains(prefixed, f.domain),
			s.problem == suffixHost && f.publicSuffix:
			return 0
		case strings.Contains(meant, f.domain):
			return 3
		case f.registrable:
			return 1
		}
		return 2
	}
	findings := slices.DeleteFunc(slices.Collect(maps.Values(s.found)), func(f finding) bool { return f.example == "" })
	slices.SortFunc(findings, func(a, b finding) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(len(a.example), len(b.example)),
			compareSymbols(a.example, b.example))
	})
	var list []string
	for _, f := range findings {
		if len(list) == 2 || len(list) > 0 && rank(f) != rank(findings[0]) {
			break
		}
		list = append(list, f.example)
	}
	return list
}

// compareSymbols orders texts by the order of symbols: letters first.
func compareSymbols(a, b string) int {
	for i := 0; i < len(a) && i < len(b); i++ {
		if a[i] != b[i] {
			return int(symbolOf[a[i]]) - int(symbolOf[b[i]])
		}
	}
	return len(a) - len(b)
}

// hint says what else the regexp allows, and what to write instead.
func (c *coverage) hint() string {
	var cure string
	switch c.problem {
	case prefixedDomain:
		cure = "end what stands in front of the domain with a dot, as in ^https://(www\\.)?example\\.com$"
	case suffixHost:
		cure = "list your own names below this public suffix"
	case tooManyDomains:
		cure = fmt.Sprintf("write several regexps of at most %d domains each, or list origins", maxDomains)
	case tooHard:
		cure = "write it more simply: it takes too long to find out what it trusts"
	case openDomains:
		cure = "let what varies end with a dot in front of the domain, and write each dot as \\., " +
			fmt.Sprintf("as in ^https://[a-z0-9-]+\\.example\\.com$, for at most %d domains a regexp", maxDomains)
	case ownedSuffix:
		cure = "list your own names below this domain, which has public suffixes below it"
	case openAddresses:
		cure = "list the addresses"
	case openScheme:
		cure = "write scheme and host without variation"
	}
	return alsoAllows(c.examples...) + cure + ", or set unsafe.unpinned_regexps"
}

// alsoAllows says what nobody thought of.
func alsoAllows(examples ...string) string {
	if len(examples) == 0 {
		return ""
	}
	quoted := make([]string, len(examples))
	for i, example := range examples {
		quoted[i] = fmt.Sprintf("%q", example)
	}
	return "it also allows " + strings.Join(quoted, " and ") + "; "
}

// insecureExample reports whether a regexp matches an origin whose pages can be altered on the network, and which.
func insecureExample(d *dfa, work *budget) (example string, found bool) {
	d, ok := combine(d, originGrammar().insecure, both, maxDraft, work)
	if !ok {
		return "", true
	}
	done := d.origins(false, work, func(o *origin) bool {
		example = o.text
		return false
	})
	return example, example != "" || !done
}
