package corstest

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/corselet/corselet/core"
)

// isPreflightCached reports whether earlier preflights allowed everything that needs one.
//
// Fetch, 4.4 HTTP fetch, step 4.1: https://fetch.spec.whatwg.org/#concept-http-fetch
func (f *fetch) isPreflightCached() bool {
	b := f.browser
	b.mu.Lock()
	defer b.mu.Unlock()
	b.cache.expire(b.now())
	cached := isSafelistedMethod(f.method) && !f.useCORSPreflight ||
		b.cache.matchesMethod(f, f.method)
	for _, name := range unsafeHeaderNames(f.header) {
		cached = cached && b.cache.matchesHeaderName(f, name)
	}
	if !cached && b.cache.replace {
		b.cache.clear(f)
	}
	return cached
}

// preflight: Fetch, 4.8 CORS-preflight fetch: https://fetch.spec.whatwg.org/#cors-preflight-fetch-0
func (f *fetch) preflight(ctx context.Context) error {
	unsafeNames := unsafeHeaderNames(f.header)
	header := http.Header{ // steps 1 to 5
		"Accept":                        {"*/*"},
		"Access-Control-Request-Method": {f.method},
		"Origin":                        {f.serializedOrigin()},
	}
	if len(unsafeNames) > 0 {
		header.Set("Access-Control-Request-Headers", strings.Join(unsafeNames, ","))
	}
	f.setFetchMetadata(header, ModeCORS)
	got, err := f.network(ctx, &http.Request{
		Method: http.MethodOptions, URL: f.url(), Host: f.url().Host, Header: header,
		Body: http.NoBody,
	}, false) // step 6
	if err != nil {
		return err
	}
	if failed := f.corsCheck("preflight's answer", got); failed != nil { // step 7
		return f.fail(*failed)
	}
	if got.status < 200 || got.status > 299 {
		return f.fail(failure{
			check: CheckPreflightStatus, step: stepPreflight + "7",
			problem: fmt.Sprintf("the preflight was answered %d", got.status),
			needed:  "a status from 200 to 299" + statusHint(got.status),
		})
	}
	return f.checkPreflight(got.header, unsafeNames)
}

// checkPreflight checks the request against the answer to its preflight, and puts that into the
// cache.
//
// Fetch, 4.8 CORS-preflight fetch, steps 7.1 to 7.15.
func (f *fetch) checkPreflight(header http.Header, unsafeNames []string) error {
	methods, ok := listValues(header, core.FieldAllowMethods) // step 7.1
	if !ok {
		return f.fail(malformed(header, core.FieldAllowMethods, core.ReasonMethodNotAllowed))
	}
	names, ok := listValues(header, core.FieldAllowHeaders) // step 7.2
	if !ok {
		return f.fail(malformed(header, core.FieldAllowHeaders, core.ReasonHeaderNotAllowed))
	}
	// Step 7.4.
	if len(header.Values(core.FieldAllowMethods)) == 0 && f.useCORSPreflight &&
		!f.browser.chromium {
		methods = []string{f.method}
	}
	withCredentials := f.credentials == CredentialsInclude
	anyMethod := slices.Contains(methods, "*") && !withCredentials
	// Step 7.5.
	if !slices.Contains(methods, f.method) && !isSafelistedMethod(f.method) && !anyMethod {
		return f.fail(f.methodRefused(methods))
	}
	for _, name := range unsafeNames { // steps 7.6 and 7.7
		if !f.allowsName(names, name) {
			return f.fail(f.nameRefused(names, name))
		}
	}
	age := f.browser.maxAge(header) // steps 7.8 to 7.10
	f.browser.mu.Lock()
	defer f.browser.mu.Unlock()
	f.browser.cache.store(f, methods, names, f.browser.now(), age) // steps 7.12 to 7.15
	return nil
}

// allowsName reports whether Access-Control-Allow-Headers covers a name. "*" does not cover
// Authorization, and nothing with credentials.
func (f *fetch) allowsName(names []string, name string) bool {
	if containsFold(names, name) {
		return true
	}
	return slices.Contains(names, "*") && f.credentials != CredentialsInclude &&
		(name != "authorization" || f.browser.chromium)
}

func containsFold(list []string, name string) bool {
	return slices.ContainsFunc(list,
		func(s string) bool { return lowerASCII(s) == lowerASCII(name) })
}

// defaultMaxAge is how long a preflight is cached if its answer does not say.
//
// Fetch, 4.8 CORS-preflight fetch, step 7.9.
const defaultMaxAge = 5 * time.Second

// maxAge reads Access-Control-Max-Age, a number of seconds on a single line.
//
// RFC 9111, 1.2.2: https://www.rfc-editor.org/rfc/rfc9111#section-1.2.2
func (b *Browser) maxAge(header http.Header) time.Duration {
	lines := header.Values(core.FieldMaxAge)
	if len(lines) != 1 {
		return defaultMaxAge
	}
	if seconds, negative := strings.CutPrefix(lines[0], "-"); negative && b.chromium &&
		seconds != "" && consistsOf(seconds, digits) {
		return 0
	}
	if lines[0] == "" || !consistsOf(lines[0], digits) {
		return defaultMaxAge
	}
	const most = 1<<31 - 1 // the value of any longer number
	seconds, err := strconv.Atoi(lines[0])
	if err != nil || seconds > most {
		seconds = most
	}
	return time.Duration(seconds) * time.Second
}

func malformed(header http.Header, name string, reason core.Reason) failure {
	return failure{
		check: CheckMalformed, step: stepPreflight + "7.3", reason: reason,
		problem: fmt.Sprintf("the preflight's answer has a malformed list in %s: %q", name,
			header.Values(name)),
		needed: "names separated by commas",
	}
}

func (f *fetch) methodRefused(methods []string) failure {
	problem := "the preflight's answer has no Access-Control-Allow-Methods, so " + f.method +
		" is not allowed"
	if len(methods) > 0 {
		problem = fmt.Sprintf(
			"method %s is not in the preflight's Access-Control-Allow-Methods: %s",
			f.method, strings.Join(methods, ", "))
	}
	if slices.Contains(methods, "*") {
		problem += ` ("*" does not count for requests with credentials)`
	}
	needed := "Access-Control-Allow-Methods: " + f.method
	if upper := upperASCII(f.method); upper != f.method {
		needed += "; or did the page mean " + upper +
			"? fetch does not normalize this method's case"
	}
	return failure{
		check: CheckAllowMethods, step: stepPreflight + "7.5", reason: core.ReasonMethodNotAllowed,
		problem: problem, needed: needed,
	}
}

func (f *fetch) nameRefused(names []string, name string) failure {
	problem := "the preflight's answer has no Access-Control-Allow-Headers, so " + name +
		" is not allowed"
	if len(names) > 0 {
		problem = fmt.Sprintf(
			"request header %s is not in the preflight's Access-Control-Allow-Headers: %s",
			name, strings.Join(names, ", "))
	}
	step := "7.7"
	switch {
	case name == "authorization":
		step = "7.6"
		if slices.Contains(names, "*") {
			problem += ` ("*" does not cover Authorization)`
		}
	case slices.Contains(names, "*"):
		problem += ` ("*" does not count for requests with credentials)`
	}
	return failure{
		check: CheckAllowHeaders, step: stepPreflight + step, reason: core.ReasonHeaderNotAllowed,
		problem: problem, needed: "Access-Control-Allow-Headers: " + name,
	}
}
