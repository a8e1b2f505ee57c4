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
	origin := clean(cutToOrigin(raw), maxOrigin)
	if o.redact != nil {
		origin = clean(o.redact(origin), maxOrigin)
	}
	return origin
}

// cutToOrigin leaves scheme, host and port of what was sent as an origin. Browsers send nothing else, but whoever puts
// a whole URL there may have put a password or a token into it.
func cutToOrigin(raw string) string {
	scheme, rest := "", raw
	if before, after, ok := strings.Cut(raw, "://"); ok && !strings.ContainsAny(before, `@/\?#`) {
		scheme, rest = raw[:len(before)+len("://")], after
	}
	if end := strings.IndexAny(rest, `/\?#`); end >= 0 {
		rest = rest[:end]
	}
	if at := strings.LastIndexByte(rest, '@'); at >= 0 {
		return scheme + rest[at+1:]
	}
	return raw[:len(scheme)+len(rest)]
}
