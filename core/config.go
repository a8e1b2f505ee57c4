package core

import (
	"context"
	"slices"
	"time"
)

// Config says which origins may do what. [Compile] and [New] check it and report everything that is
// wrong with it.
//
// The JSON keys are the snake_case names of the fields; see [ParseConfig].
type Config struct {
	// Origins lists the origins whose pages may read responses. There is no default. An entry is
	// one of
	//
	//	https://example.com         this origin
	//	https://*.example.com       every subdomain at any depth, but not https://example.com
	//	http://localhost:*          the host on any port, the default one included
	//	https://*.example.com:*     both
	//	moz-extension://*           every host and port of a scheme other than http and https; it
	//	                            needs consent, because it is every extension that a user has
	//	*                           every origin; alone, and not with Credentials
	//
	// as the browser writes it: lower case, no path, no default port, punycode. Hosts of other
	// schemes than http and https are compared as they are ("capacitor://localhost", "app://.",
	// "safari-web-extension://2AB33852-D69B-4ED6-99AD-A4839DFEC7ED"). "null" and "file://" need
	// consent. Duplicates are fine. Order has no meaning.
	Origins []string `json:"origins,omitempty"`

	// OriginRegexps lists regular expressions, in the syntax of [regexp], for origins that Origins
	// cannot describe. Each must match the whole origin, so that ^ and $ change nothing:
	//
	//	https://[a-z0-9-]+\.example\.com
	//	https://pr-[0-9]+\.preview\.example\.com(:[0-9]+)?
	//
	// They are asked after Origins, in their order, and cost the same however many there are. A
	// regexp is refused if it trusts more than 16 registrable domains, or one that is another with
	// characters in front of its first label: "https://.*example\.com" matches
	// https://evilexample.com too. Read what it trusts with [Policy.TrustList]. Browsers send
	// origins in lower case, so there is no need for (?i); the few hosts with upper-case letters,
	// of extensions and apps, belong into Origins. Word boundaries are not supported.
	// Excludes "*" in Origins.
	OriginRegexps []string `json:"origin_regexps,omitempty"`

	// OriginFunc, if not nil, is asked about each origin that is well-formed and that neither
	// Origins nor OriginRegexps allow. It is called while the request waits, at most once per
	// request, concurrently, with the request's context. An error denies the origin. It is not
	// called for "null"; nor, with Credentials, for insecure origins, unless Unsafe.InsecureLookups
	// is set. Excludes "*" in Origins.
	OriginFunc func(ctx context.Context, r OriginRequest) (bool, error) `json:"-"`

	// Credentials lets allowed origins send cookies, HTTP authentication and client certificates,
	// and read the responses. Wildcards in Methods and RequestHeaders keep their meaning, but are
	// answered by what is asked for.
	Credentials bool `json:"credentials,omitempty"`

	// Methods lists the methods that may be used beyond GET, HEAD and POST, which need no
	// permission. Methods are case-sensitive. "*" allows every method. An empty list does not
	// stop a script that listens to its upload's progress or streams its body: where the server
	// lists no method, the standard lets it use any (CORS-preflight fetch, step 7.4). CORS is no
	// access control.
	Methods []string `json:"methods,omitempty"`

	// RequestHeaders lists the request headers that scripts may set beyond the CORS-safelisted
	// ones, in any case. An API that takes JSON needs "Content-Type" here. "*" allows every header;
	// without Credentials it does not cover Authorization, which may be listed as well.
	//
	// https://fetch.spec.whatwg.org/#cors-safelisted-request-header
	RequestHeaders []string `json:"request_headers,omitempty"`

	// ExposeHeaders lists the response headers that scripts may read beyond the CORS-safelisted
	// ones, in any case. "*" exposes every header, and is not possible with Credentials.
	//
	// https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name
	ExposeHeaders []string `json:"expose_headers,omitempty"`

	// MaxAge is how long browsers may cache the answer to a preflight, in whole seconds, at most 24
	// hours (browsers cut it further: Chromium to two hours). Zero leaves the field out, which
	// browsers take for 5 seconds. A negative value forbids caching. In JSON a string such as
	// "10m", or -1.
	//
	// https://fetch.spec.whatwg.org/#http-access-control-max-age
	MaxAge time.Duration `json:"max_age,omitempty"`

	// PreflightStatus is the status of a successful preflight, from 200 to 299. Zero means 204.
	PreflightStatus int `json:"preflight_status,omitempty"`

	// Block answers actual requests from origins that are not allowed with 403, instead of running
	// the handler. Requests that are known to be same-origin pass: Sec-Fetch-Site says so or,
	// without that field, Origin and Host are equal. It also stops cross-site form posts and
	// navigations that carry Origin, single sign-on callbacks among them. It is no protection
	// against CSRF: not every cross-site request carries Origin.
	Block bool `json:"block,omitempty"`

	// Unsafe allows what is refused for good reasons.
	Unsafe Unsafe `json:"unsafe,omitzero"`
}

// Unsafe is consent to what is refused for good reasons, so that a search for "unsafe" finds every
// hole in a configuration. Consent is given entry by entry: one exception does not switch a check
// off for the rest.
type Unsafe struct {
	// Accept lists entries of Origins and OriginRegexps, letter for letter, that are taken although
	// a check refuses them. It waives these checks, whose errors say "list it in unsafe.accept":
	//
	//	insecure_origin   with Credentials, http beyond this machine: anyone on the network
	//	                  between the page and its user can act with that user's credentials
	//	public_suffix     with Credentials, a wildcard under which anyone can have a name
	//	unpinned_regexp   a regexp that matches domains that anyone can register
	//	null_origin       "null", which every page can get by a sandboxed frame; not with
	//	                  Credentials
	//	opaque_origin     "file://", which Electron and older WebViews send for every local file
	//	any_host          every host of a scheme, such as every extension that a user has
	//	misspelt_scheme   a scheme that is one letter away from http or https
	//
	// An entry that waives nothing is an error, so that stale exceptions come to light.
	Accept []string `json:"accept,omitempty"`

	// InsecureLookups has OriginFunc asked about http origins too, beyond localhost and loopback
	// addresses, under a policy with Credentials.
	InsecureLookups bool `json:"insecure_lookups,omitempty"`
}

// OriginRequest is what a [Config.OriginFunc] is told: copies that it may keep. There is nothing
// else, because caches store the answer under Vary: Origin and the URL: it must not depend on more.
type OriginRequest struct {
	Origin string // a serialized origin, such as "https://example.com"
	Host   string // the request's Host field or :authority; empty from AllowsOrigin

	// Path is the path of the URL with its percent-encoding decoded once, and otherwise as it was
	// sent: it may hold "..", "//" and, decoded, slashes that the router takes for part of a
	// segment. Empty from AllowsOrigin.
	Path string
}

// clone returns a deep copy.
func (c Config) clone() Config {
	c.Origins = slices.Clone(c.Origins)
	c.OriginRegexps = slices.Clone(c.OriginRegexps)
	c.Methods = slices.Clone(c.Methods)
	c.RequestHeaders = slices.Clone(c.RequestHeaders)
	c.ExposeHeaders = slices.Clone(c.ExposeHeaders)
	c.Unsafe.Accept = slices.Clone(c.Unsafe.Accept)
	return c
}
