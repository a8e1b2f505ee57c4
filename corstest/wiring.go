package corstest

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/httpcors"
)

// A Route is a request that pages make to an application.
type Route struct {
	Method string // GET if empty
	URL    string // "/notes/1", with scheme and host if they matter to the application
	// Origin is the page's origin. If it is empty, CheckWiring makes one up that the policy's
	// Origins allow. It is required for a policy that has only regular expressions or a function.
	Origin string
	// Header has fields that the application needs, such as Authorization. Preflights do not carry
	// them.
	Header http.Header
	// OneSlash says that no page asks for the path with the slash at its end added or removed, so
	// that a redirect there does not matter.
	OneSlash bool
}

// CheckWiring sends each route of an assembled application preflights, and the same request from
// two allowed origins, from one that is not allowed and without Origin, three times with one
// Idempotency-Key, and with the slash at the end added or removed. Where the answer has a validator
// or Accept-Ranges, it asks again for what is newer and for ranges, and it follows redirects as a
// browser does. It compares the answers with the policy, and reports an error for each mistake in
// how the application is put together, with a sentence on how to fix it:
//
//   - authentication, or anything else that refuses requests, is in front of CORS;
//   - CORS is below the router, so preflights end in 404 or 405;
//   - something in front of CORS answers every OPTIONS;
//   - redirects, or error pages, are made in front of CORS and have no CORS fields;
//   - two layers answer CORS, or a handler sets fields of its own;
//   - a layer drops Vary, or CORS fields, be it on conditional and range requests only;
//   - a response cache or an idempotency layer replays another origin's fields, or none;
//   - a redirect leads to another origin, whose answer no page can read;
//   - another policy applies, or none.
//
// The requests reach handlers: choose routes that do no harm.
func CheckWiring(t testing.TB, h http.Handler, policy *core.Policy, routes ...Route) {
	t.Helper()
	if len(routes) == 0 {
		t.Errorf("CheckWiring: there is no route to check")
	}
	for _, route := range routes {
		probe, err := newProbe(h, policy, route)
		if err != nil {
			t.Errorf("CheckWiring: %v", err)
			continue
		}
		for _, finding := range probe.run(t) {
			t.Errorf("%s %s: %s: %s\nhow to fix it: %s",
				probe.route.Method, route.URL, finding.mistake, finding.seen,
				remedies[finding.mistake])
		}
	}
}

type finding struct {
	mistake mistake
	seen    string
}

// probe checks one route.
type probe struct {
	handler  http.Handler
	policy   *core.Policy
	route    Route
	url      *url.URL
	second   string // another origin that is allowed, or ""
	other    string // one that is not, or ""
	findings []finding
}

func newProbe(h http.Handler, policy *core.Policy, route Route) (*probe, error) {
	if policy == nil {
		return nil, errors.New("the policy is nil; write core.Compile(config), or cors.Policy()")
	}
	route.Method = orDefault(route.Method, http.MethodGet)
	u, err := parseURL(&url.URL{Scheme: "https", Host: Host, Path: "/"}, route.URL)
	if err != nil {
		return nil, err
	}
	config := policy.Config()
	if route.Origin == "" && len(config.Origins) > 0 {
		route.Origin = madeUpOrigin(config.Origins[0], "page", "")
	}
	if route.Origin == "" {
		return nil, fmt.Errorf(
			"route %q: the policy lists no origins; set Route.Origin to the page's", route.URL)
	}
	looksUp := config.OriginFunc != nil
	if looksUp { // the function is not called; it is assumed to allow the origin
		config.OriginFunc, config.Origins = nil, append(config.Origins, route.Origin)
		if policy, err = core.Compile(config); err != nil {
			return nil, fmt.Errorf("route %q: %w", route.URL, err)
		}
	}
	p := &probe{handler: h, policy: policy, route: route, url: u}
	if !p.allows(route.Origin) {
		return nil, fmt.Errorf(
			"route %q: the policy does not allow the origin %q", route.URL, route.Origin)
	}
	p.second = p.secondOrigin(config.Origins)
	if other := "https://other.corstest.invalid"; !looksUp && !p.allows(other) {
		p.other = other
	}
	return p, nil
}

func (p *probe) allows(origin string) bool {
	asked := core.Request{Method: p.route.Method, Origin: origin, HasOrigin: true}
	return p.policy.Decide(&asked).OriginAllowed
}

// madeUpOrigin returns an origin that the pattern allows, with the label for a wildcard and the
// port for any port.
func madeUpOrigin(pattern, label, port string) string {
	if pattern == "*" {
		return "https://" + label + ".example"
	}
	origin := strings.Replace(pattern, "://*", "://"+label, 1)
	if host, ok := strings.CutSuffix(origin, ":*"); ok {
		return host + port
	}
	return origin
}

func (p *probe) run(t testing.TB) []finding {
	preflight := p.ask(t, http.MethodOptions, "", p.preflightHeader(p.route.Origin))
	actual := p.ask(t, p.route.Method, "", p.header(p.route.Origin))
	if preflight != nil && actual != nil {
		p.checkPreflight(t, preflight, actual)
		p.checkActual(t, preflight, actual)
		p.checkSecondOrigin(t)
		p.checkOtherOrigin(t)
		p.checkIdempotencyKey(t)
		p.checkWithoutOrigin(t)
		p.checkOtherSlash(t)
		p.checkPartial(t, actual)
		p.checkRedirect(t, p.url.Path, actual)
	}
	return p.findings
}

// found records a mistake the first time that it shows.
func (p *probe) found(m mistake, format string, args ...any) {
	if !slices.ContainsFunc(p.findings, func(f finding) bool { return f.mistake == m }) {
		p.findings = append(p.findings, finding{m, shorten(fmt.Sprintf(format, args...))})
	}
}

// ask sends a request. If there is no answer, it records that and returns nil.
func (p *probe) ask(t testing.TB, method, path string, header http.Header) *reply {
	u := *p.url
	u.Path = cmp.Or(path, u.Path)
	return p.askURL(t, method, u, header)
}

func (p *probe) askURL(t testing.TB, method string, u url.URL, header http.Header) *reply {
	setDefault(header, "Sec-Fetch-Site", "cross-site")
	setDefault(header, "Sec-Fetch-Mode", "cors")
	r := &http.Request{Method: method, URL: &u, Host: u.Host, Header: header, Body: http.NoBody}
	got, err := roundTrip(handlerTransport{p.handler}, r.WithContext(t.Context()))
	if err != nil {
		p.found(unanswered, "%s: %v", method, err)
		return nil
	}
	return got
}

// header returns the header of the route's request from an origin, or without Origin if that is
// empty.
func (p *probe) header(origin string) http.Header {
	header := http.Header{}
	maps.Copy(header, p.route.Header)
	if origin != "" {
		header["Origin"] = []string{origin}
	}
	return header
}

func (p *probe) preflightHeader(origin string) http.Header {
	return http.Header{"Origin": {origin}, core.FieldRequestMethod: {p.route.Method}}
}

func isForPages(got *reply) bool { return len(got.header.Values(core.FieldAllowOrigin)) > 0 }

func (p *probe) checkPreflight(t testing.TB, preflight, actual *reply) {
	header := p.preflightHeader(p.route.Origin)
	if p.foundReplay(t, http.MethodOptions, header, preflight) {
		return
	}
	status, want := p.expect(http.MethodOptions, header)
	isOK := preflight.status >= 200 && preflight.status <= 299
	switch {
	case !isForPages(preflight):
		made := whoAnswered(preflight.status, optionsInFront)
		if isOK && !isForPages(actual) ||
			made == refusedInFront && !isForPages(actual) && !isRefusal(actual.status) {
			made = otherPolicy // requests get through, but no layer sets fields
		}
		p.found(made, "the preflight was answered %d without Access-Control-Allow-Origin",
			preflight.status)
	case !isOK:
		p.found(preflightGoesOn, "the preflight was answered %d", preflight.status)
	case preflight.status != status:
		p.found(otherPolicy, "the preflight was answered %d, not %d", preflight.status, status)
	default:
		p.compareFields("the preflight's answer", preflight.header, want)
	}
}

func (p *probe) checkActual(t testing.TB, preflight, actual *reply) {
	header := p.header(p.route.Origin)
	if p.foundReplay(t, p.route.Method, header, actual) {
		return
	}
	if isForPages(actual) {
		_, want := p.expect(p.route.Method, header)
		p.compareFields("the answer", actual.header, want)
		return
	}
	otherwise := fieldsDropped
	if !isForPages(preflight) {
		otherwise = otherPolicy
	}
	p.found(whoAnswered(actual.status, otherwise),
		"a request from %s was answered %d without Access-Control-Allow-Origin",
		p.route.Origin, actual.status)
}

// checkOtherOrigin looks for layers that allow more than the policy.
func (p *probe) checkOtherOrigin(t testing.TB) {
	if p.other == "" {
		return
	}
	header := p.header(p.other)
	got := p.ask(t, p.route.Method, "", header)
	if got == nil || p.foundReplay(t, p.route.Method, header, got) {
		return
	}
	if lines := got.header.Values(core.FieldAllowOrigin); len(lines) > 0 {
		p.found(otherOrigins, "a request from %s was answered with Access-Control-Allow-Origin: %q",
			p.other, lines)
	}
}

// checkWithoutOrigin checks the answer to a request without Origin, which caches must not give to
// pages.
func (p *probe) checkWithoutOrigin(t testing.TB) {
	if len(p.findings) > 0 { // a missing Vary is then a consequence
		return
	}
	header := p.header("")
	got := p.ask(t, p.route.Method, "", header)
	if got == nil || p.foundReplay(t, p.route.Method, header, got) {
		return
	}
	_, want := p.expect(p.route.Method, nil)
	p.compareFields("the answer to a request without Origin", got.header, want)
}

// checkOtherSlash sends a request with a slash at the end if the route has none, and without if it
// has one: many routers redirect these.
func (p *probe) checkOtherSlash(t testing.TB) {
	other, had := strings.CutSuffix(p.url.Path, "/")
	if !had {
		other += "/"
	}
	if other == "" || p.route.OneSlash {
		return
	}
	got := p.ask(t, p.route.Method, other, p.header(p.route.Origin))
	if got == nil || !isRedirect(got.status) {
		return
	}
	if isForPages(got) {
		p.checkRedirect(t, other, got)
		return
	}
	p.found(redirectFirst, "%s was redirected (%d, to %s) without Access-Control-Allow-Origin",
		other, got.status, got.header.Get("Location"))
}

// expect returns the policy's answer: the status, or 0 if the application sets it, and the fields.
func (p *probe) expect(method string, fields http.Header) (status int, header http.Header) {
	r := &http.Request{Method: method, URL: p.url, Header: fields}
	asked := httpcors.NewRequest(r)
	d := p.policy.Decide(&asked)
	header = http.Header{}
	httpcors.SetFields(header, r, &d)
	return d.Status, header
}

// compareFields compares CORS fields and Vary with the policy's.
func (p *probe) compareFields(subject string, got, want http.Header) {
	for _, name := range []string{
		core.FieldAllowOrigin, core.FieldAllowCredentials, core.FieldAllowMethods,
		core.FieldAllowHeaders, core.FieldExposeHeaders, core.FieldMaxAge,
	} {
		lines, wanted := got.Values(name), want.Values(name)
		switch {
		case slices.Equal(lines, wanted):
		case len(lines) > 1:
			p.found(twoLayers, "%s has %s %d times: %q", subject, name, len(lines), lines)
		case len(lines) == 0:
			p.found(fieldsDropped, "%s has no %s, want %q", subject, name, wanted[0])
		case len(wanted) == 0:
			p.found(otherPolicy, "%s has %s: %q, which the policy does not send", subject, name,
				lines[0])
		default:
			p.found(otherPolicy, "%s has %s: %q, want %q", subject, name, lines[0], wanted[0])
			if name == core.FieldAllowOrigin { // other missing fields are then not dropped
				return
			}
		}
	}
	for _, name := range want.Values(core.FieldVary) {
		covered := func(line string) bool { return core.VaryCovers(line, name) }
		if !slices.ContainsFunc(got.Values(core.FieldVary), covered) {
			p.found(varyDropped, "%s has Vary: %q, which lacks %s", subject,
				got.Values(core.FieldVary), name)
		}
	}
}
