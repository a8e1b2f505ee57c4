package adaptertest

import (
	"strings"

	"github.com/corselet/corselet/corstest"
)

// FiberPlacements hold in all majors of fiber, in addition to [Placements]. A first step in
// parentheses is a setting.
var FiberPlacements = []Placement{
	{Name: "in front of the routes, a 405 carries the fields",
		Steps: "CORS, route", Ask: "GET /api/notes", Want: "405, for " + Page},
	{Name: "after a route, its responses carry no field",
		Steps: "route, CORS", Ask: actual, Want: "200, for no origin"},
	{Name: "on a group, preflights are answered",
		Steps: "group with CORS", Ask: preflight, Want: "204, for " + Page},
	{Name: "on one route, preflights are a 405",
		Steps: "route with CORS", Ask: preflight, Want: "405, for no origin"},

	{Name: "a method that RequestMethods adds gets the fields",
		Steps: "(RequestMethods with PURGE), CORS, route of PURGE",
		Ask:   "PURGE /api/notes", Over: corstest.HTTP1, Want: "200, for " + Page},
	{Name: "a header of 5 KiB is refused without a field",
		Steps: "CORS, route", Ask: actual,
		Header: withCookies(5 << 10), Over: corstest.HTTP1, Want: "431, for no origin"},
	{Name: "ReadBufferSize makes room for it",
		Steps: "(ReadBufferSize of 16 KiB), CORS, route", Ask: actual,
		Header: withCookies(5 << 10), Over: corstest.HTTP1, Want: "200, for " + Page},
	{Name: "BodyLimit makes room for a body",
		Steps: "(BodyLimit of 30), CORS, route", Ask: actual,
		Body: strings.Repeat("b", 20), Over: corstest.HTTP1, Want: "200, for " + Page},

	{Name: "by default a name in lower case is fine",
		Steps: "CORS, route", Ask: actual,
		Header: from("origin", Page), Over: corstest.HTTP1, Want: "200, for " + Page},
	{Name: "by default a name in lower case is blocked like any other",
		Steps: "CORS, route", Ask: actual,
		Header: from("origin", Another), Over: corstest.HTTP1, Want: "403, for no origin"},
	{Name: "by default a preflight with a name in lower case is answered",
		Steps: "CORS, route", Ask: preflight,
		Header: from("origin", Page), Over: corstest.HTTP1, Want: "204, for " + Page},
	{Name: "as it was sent, a canonical name is fine",
		Steps: "(DisableHeaderNormalizing), CORS, route", Ask: actual,
		Header: from("Origin", Page), Over: corstest.HTTP1, Want: "200, for " + Page},
	{Name: "as it was sent, a name in lower case is not seen",
		Steps: "(DisableHeaderNormalizing), CORS, route", Ask: actual,
		Header: from("origin", Page), Over: corstest.HTTP1, Want: "200, for no origin"},
	{Name: "as it was sent, a name in lower case is not blocked",
		Steps: "(DisableHeaderNormalizing), CORS, route", Ask: actual,
		Header: from("origin", Another), Over: corstest.HTTP1, Want: "200, for no origin"},
	{Name: "as it was sent, a preflight with a name in lower case is the routes'",
		Steps: "(DisableHeaderNormalizing), CORS, route", Ask: preflight,
		Header: from("origin", Page), Over: corstest.HTTP1, Want: "405, for no origin"},

	{Name: "split by the path in lower case, a path gets the fields",
		Steps: "CORS by the path in lower case, route", Ask: actual, Want: "200, for " + Page},
	{Name: "split by the path in lower case, a path in another case gets the fields",
		Steps: "CORS by the path in lower case, route",
		Ask:   "PUT /API/notes", Want: "200, for " + Page},
	{Name: "split by the path in lower case, another path gets no field",
		Steps: "CORS by the path in lower case, route",
		Ask:   "PUT /other", Want: "404, for no origin"},
	{Name: "split by the path as it is, a path gets the fields",
		Steps: "CORS by the path, route", Ask: actual, Want: "200, for " + Page},
	{Name: "split by the path as it is, a path in another case gets no field",
		Steps: "CORS by the path, route",
		Ask:   "PUT /API/notes", Want: "200, for no origin"},
}

// from returns a header with the origin under a name.
func from(name, origin string) corstest.Fields {
	return corstest.Fields{{Name: name, Value: origin}}
}

// withCookies returns the header of a request from Page with so many bytes of cookies.
func withCookies(size int) corstest.Fields {
	cookie := corstest.Field{Name: "Cookie", Value: "a=" + strings.Repeat("c", size)}
	return append(from("Origin", Page), cookie)
}

// FiberWirings hold in all majors of fiber.
var FiberWirings = []Wiring{
	{Name: "in front of the routes all is well", Steps: "CORS, route"},
	{Name: "on a group all is well", Steps: "group with CORS"},
	{Name: "on one route preflights are a 405", Steps: "route with CORS",
		Want: "CORS is below the router: the preflight was answered 405"},
	{Name: "a route that was there before has no fields", Steps: "route, CORS",
		Want: "CORS was installed after the route"},
	{Name: "authentication comes first", Steps: "authentication, CORS, route",
		Want: "something refuses requests in front of CORS: the preflight was answered 401"},

	{Name: "idempotency behind CORS keeps its fields", Steps: "CORS, idempotency, route",
		Want: "a layer replays another origin's fields: a request from " + Page},
	{Name: "idempotency behind CORS keeps what it is told to",
		Steps: "CORS, idempotency of Content-Type, route"},
	{Name: "idempotency in front of CORS keeps its fields", Steps: "idempotency, CORS, route",
		Want: "a layer replays another origin's fields: a request from https://other"},
	{Name: "a cache behind CORS keeps its fields", Method: "GET",
		Steps: "CORS, cache of fields, route of GET",
		Want:  "a layer replays another origin's fields: a request from https://other"},
	{Name: "a cache behind CORS as it is by default is fine", Method: "GET",
		Steps: "CORS, cache, route of GET"},
	{Name: "a cache behind CORS by origin is fine", Method: "GET",
		Steps: "CORS, cache of fields by origin, route of GET"},
	{Name: "a cache in front of CORS keeps its fields", Method: "GET",
		Steps: "cache of fields, CORS, route of GET",
		Want:  "a layer replays another origin's fields: a request from https://other"},
	{Name: "a file is fine, in parts too", Method: "GET", Steps: "CORS, file"},
	{Name: "a layer in front of CORS clears a 304", Method: "GET",
		Steps: "layer that clears a 304, CORS, file",
		Want:  "conditional requests lose CORS fields: the 304"},
	{Name: "a layer in front of CORS clears a 416", Method: "GET",
		Steps: "layer that clears a 416, CORS, file",
		Want:  "range requests lose CORS fields: the 416"},
}
