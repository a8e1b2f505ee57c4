package core

import (
	"net/netip"
	"strings"
)

// Request is what a policy is told of an HTTP request. Adapters fill it in; core never keeps its strings and slices.
//
// The slices hold every line of a field, in order, and are empty where the field is absent. A decision refers to
// them (see [Decision.Reflected]), so they must not change before it has been carried out.
type Request struct {
	Method string
	Host   string // Host field or :authority
	Path   string // path of the URL, percent-decoded once and otherwise as it was sent; see [OriginRequest]

	Origins        []string // Origin
	RequestMethods []string // Access-Control-Request-Method; only OPTIONS needs it
	RequestHeaders []string // Access-Control-Request-Headers; only OPTIONS needs it

	// Sec-Fetch-Site and Sec-Fetch-Mode. Where they are empty and there is a Source, it is asked: few decisions need
	// them, so that adapters leave them out.
	SecFetchSite string
	SecFetchMode string

	// Source gives access to the rest of the request, for what only verdicts and observers need. It may be nil:
	// then what depends on it is taken to be absent.
	Source Source
}

// A Source gives access to an HTTP request while it is served. An adapter implements it on a pointer to what the
// framework hands it, so that making one does not allocate. What it returns is valid until the handler returns.
type Source interface {
	// Header returns the first line of a request field and whether there is one. The name is in canonical form. The
	// value of Cookie may be left empty: it is nobody's business. Host may be missing.
	Header(name string) (value string, ok bool)
	// AnyHeaderName reports whether match holds for the name of a request field. Names come in canonical form, in any
	// order, and no more than [MaxHeaderNames] of them. It does not keep match. (An iterator would have to allocate.)
	AnyHeaderName(match func(name string) bool) bool
	// Scheme returns "https" or "http", by the connection on which the request came.
	Scheme() string
	// Query returns the query of the URL, without "?".
	Query() string
	// ClientAddr returns the address of the connection's other end, or the zero Addr if it has none. It never looks
	// at a header field.
	ClientAddr() netip.Addr
}

// MaxHeaderNames is how many header names a [Source] offers. Real requests have a few dozen.
const MaxHeaderNames = 256

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

// String returns non_cors, preflight or actual.
func (k Kind) String() string {
	return [...]string{"non_cors", "preflight", "actual"}[min(k, KindActual)]
}

func (r *Request) kind() Kind {
	switch {
	case len(r.Origins) == 0:
		return KindNonCORS
	case r.Method == "OPTIONS" && len(r.RequestMethods) > 0:
		return KindPreflight
	}
	return KindActual
}

// isSameOrigin reports whether a page asks its own server. Browsers that send Sec-Fetch-Site say so; for others the
// origin is held against Host. The scheme is not compared there: behind a proxy it is not known.
//
// https://w3c.github.io/webappsec-fetch-metadata/#sec-fetch-site-header
func (r *Request) isSameOrigin() bool {
	if site := r.secFetchSite(); site != "" {
		return site == "same-origin"
	}
	if len(r.Origins) != 1 {
		return false
	}
	o, ok := parseOrigin(r.Origins[0])
	if !ok {
		return false
	}
	host := r.Host
	if port := defaultPort(o.scheme); port != "" && o.port == "" {
		host = strings.TrimSuffix(host, ":"+port)
	}
	return equalFold(o.authority(), host)
}

// isCORSMode reports whether a browser will apply the CORS check to the response of an actual request. Navigations,
// form posts, images and WebSocket upgrades may carry Origin, but no browser checks them. Where a browser does not
// tell (older ones, and plain http), the request is taken for a fetch.
//
// https://w3c.github.io/webappsec-fetch-metadata/#sec-fetch-mode-header
func (r *Request) isCORSMode() bool {
	mode := r.secFetchMode()
	return mode == "" || mode == "cors"
}

func (r *Request) secFetchMode() string { return r.field(r.SecFetchMode, FieldSecFetchMode) }
func (r *Request) secFetchSite() string { return r.field(r.SecFetchSite, FieldSecFetchSite) }

// field returns the value of a field that an adapter may have handed over or left to the source.
func (r *Request) field(value, name string) string {
	if value == "" {
		value, _ = r.header(name)
	}
	return value
}

func (r *Request) header(name string) (string, bool) {
	if r.Source == nil {
		return "", false
	}
	return r.Source.Header(name)
}
