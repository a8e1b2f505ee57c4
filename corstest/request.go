package corstest

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
)

// A Request is what a script passes to fetch, and the page that the script runs in.
type Request struct {
	// Page is the origin of the page, such as "https://app.example.com", or "null" for a sandboxed
	// frame, a local file or a data: URL.
	Page string
	// URL is absolute, or relative to the page: "/api/notes".
	URL string
	// Method is GET if empty. As in fetch, "put" becomes PUT, but "patch" stays patch.
	Method string
	// Header has the fields that the script sets. As in browsers, those that scripts may not set
	// are silently dropped.
	Header http.Header
	// Body is a string body, if not empty. As in fetch, it adds "Content-Type:
	// text/plain;charset=UTF-8" unless Header has a Content-Type.
	Body string
	// Stream makes the body a ReadableStream with duplex "half": it adds no Content-Type, always
	// needs a preflight, and cannot be sent again after a redirect.
	Stream bool
	// UploadListener makes the request an XMLHttpRequest with a listener on upload, as for a
	// progress bar: it always needs a preflight.
	UploadListener bool

	Credentials Credentials // "same-origin" if empty, as in fetch
	Mode        Mode        // "cors" if empty, as in fetch
	Redirect    Redirect    // "follow" if empty, as in fetch

	// ReferrerPolicy is "strict-origin-when-cross-origin" if empty. It decides whether a no-cors
	// POST sends the origin.
	ReferrerPolicy string
}

// Credentials is a credentials mode: which requests carry cookies.
type Credentials string

// The credentials modes.
const (
	CredentialsOmit       Credentials = "omit"
	CredentialsSameOrigin Credentials = "same-origin"
	CredentialsInclude    Credentials = "include"
)

// Mode is a request mode.
type Mode string

// The modes that scripts can ask for.
const (
	ModeCORS       Mode = "cors"
	ModeNoCORS     Mode = "no-cors"     // the response is opaque: the script sees nothing of it
	ModeSameOrigin Mode = "same-origin" // other origins are an error
)

// Redirect is a redirect mode.
type Redirect string

// The redirect modes.
const (
	RedirectFollow Redirect = "follow"
	RedirectError  Redirect = "error"  // a redirect is an error
	RedirectManual Redirect = "manual" // a redirect is an opaque response
)

// A fetch is the standard's request, while it runs.
type fetch struct {
	browser *Browser
	page    string     // origin
	urls    []*url.URL // URL list; the last one is the current URL

	method  string
	header  http.Header
	body    string
	hasBody bool
	stream  bool // the body cannot be sent again

	mode             Mode
	credentials      Credentials
	redirect         Redirect
	referrerPolicy   string
	useCORSPreflight bool

	tainting      tainting
	redirectCount int
	exchanges     []Exchange
}

// newFetch does what the constructor of Request does. Where it returns an error, fetch throws a
// TypeError before it sends anything.
//
// Fetch, 5.4 Request class, constructor: https://fetch.spec.whatwg.org/#dom-request
func newFetch(b *Browser, r *Request) (*fetch, error) {
	f := &fetch{
		browser:          b,
		page:             r.Page,
		method:           normalizeMethod(orDefault(r.Method, http.MethodGet)),
		body:             r.Body,
		hasBody:          r.Body != "" || r.Stream,
		stream:           r.Stream,
		mode:             orDefault(r.Mode, ModeCORS),
		credentials:      orDefault(r.Credentials, CredentialsSameOrigin),
		redirect:         orDefault(r.Redirect, RedirectFollow),
		referrerPolicy:   orDefault(r.ReferrerPolicy, "strict-origin-when-cross-origin"),
		useCORSPreflight: r.Stream || r.UploadListener,
	}
	base, err := parsePage(r.Page)
	if err != nil {
		return nil, f.fail(failure{check: CheckRequest, problem: err.Error()})
	}
	u, err := parseURL(base, r.URL)
	if err != nil {
		return nil, f.fail(failure{check: CheckRequest, problem: err.Error()})
	}
	f.urls = []*url.URL{u}
	err = f.checkInit(r)
	if err == nil {
		err = f.fillHeader(r.Header)
	}
	if err != nil {
		return nil, f.fail(failure{
			check: CheckRequest, problem: err.Error(), step: stepConstructor,
		})
	}
	return f, nil
}

func orDefault[T ~string](value, standard T) T {
	if value == "" {
		return standard
	}
	return value
}

// checkInit returns the constructor's TypeError for everything but the header, or nil.
func (f *fetch) checkInit(r *Request) error {
	switch {
	case f.urls[0].User != nil:
		return errors.New("the URL has a user name, which fetch refuses")
	case !isToken(f.method):
		return fmt.Errorf("%q is not a method", f.method)
	case isForbiddenMethod(f.method):
		return fmt.Errorf("no script can use the method %s", f.method)
	case !slices.Contains([]Mode{ModeCORS, ModeNoCORS, ModeSameOrigin}, f.mode):
		return fmt.Errorf("mode %q: write cors, no-cors or same-origin", f.mode)
	case !slices.Contains([]Credentials{CredentialsOmit, CredentialsSameOrigin, CredentialsInclude},
		f.credentials):
		return fmt.Errorf("credentials %q: write omit, same-origin or include", f.credentials)
	case !slices.Contains([]Redirect{RedirectFollow, RedirectError, RedirectManual}, f.redirect):
		return fmt.Errorf("redirect %q: write follow, error or manual", f.redirect)
	case f.mode == ModeNoCORS && !isSafelistedMethod(f.method):
		return fmt.Errorf("mode no-cors takes GET, HEAD and POST only, not %s", f.method)
	case f.hasBody && (f.method == http.MethodGet || f.method == http.MethodHead):
		return fmt.Errorf("%s cannot have a body", f.method)
	case f.stream && f.mode == ModeNoCORS:
		return errors.New("mode no-cors takes no stream as a body")
	case r.UploadListener && (f.mode != ModeCORS || f.redirect != RedirectFollow || f.stream):
		return errors.New("an upload listener needs XMLHttpRequest, " +
			"which has no modes, redirect modes and streams")
	}
	return nil
}

// fillHeader copies the fields that the script may set.
//
// Fetch, 5.1 Headers class, "append" and "validate":
// https://fetch.spec.whatwg.org/#concept-headers-append
func (f *fetch) fillHeader(header http.Header) error {
	f.header = http.Header{}
	for _, name := range slices.Sorted(maps.Keys(header)) {
		if !isToken(name) {
			return fmt.Errorf("%q is not a header name", name)
		}
		for _, value := range header[name] {
			value = strings.Trim(value, "\t\n\r ")
			if strings.ContainsAny(value, "\x00\r\n") {
				return fmt.Errorf("%s: %q is not a header value", name, value)
			}
			f.appendHeader(textproto.CanonicalMIMEHeaderKey(name), value)
		}
	}
	if f.hasBody && !f.stream && len(f.header["Content-Type"]) == 0 {
		f.appendHeader("Content-Type", "text/plain;charset=UTF-8")
	}
	for name, values := range f.header {
		if f.browser.chromium {
			f.header[name] = []string{strings.Join(values, ", ")}
		}
	}
	return nil
}

// appendHeader appends a field, unless the guard "request", or in mode no-cors "request-no-cors",
// forbids it.
func (f *fetch) appendHeader(name, value string) {
	if isForbiddenRequestHeader(name, value) {
		return
	}
	if f.mode == ModeNoCORS {
		combined := strings.Join(append(slices.Clone(f.header[name]), value), ", ")
		if name == "Range" || !isSafelistedRequestHeader(name, combined) {
			return
		}
	}
	f.header[name] = append(f.header[name], value)
}

// url returns the current URL.
func (f *fetch) url() *url.URL { return f.urls[len(f.urls)-1] }
