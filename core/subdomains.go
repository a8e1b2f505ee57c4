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

// match tries the suffix at each dot, the longest first. At least one label that is not empty is in
// front of whatever matches; hosts of other schemes than http and https may have dots anywhere.
func (s *suffixSet) match(scheme, authority string) (text string, ok bool) {
	for {
		dot := strings.IndexByte(authority, '.')
		if dot < 0 {
			return "", false
		}
		suffix := authority[dot:]
		if dot > 0 && s.lengths[len(suffix)/64]&(1<<(len(suffix)%64)) != 0 {
			if text, ok = s.patterns[suffixKey{scheme, suffix}]; ok {
				return text, true
			}
		}
		authority = suffix[1:]
	}
}
