package core

// The response fields of the CORS protocol, in the canonical form of [net/http.CanonicalHeaderKey].
// No decision sends any other field but [FieldVary].
//
// https://fetch.spec.whatwg.org/#http-responses
const (
	FieldAllowOrigin      = "Access-Control-Allow-Origin"
	FieldAllowCredentials = "Access-Control-Allow-Credentials"
	FieldAllowMethods     = "Access-Control-Allow-Methods"
	FieldAllowHeaders     = "Access-Control-Allow-Headers"
	FieldExposeHeaders    = "Access-Control-Expose-Headers"
	FieldMaxAge           = "Access-Control-Max-Age"

	FieldVary = "Vary"
)

// The request fields that decide how a request is answered, in canonical form.
//
// https://fetch.spec.whatwg.org/#http-requests
const (
	FieldOrigin         = "Origin"
	FieldRequestMethod  = "Access-Control-Request-Method"
	FieldRequestHeaders = "Access-Control-Request-Headers"
	FieldSecFetchSite   = "Sec-Fetch-Site"
	FieldSecFetchMode   = "Sec-Fetch-Mode"
)

// field is one response field whose value belongs to the policy.
type field struct{ name, value string }

// VaryCovers reports whether line, one line of a Vary field, makes adding name to it superfluous: it lists name,
// in any case, or "*". Adapters call it for every Vary line that an outer layer has set.
//
// https://www.rfc-editor.org/rfc/rfc9110#section-12.5.5
func VaryCovers(line, name string) bool {
	for more := true; more; {
		var element string
		element, line, more = cutElement(line)
		if element == "*" || equalFold(element, name) {
			return true
		}
	}
	return false
}
