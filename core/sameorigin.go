package core

import (
	"strings"

	"github.com/corselet/corselet/core/internal/origin"
	"github.com/corselet/corselet/core/internal/token"
)

// IsSameOrigin reports whether a page asks its own server: what Config.Block spares. Browsers that
// send Sec-Fetch-Site say so; for others the origin's host and port are compared with Host. It does
// not allocate.
func (r *Request) IsSameOrigin() bool {
	d := details{request: *r}
	return d.isSameOrigin()
}

// isSameOrigin reports whether a page asks its own server. Browsers that send Sec-Fetch-Site say
// so; for others the origin is compared with Host. The scheme is not compared there: behind a proxy
// it is not known.
//
// https://w3c.github.io/webappsec-fetch-metadata/#sec-fetch-site-header
func (d *details) isSameOrigin() bool {
	if site, _ := d.secFetch(); site != "" {
		return site == "same-origin"
	}
	o, ok := d.parseOrigin()
	if !ok || d.request.Source == nil {
		return false
	}
	host := d.request.Source.Host()
	if port := origin.DefaultPort(o.Scheme()); port != "" && o.Port() == "" {
		host = strings.TrimSuffix(host, ":"+port)
	}
	return token.EqualFold(o.Authority(), host)
}

// isCORSMode reports whether a browser will apply the CORS check to the response of an actual
// request. Navigations, form posts, images and WebSocket upgrades may carry Origin, but no browser
// checks them. Where a browser does not say (older ones, and plain http), the request is taken for
// a fetch.
//
// https://w3c.github.io/webappsec-fetch-metadata/#sec-fetch-mode-header
func (d *details) isCORSMode() bool {
	_, mode := d.secFetch()
	return mode == "" || mode == "cors"
}
