package corstest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/corselet/corselet/core"
)

// A FetchError says why a page's request failed. Its text tells developers what a browser hides
// from pages:
//
//	PUT https://api.example.com/notes from https://app.example.com: method PUT is not in …: DELETE
//		sent: OPTIONS https://api.example.com/notes
//			…
//		got: 204
//			…
//		needed: Access-Control-Allow-Methods: PUT
//		Fetch, 4.8 CORS-preflight fetch (…), step 7.5
type FetchError struct {
	// Check is the check that failed.
	Check Check
	// Reason is the failure's reason in a policy's verdict, or none if it has none there. A browser
	// cannot tell an origin that is malformed, or whose lookup failed, from one that is not
	// allowed.
	Reason core.Reason
	// Problem says what is wrong.
	Problem string
	// Needed says what the server would have to send, or the page to do. It may be empty.
	Needed string
	// Step is the step of the standard at which the request failed.
	Step string
	// Exchanges has the requests that were sent, in order, and their answers.
	Exchanges []Exchange

	request string // method, URL and page
	cause   error
}

// Check names a check that a request or a response can fail.
type Check string

// The checks. The set is closed.
const (
	CheckRequest          Check = "request"                // fetch throws before it sends anything
	CheckMixedContent     Check = "mixed content"          // an https page asks for http
	CheckMode             Check = "mode"                   // the mode forbids another origin
	CheckNetwork          Check = "network"                // there was no answer
	CheckAllowOrigin      Check = "allow origin"           // Access-Control-Allow-Origin
	CheckAllowCredentials Check = "allow credentials"      // Access-Control-Allow-Credentials
	CheckPreflightStatus  Check = "preflight status"       // not 200 to 299
	CheckMalformed        Check = "malformed list"         // a field of the preflight's answer
	CheckAllowMethods     Check = "allow methods"          // Access-Control-Allow-Methods
	CheckAllowHeaders     Check = "allow headers"          // Access-Control-Allow-Headers
	CheckRedirect         Check = "redirect"               // a redirect that cannot be followed
	CheckResourcePolicy   Check = "cross-origin resources" // Cross-Origin-Resource-Policy
)

// Where requests fail. Those that end in "step " get a number appended.
const (
	stepConstructor  = "Fetch, 5.4 Request class: https://fetch.spec.whatwg.org/#dom-request"
	stepMixedContent = "Mixed Content, 4.4: " +
		"https://w3c.github.io/webappsec-mixed-content/#should-block-fetch"
	stepMainFetch = "Fetch, 4.1 main fetch, step 12: " +
		"https://fetch.spec.whatwg.org/#concept-main-fetch"
	stepResourcePolicy = "Fetch, 4.4 HTTP fetch, step 5: " +
		"https://fetch.spec.whatwg.org/#concept-http-fetch"
	stepNetwork = "Fetch, 4.7 HTTP-network fetch: " +
		"https://fetch.spec.whatwg.org/#concept-http-network-fetch"

	stepHTTPFetch = "Fetch, 4.4 HTTP fetch " +
		"(https://fetch.spec.whatwg.org/#concept-http-fetch), step "
	stepRedirect = "Fetch, 4.5 HTTP-redirect fetch " +
		"(https://fetch.spec.whatwg.org/#concept-http-redirect-fetch), step "
	stepPreflight = "Fetch, 4.8 CORS-preflight fetch " +
		"(https://fetch.spec.whatwg.org/#cors-preflight-fetch-0), step "
	stepCORSCheck = "Fetch, 4.10 CORS check " +
		"(https://fetch.spec.whatwg.org/#concept-cors-check), step "
)

// failure is the part of a FetchError that the failed check knows.
type failure struct {
	check   Check
	reason  core.Reason
	problem string
	needed  string
	step    string
	cause   error
}

// fail returns a FetchError for a failure.
func (f *fetch) fail(failed failure) error {
	request := f.method + " from " + f.page
	if len(f.urls) > 0 {
		request = fmt.Sprintf("%s %s from %s", f.method, f.url(), f.page)
	}
	return &FetchError{
		Check: failed.check, Reason: failed.reason, Problem: failed.problem,
		Needed: failed.needed, Step: failed.step, Exchanges: f.exchanges,
		request: request, cause: failed.cause,
	}
}

// Error returns the problem, the last exchange, what was needed, and the step, on several lines.
func (e *FetchError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", e.request, e.Problem)
	if len(e.Exchanges) > 0 {
		e.Exchanges[len(e.Exchanges)-1].write(&b)
	}
	if e.Needed != "" {
		fmt.Fprintf(&b, "\n\tneeded: %s", e.Needed)
	}
	if e.Step != "" {
		fmt.Fprintf(&b, "\n\t%s", e.Step)
	}
	return b.String()
}

// Unwrap returns the transport's error, if there was no answer.
func (e *FetchError) Unwrap() error { return e.cause }

// write writes the parts of the exchange that matter to CORS.
func (e *Exchange) write(b *strings.Builder) {
	fmt.Fprintf(b, "\n\tsent: %s %s", e.Method, e.URL)
	writeFields(b, e.RequestHeader)
	if e.Status != 0 {
		fmt.Fprintf(b, "\n\tgot: %d", e.Status)
		writeFields(b, e.ResponseHeader)
	}
}

func writeFields(b *strings.Builder, header http.Header) {
	var lines []string
	for name, values := range header {
		if !mattersToCORS(name) {
			continue
		}
		for _, value := range values {
			lines = append(lines, shorten(name+": "+value))
		}
	}
	slices.Sort(lines)
	for _, line := range lines {
		b.WriteString("\n\t\t" + line)
	}
}

func mattersToCORS(name string) bool {
	switch name {
	case "Origin", "Vary", "Location", "Cross-Origin-Resource-Policy":
		return true
	}
	return strings.HasPrefix(name, "Access-Control-")
}
