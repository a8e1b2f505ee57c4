package corstest

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/corselet/corselet/core"
)

// corsCheck returns nil if the page may see the response, which is called by subject in what it says otherwise.
//
// Fetch, 4.10 CORS check: https://fetch.spec.whatwg.org/#concept-cors-check
func (f *fetch) corsCheck(subject string, got *reply) *failure {
	origin := f.serializedOrigin()
	withCredentials := f.credentials == CredentialsInclude
	allowed, ok := getHeader(got.header, core.FieldAllowOrigin) // step 1
	switch {
	case !ok: // step 2
		return f.originRefused("2", "the "+subject+" has no Access-Control-Allow-Origin", got.status)
	case allowed == "*" && !withCredentials: // step 3
		return nil
	case allowed == "*": // step 4
		return &failure{
			check: CheckAllowOrigin, step: stepCORSCheck + "4", reason: core.ReasonCredentialsNotAllowed,
			problem: fmt.Sprintf("the %s has Access-Control-Allow-Origin: *, which does not count for requests with "+
				"credentials", subject),
			needed: f.neededForCredentials(),
		}
	case allowed != origin: // step 4
		return f.originRefused("4", mismatch(subject, got.header, origin), 0)
	case !withCredentials: // step 5
		return nil
	}
	credentials, ok := getHeader(got.header, core.FieldAllowCredentials) // step 6
	if credentials == "true" {                                           // step 7
		return nil
	}
	problem := fmt.Sprintf("the %s has no Access-Control-Allow-Credentials", subject)
	if ok {
		problem = fmt.Sprintf("the %s has Access-Control-Allow-Credentials: %q, not true", subject, credentials)
	}
	return &failure{
		check: CheckAllowCredentials, step: stepCORSCheck + "8", reason: core.ReasonCredentialsNotAllowed,
		problem: problem + ", and the page asks with credentials", needed: f.neededForCredentials(),
	}
}

func (f *fetch) neededForCredentials() string {
	return "Access-Control-Allow-Origin: " + f.serializedOrigin() + " with Access-Control-Allow-Credentials: true" +
		f.aboutNull() + "; or let the page ask without credentials"
}

func (f *fetch) originRefused(step, problem string, status int) *failure {
	origin := f.serializedOrigin()
	failed := failure{
		check: CheckAllowOrigin, step: stepCORSCheck + step, problem: problem, reason: core.ReasonOriginNotAllowed,
		needed: "Access-Control-Allow-Origin: " + origin + statusHint(status),
	}
	if origin == opaqueOrigin {
		failed.reason = core.ReasonOriginNull
	}
	failed.needed += f.aboutNull()
	return &failed
}

// aboutNull says what to know before one allows "null".
func (f *fetch) aboutNull() string {
	switch {
	case f.serializedOrigin() != opaqueOrigin:
		return ""
	case f.page == opaqueOrigin:
		return " (which any site's sandboxed frame has; better serve the page from an origin)"
	}
	return " (the origin has become null by a redirect from a foreign origin to another; better ask the last one)"
}

// mismatch says how Access-Control-Allow-Origin fails to be the origin.
func mismatch(subject string, header http.Header, origin string) string {
	lines := header.Values(core.FieldAllowOrigin)
	if len(lines) > 1 {
		return fmt.Sprintf("the %s has Access-Control-Allow-Origin %d times (%s), and only one may be there; "+
			"do two layers answer CORS?", subject, len(lines), strings.Join(lines, " and "))
	}
	return fmt.Sprintf("the %s has Access-Control-Allow-Origin: %q, not %s", subject, lines[0], origin)
}

// statusHint guesses from a status why CORS fields are missing.
func statusHint(status int) string {
	switch {
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return fmt.Sprintf(" (%d: the policy does not list the origin, or authentication is in front of it)", status)
	case status == http.StatusNotFound || status == http.StatusMethodNotAllowed:
		return fmt.Sprintf(" (%d: a router stands in front of CORS and has no route for it)", status)
	case isRedirect(status):
		return fmt.Sprintf(" (%d: a redirect came before CORS; ask the URL to which it leads)", status)
	case status >= 500:
		return fmt.Sprintf(" (%d: an error page that did not come through CORS)", status)
	}
	return ""
}
