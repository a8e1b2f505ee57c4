package core

import (
	"net/netip"
	"strings"
	"unsafe"

	"github.com/corselet/corselet/core/internal/enum"
)

// Request is what every answer depends on. Adapters fill it in; core never keeps its strings.
// Everything else is fetched through the Source by those who ask for it.
type Request struct {
	Method string

	// Origin is the line of the Origin field. Where a request has several, which no browser sends,
	// it is empty, and the origin counts as malformed.
	Origin string

	HasOrigin        bool // there is an Origin line at least, though it may be empty
	HasRequestMethod bool // there is an Access-Control-Request-Method line; only OPTIONS needs it

	// Source gives access to the rest of the request. It may be nil: then what depends on it is
	// taken to be absent.
	Source Source
}

// A Source gives access to an HTTP request while it is served. An adapter implements it on a
// pointer to what the framework passes to it, so that making one does not allocate. What it returns
// is valid until the handler returns, but for [Lines].
type Source interface {
	// Host returns the Host field or :authority.
	Host() string
	// Path returns the path of the URL, percent-decoded once and otherwise as it was sent; see
	// [OriginRequest].
	Path() string
	// Query returns the query of the URL, without "?".
	Query() string
	// Scheme returns "https" or "http", by the connection on which the request came.
	Scheme() string
	// ClientAddr returns the address of the connection's other end, or the zero Addr if it has
	// none. It never looks at a header field.
	ClientAddr() netip.Addr
	// Header returns the lines of a request field. The name is in canonical form. The line of
	// Cookie may be left empty: core needs to know only that it is there. Host may be missing.
	Header(name string) Lines
	// AnyHeaderName reports whether match holds for the name of a request field. Names come in
	// canonical form, in any order, and no more than [MaxHeaderNames] of them. It does not keep
	// match. (An iterator would have to allocate.)
	AnyHeaderName(match func(name string) bool) bool
}

// MaxHeaderNames is how many header names a [Source] offers. Real requests have a few dozen.
const MaxHeaderNames = 256

// Lines are the lines of one request field in their order, as the framework holds them. They are
// valid until the next call of a method of their [Source]. The zero Lines are none.
type Lines struct {
	text []string
	raw  [][]byte
}

// StringLines returns lines that are strings. It does not copy them.
func StringLines(lines []string) Lines { return Lines{text: lines} }

// ByteLines returns lines that are byte slices, which must not change while the lines are valid. It
// does not copy them.
func ByteLines(lines [][]byte) Lines { return Lines{raw: lines} }

// Len returns the number of lines.
func (l Lines) Len() int { return len(l.text) + len(l.raw) }

// At returns a line, for i from 0 to Len()-1. There may be white space around it.
func (l Lines) At(i int) string {
	if l.raw == nil {
		return l.text[i]
	}
	// The string lives no longer than the lines, which do not change.
	line := l.raw[i]
	return unsafe.String(unsafe.SliceData(line), len(line)) //nolint:gosec // argued above
}

// First returns the first line and whether there is one. Of byte slices it leaves out white space
// around the line, which servers that hold strings have done.
func (l Lines) First() (line string, ok bool) {
	switch {
	case len(l.raw) > 0:
		return strings.Trim(l.At(0), " \t"), true
	case len(l.text) > 0:
		return l.text[0], true
	}
	return "", false
}

// Kind is what a request is to the CORS protocol.
type Kind uint8

// The kinds of requests.
const (
	// KindNonCORS is a request without Origin.
	KindNonCORS Kind = iota
	// KindPreflight is OPTIONS with Origin and Access-Control-Request-Method.
	// https://fetch.spec.whatwg.org/#cors-preflight-request
	KindPreflight
	// KindActual is any other request with Origin.
	// https://fetch.spec.whatwg.org/#cors-request
	KindActual
)

var kinds = []string{"non_cors", "preflight", "actual"}

// String returns non_cors, preflight or actual.
func (k Kind) String() string { return enum.Name(kinds, k) }

// MarshalText returns the name, so that JSON shows it.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

func (r *Request) kind() Kind {
	switch {
	case !r.HasOrigin:
		return KindNonCORS
	case r.Method == "OPTIONS" && r.HasRequestMethod:
		return KindPreflight
	}
	return KindActual
}

// header returns the lines of a field.
func (r *Request) header(name string) Lines {
	if r.Source == nil {
		return Lines{}
	}
	return r.Source.Header(name)
}
