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

// ResponseFields returns the names of the response fields of the CORS protocol, without Vary: those
// that an adapter removes where an outer layer has set them.
func ResponseFields() [6]string {
	return [...]string{
		FieldAllowOrigin, FieldAllowCredentials, FieldAllowMethods,
		FieldAllowHeaders, FieldExposeHeaders, FieldMaxAge,
	}
}

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
