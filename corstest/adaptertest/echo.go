package adaptertest

// EchoPlacements hold in all majors of echo, in addition to [Placements].
var EchoPlacements = []Placement{
	{Name: "in front of the routes, a 405 carries the fields",
		Steps: "CORS, route", Ask: "GET /api/notes", Want: "405, for " + Page},
	{Name: "after a route, its responses carry the fields",
		Steps: "route, CORS", Ask: actual, Want: "200, for " + Page},
	{Name: "with Pre, preflights are answered",
		Steps: "CORS in Pre, route", Ask: preflight, Want: "204, for " + Page},
	{Name: "on a group, preflights are answered",
		Steps: "group with CORS", Ask: preflight, Want: "204, for " + Page},
	{Name: "on a group, its 404 carries the fields",
		Steps: "group with CORS", Ask: "GET /api/other", Want: "404, for " + Page},
	{Name: "on a group after a route, its preflights are answered",
		Steps: "group with a route and then CORS", Ask: preflight, Want: "204, for " + Page},
	{Name: "on a group after a route, its responses carry no field",
		Steps: "group with a route and then CORS", Ask: actual, Want: "200, for no origin"},
	{Name: "on one route, echo answers the preflight without a field",
		Steps: "route with CORS", Ask: preflight, Want: "204, for no origin"},
	{Name: "behind a redirect in Pre, the redirect carries no field",
		Steps: "redirect in Pre, CORS, route", Ask: "PUT /api/notes/", Want: "307, for no origin"},
	{Name: "in Pre in front of a redirect, the redirect carries the fields",
		Steps: "CORS in Pre, redirect in Pre, route",
		Ask:   "PUT /api/notes/", Want: "307, for " + Page},
}

// EchoWirings hold in all majors of echo.
var EchoWirings = []Wiring{
	{Name: "with Use all is well", Steps: "CORS, route"},
	{Name: "on a group all is well", Steps: "group with CORS"},
	{Name: "on one route echo answers the preflight", Steps: "route with CORS",
		Want: "something answers OPTIONS in front of CORS: the preflight was answered 204"},
	{Name: "authentication comes first", Steps: "authentication, CORS, route",
		Want: "something refuses requests in front of CORS: the preflight was answered 401"},
	{Name: "a redirect in Pre comes before Use", Steps: "redirect in Pre, CORS, route",
		Want: "a redirect is made in front of CORS: /api/notes/ was redirected (307"},
}
