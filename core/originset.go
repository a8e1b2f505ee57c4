package core

import "strings"

// An originSet holds patterns and finds one that matches an origin. Its cost does not grow with their number: one
// look-up for the exact patterns, one for those with any port, and for those with subdomains one at each dot behind
// which a configured suffix of just that length could stand.
//
// Where several patterns match, the most specific one is named: exact, then exact host with any port, then
// subdomains with the longest suffix, then subdomains with any port.
type originSet struct {
	exact             textSet
	anyPort           map[string]string // keyed by the origin without its port
	subdomains        suffixSet         // with the port, if any, as part of the suffix
	subdomainsAnyPort suffixSet
}

// add puts a pattern into the set. Exact ones are found once seal has been called.
func (s *originSet) add(p pattern) {
	o := p.origin
	switch {
	case p.subdomains && p.anyPort:
		s.subdomainsAnyPort.add(o.scheme, "."+o.host, p.text)
	case p.subdomains:
		s.subdomains.add(o.scheme, "."+o.authority(), p.text)
	case p.anyPort:
		put(&s.anyPort, o.withoutPort(), p.text)
	default:
		s.exact.texts = append(s.exact.texts, p.text)
	}
}

// seal ends a series of calls of add.
func (s *originSet) seal() { s.exact = newTextSet(s.exact.texts) }

// match returns the text of the pattern that matches o.
func (s *originSet) match(o *origin) (text string, ok bool) {
	if text, ok = s.exact.find(o.text); ok {
		return text, true
	}
	if len(s.anyPort) > 0 {
		if text, ok = s.anyPort[o.withoutPort()]; ok {
			return text, true
		}
	}
	if len(s.subdomains.patterns) > 0 {
		if text, ok = s.subdomains.match(o.scheme, o.authority()); ok {
			return text, true
		}
	}
	if len(s.subdomainsAnyPort.patterns) > 0 {
		return s.subdomainsAnyPort.match(o.scheme, o.host)
	}
	return "", false
}

// A suffixSet maps a scheme and a suffix that starts with a dot, such as ".example.com:8443", to a pattern.
type suffixSet struct {
	lengths  [(maxHost+len(":65535"))/64 + 1]uint64 // bit n: some suffix has n bytes
	patterns map[suffixKey]string
}

type suffixKey struct{ scheme, suffix string }

func (s *suffixSet) add(scheme, suffix, text string) {
	s.lengths[len(suffix)/64] |= 1 << (len(suffix) % 64)
	put(&s.patterns, suffixKey{scheme, suffix}, text)
}

// match tries the suffix at each dot, the longest first. No serialized host starts with a dot, so that at least one
// label stands in front of whatever matches.
func (s *suffixSet) match(scheme, authority string) (text string, ok bool) {
	for {
		dot := strings.IndexByte(authority, '.')
		if dot < 0 {
			return "", false
		}
		suffix := authority[dot:]
		if s.lengths[len(suffix)/64]&(1<<(len(suffix)%64)) != 0 {
			if text, ok = s.patterns[suffixKey{scheme, suffix}]; ok {
				return text, true
			}
		}
		authority = suffix[1:]
	}
}

func put[K comparable](m *map[K]string, key K, text string) {
	if *m == nil {
		*m = make(map[K]string)
	}
	(*m)[key] = text
}
