package domain

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/corselet/corselet/core/internal/automaton"
	"github.com/corselet/corselet/core/internal/origin"
)

// The pinning check. A regexp is pinned if the domains that it trusts are few and known: then it
// trusts what its author had in mind. Otherwise anyone can register a domain that it matches.
//
// What counts is the registrable domain, the public suffix and one label more: the owner of
// example.com decides what is in front of it. So every origin belongs to one domain, in a wider
// sense:
//
//   - http and https on a name: its registrable domain, such as example.com, or customer.github.io
//   - a name whose last label the list does not know: that label, as of a private network
//   - localhost and names below it; 127.0.0.0/8; ::1: these, which do not count, because they are
//     this machine
//   - any other IP address: itself
//   - any other scheme: scheme and host, because no one knows who decides about them
//
// A regexp is pinned if it covers at most maxDomains of them; if no registrable domain is another
// one with characters in front of its first label, because then a dot is missing; and if it matches
// no host that is itself a public suffix. The automaton answers this exactly but for lengths and
// the spelling of IPv6 addresses, where it may see more than there is. What cannot be decided
// within bounds counts as not pinned.

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

// Coverage is what a regexp trusts.
type Coverage struct {
	// Domains are those of the regexp if it is pinned, otherwise none.
	Domains []string
	// Examples are the most telling origins that the regexp matches, if it is not pinned.
	Examples []string
	// Everyone has the schemes, of https and http, with which it trusts every registrable domain.
	Everyone []string
	// IsEmpty says that it matches no origin at all.
	IsEmpty bool

	problem problem
}

// IsPinned reports whether the domains are few and known.
func (c *Coverage) IsPinned() bool { return c.problem == pinned }

// maxSurvey bounds the steps to find out what one regexp covers.
const maxSurvey = 10_000_000

// Cover works out what a regexp covers. text is the regexp as it was written, which tells what its
// author had in mind.
func Cover(d *automaton.DFA, text string, work *automaton.Budget) (c Coverage) {
	work.Part(maxSurvey, func(part *automaton.Budget) {
		s := &survey{regexp: d, text: text, work: part, found: map[string]finding{}}
		s.surveyLoopback()
		s.surveyListed(originGrammar().addresses, openAddresses)
		s.surveyListed(originGrammar().others, openScheme)
		s.surveyNames()
		c = s.coverage()
		if !c.IsPinned() {
			c.Everyone = everyone(d, part)
		}
	})
	return c
}

// A survey collects the domains that a regexp covers.
type survey struct {
	regexp  *automaton.DFA
	text    string
	work    *automaton.Budget
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
func (s *survey) within(part *automaton.DFA) *automaton.DFA {
	d, ok := automaton.Combine(s.regexp, part, automaton.Both, automaton.MaxDraft, s.work)
	if !ok {
		s.raise(tooHard)
		s.matches = true
		return automaton.Nothing(alphabet)
	}
	return d
}

func (s *survey) raise(p problem) { s.problem = max(s.problem, p) }

func (s *survey) add(f finding) {
	old, ok := s.found[f.domain]
	better := f.example != "" && (old.example == "" || len(f.example) < len(old.example))
	if !ok || better {
		s.found[f.domain] = f
	}
}

func (s *survey) surveyLoopback() {
	for domain, part := range originGrammar().loopback {
		if automaton.Overlap(s.regexp, part, s.work) {
			s.local = append(s.local, domain)
			s.matches = true
		}
	}
	slices.Sort(s.local)
}

// surveyListed counts hosts one by one.
func (s *survey) surveyListed(part *automaton.DFA, ifMany problem) {
	if !automaton.Overlap(s.regexp, part, s.work) {
		return
	}
	d := s.within(part)
	n := 0
	seen := map[string]bool{}
	distance := d.Distances(s.work)
	done := hosts(d, s.work, func(o origin.Origin) bool {
		s.matches = true
		domain := Of(o)
		if !seen[domain] {
			seen[domain] = true
			s.add(finding{domain: domain, example: s.complete(d, distance, o.String())})
			n++
		}
		return n <= maxDomains
	})
	if !done || n > maxDomains {
		s.matches = true
		s.raise(ifMany)
	}
}

// complete adds a port to scheme://host if d wants one, and returns "" if the result is no origin.
// distance holds the distances of d.
func (s *survey) complete(d *automaton.DFA, distance []int, text string) string {
	end := d.Read(automaton.Start, text)
	if !d.IsFinal(end) {
		end = d.Read(end, ":")
		if end == automaton.Dead {
			return ""
		}
		text += ":" + d.Shortest(end, distance)
	}
	if _, ok := origin.Parse(text); !ok || !s.regexp.Accepts(text) {
		return ""
	}
	return text
}

// coverage sums the survey up.
func (s *survey) coverage() Coverage {
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
	c := Coverage{problem: s.problem, IsEmpty: !s.matches && len(s.found) == 0}
	if s.problem == pinned {
		c.Domains = slices.Sorted(maps.Keys(s.found))
		c.Domains = append(c.Domains, s.local...)
		return c
	}
	c.Examples = s.examples(prefixed)
	return c
}

// prefixed returns the registrable domains that are others with characters in front of the first
// label.
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

// Fix says what to write instead of a regexp that is not pinned.
func (c *Coverage) Fix() string {
	switch c.problem {
	case prefixedDomain:
		return "end what is in front of the domain with a dot, " +
			"as in ^https://(www\\.)?example\\.com$"
	case suffixHost:
		return "list your own names below this public suffix"
	case tooManyDomains:
		return fmt.Sprintf("write several regexps of at most %d domains each, or list origins",
			maxDomains)
	case tooHard:
		return "write it more simply: it takes too long to find out what it trusts"
	case openDomains:
		return fmt.Sprintf("end the part that varies with a dot in front of the domain, and write "+
			"each dot as \\., as in ^https://[a-z0-9-]+\\.example\\.com$, "+
			"for at most %d domains a regexp", maxDomains)
	case ownedSuffix:
		return "list your own names below this domain, which has public suffixes below it"
	case openAddresses:
		return "list the addresses"
	case openScheme:
		return "write scheme and host without variation"
	}
	return ""
}
