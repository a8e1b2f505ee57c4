package corstest

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/corselet/corselet/core"
)

// corsCheck returns nil if the page may see the response. The failure calls the response by
// subject.
//
// Fetch, 4.10 CORS check: https://fetch.spec.whatwg.org/#concept-cors-check
func (f *fetch) corsCheck(subject string, got *reply) *failure {
	origin := f.serializedOrigin()
	withCredentials := f.credentials == CredentialsInclude
	allowed, ok := getHeader(got.header, core.FieldAllowOrigin) // step 1
	switch {
	case !ok: // step 2
		return f.originRefused("2", "the "+subject+" has no Access-Control-Allow-Origin",
			got.status)
	case allowed == "*" && !withCredentials: // step 3
		return nil
	case allowed == "*": // step 4
		return &failure{
			check: CheckAllowOrigin, step: stepCORSCheck + "4",
			reason: core.ReasonCredentialsNotAllowed,
			problem: fmt.Sprintf("the %s has Access-Control-Allow-Origin: *, "+
				"which does not count for requests with credentials", subject),
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
		problem = fmt.Sprintf("the %s has Access-Control-Allow-Credentials: %q, not true", subject,
			credentials)
	}
	return &failure{
		check: CheckAllowCredentials, step: stepCORSCheck + "8",
		reason:  core.ReasonCredentialsNotAllowed,
		problem: problem + ", and the page asks with credentials", needed: f.neededForCredentials(),
	}
}

func (f *fetch) neededForCredentials() string {
	return "Access-Control-Allow-Origin: " + f.serializedOrigin() +
		" with Access-Control-Allow-Credentials: true" +
		f.aboutNull() + "; or the page must ask without credentials"
}

func (f *fetch) originRefused(step, problem string, status int) *failure {
	origin := f.serializedOrigin()
	failed := failure{
		check: CheckAllowOrigin, step: stepCORSCheck + step, problem: problem,
		reason: core.ReasonOriginNotAllowed,
		needed: "Access-Control-Allow-Origin: " + origin + statusHint(status),
	}
	if origin == opaqueOrigin {
		failed.reason = core.ReasonOriginNull
	}
	failed.needed += f.aboutNull()
	return &failed
}

// aboutNull returns a warning for a page that would need "null" to be allowed.
func (f *fetch) aboutNull() string {
	switch {
	case f.serializedOrigin() != opaqueOrigin:
		return ""
	case f.page == opaqueOrigin:
		return " (which any site's sandboxed frame has; serve the page from an origin instead)"
	}
	return " (a redirect from another origin to a third one made the origin null; " +
		"ask the last URL directly)"
}

// mismatch says how Access-Control-Allow-Origin differs from the origin.
func mismatch(subject string, header http.Header, origin string) string {
	lines := header.Values(core.FieldAllowOrigin)
	if len(lines) > 1 {
		return fmt.Sprintf(
			"the %s has Access-Control-Allow-Origin %d times (%s), and only one is allowed; "+
				"do two layers answer CORS?", subject, len(lines), strings.Join(lines, " and "))
	}
	return fmt.Sprintf("the %s has Access-Control-Allow-Origin: %q, not %s",
		subject, lines[0], origin)
}

// statusHint guesses from the status why CORS fields are missing.
func statusHint(status int) string {
	switch {
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return fmt.Sprintf(" (%d: the policy does not list the origin, "+
			"or authentication is in front of it)", status)
	case status == http.StatusNotFound || status == http.StatusMethodNotAllowed:
		return fmt.Sprintf(" (%d: a router in front of CORS has no route for it)", status)
	case isRedirect(status):
		return fmt.Sprintf(" (%d: a redirect in front of CORS; ask its target directly)", status)
	case status >= 500:
		return fmt.Sprintf(" (%d: an error page made in front of CORS)", status)
	}
	return ""
}
