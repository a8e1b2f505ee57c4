package core

import (
	"strings"

	"github.com/corselet/corselet/core/internal/origin"
)

// A suffixSet matches patterns with subdomains, "https://*.example.com". It maps a scheme and a
// suffix that starts with a dot, such as ".example.com:8443", to a pattern.
type suffixSet struct {
	lengths  [(origin.MaxHost+len(":65535"))/64 + 1]uint64 // bit n: some suffix has n bytes
	patterns map[suffixKey]string
}

type suffixKey struct{ scheme, suffix string }

func (s *suffixSet) isEmpty() bool { return len(s.patterns) == 0 }

func (s *suffixSet) add(scheme, suffix, text string) {
	s.lengths[len(suffix)/64] |= 1 << (len(suffix) % 64)
	put(&s.patterns, suffixKey{scheme, suffix}, text)
}

// match tries the suffix at each dot, the longest first. No serialized host starts with a dot, so
// that at least one label is in front of whatever matches.
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
