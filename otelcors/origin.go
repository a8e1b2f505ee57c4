package otelcors

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// The longest values that leave the process, in bytes.
const (
	maxOrigin = 256
	maxPath   = 256
	maxDetail = 64
	maxName   = 256
)

// clean returns a copy of text from a client that is safe to export. It is valid UTF-8, because one
// invalid byte in one attribute fails a whole OTLP export, for every instrument of the process. It
// has no control characters, which could control a terminal, and at most limit bytes, cut between
// two characters.
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

// origin returns the text of an origin for export, or "".
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

// cutToOrigin returns scheme, host and port of what was sent as an origin. Browsers send nothing
// else, but other clients may send a whole URL, with a password or a token in it.
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
