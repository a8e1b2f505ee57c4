package otelcors

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Longest values that leave the process, in bytes.
const (
	maxOrigin = 256
	maxPath   = 256
	maxDetail = 64
	maxName   = 256
)

// clean returns a copy of what a stranger sent that is fit to leave the process: valid UTF-8, because one invalid byte
// in one attribute fails a whole export over OTLP, for every instrument of the process; nothing that could steer a
// terminal; and at most limit bytes, cut between two characters.
func clean(s string, limit int) string {
	plain := 0
	for plain < min(len(s), limit) && ' ' <= s[plain] && s[plain] <= '~' {
		plain++
	}
	if plain == len(s) || plain == limit {
		return strings.Clone(s[:plain])
	}
	b := append(make([]byte, 0, limit), s[:plain]...)
	for _, r := range s[plain:] {
		if !unicode.IsPrint(r) {
			r = utf8.RuneError
		}
		if len(b)+utf8.RuneLen(r) > limit {
			break
		}
		b = utf8.AppendRune(b, r)
	}
	return string(b)
}

// origin returns an origin as it may leave the process, or "".
func (o *Observer) origin(raw string) string {
	if o.noOrigin || raw == "" {
		return ""
	}
	origin := clean(raw, maxOrigin)
	if o.redact != nil {
		origin = clean(o.redact(origin), maxOrigin)
	}
	return origin
}
