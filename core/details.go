package core

import "github.com/corselet/corselet/core/internal/origin"

// details are what verdicts and observers want to know of a request. Each is worked out when it is
// first asked for.
type details struct {
	request Request

	origin     origin.Origin
	parsed     bool // origin and wellFormed are known
	wellFormed bool

	site, mode string // Sec-Fetch-Site and Sec-Fetch-Mode
	fetched    bool   // site and mode are known
}

// parseOrigin returns the request's origin, and whether it is well-formed.
func (d *details) parseOrigin() (o origin.Origin, ok bool) {
	if !d.parsed {
		d.origin, d.wellFormed = origin.Parse(d.request.Origin)
		d.parsed = true
	}
	return d.origin, d.wellFormed
}

// secFetch returns Sec-Fetch-Site and Sec-Fetch-Mode, each empty if it is absent.
func (d *details) secFetch() (site, mode string) {
	if !d.fetched {
		d.site, _ = d.request.header(FieldSecFetchSite).First()
		d.mode, _ = d.request.header(FieldSecFetchMode).First()
		d.fetched = true
	}
	return d.site, d.mode
}
