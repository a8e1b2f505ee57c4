package benchmarks

import (
	"fmt"
	"strings"
)

// Request is what a client sends.
type Request struct {
	Method         string
	Origin         string // empty: none
	RequestMethod  string // Access-Control-Request-Method; empty: none
	RequestHeaders string // Access-Control-Request-Headers; empty: none
	Further        [][2]string
}

// browserFields go with every request, as Chromium sends them with a fetch.
var browserFields = [][2]string{
	{"User-Agent",
		"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"},
	{"Accept", "*/*"},
	{"Accept-Encoding", "gzip, deflate, br, zstd"},
	{"Accept-Language", "en-GB,en;q=0.9"},
	{"Referer", "https://app-0.example.com/"},
	{"Sec-Fetch-Dest", "empty"},
	{"Sec-Fetch-Mode", "cors"},
	{"Sec-Fetch-Site", "cross-site"},
}

// fields returns the request's fields in the order in which they are sent.
func (r *Request) fields() [][2]string {
	fields := append([][2]string{}, browserFields...)
	for _, field := range [][2]string{
		{"Access-Control-Request-Method", r.RequestMethod},
		{"Access-Control-Request-Headers", r.RequestHeaders},
		{"Origin", r.Origin},
	} {
		if field[1] != "" {
			fields = append(fields, field)
		}
	}
	return append(fields, r.Further...)
}

// Outcome is what a browser must make of the answer.
type Outcome int

// The outcomes.
const (
	NotCORS Outcome = iota // nothing to judge
	Allowed
	DeniedOrigin // the origin must not be told that it is allowed
	DeniedMethod // the method must not be among those allowed
	DeniedHeader // the header must not be among those allowed
	Bounded      // hostile: any answer will do that repeats nothing of it
	NoOrigin     // what is in the Origin field is none: no browser sends it
)

// Scenario is one kind of request.
type Scenario struct {
	Name      string
	Outcome   Outcome
	Preflight bool
	Hostile   bool
	Observer  bool // measured with an observer too, which makes Corselet work out the verdict

	request func(p *Policy, i int) Request
}

// Applies reports whether the scenario makes sense under the policy. Under "*" no origin is refused.
func (s *Scenario) Applies(p *Policy) bool {
	return s.Outcome != DeniedOrigin && s.Outcome != NoOrigin || p.denied != nil
}

// numRequests is how many different requests a client sends in turn, whatever the policy. Each has a header map of its
// own, some of which are luckily laid out and some not; and one origin alone would be found in the processor's caches
// however many the policy lists.
const numRequests = 256

// Requests returns different requests of this kind, spread over the policy's origins.
func (s *Scenario) Requests(p *Policy) []Request { return s.RequestsOf(p, numRequests) }

// RequestsOf returns n requests, or the one that there is of a hostile kind.
func (s *Scenario) RequestsOf(p *Policy, n int) []Request {
	if s.Hostile {
		return []Request{s.request(p, 0)}
	}
	step := max(p.numOrigins()/n, 1)
	if step%numOthers == 0 {
		step++ // or all other origins would be of one kind
	}
	requests := make([]Request, n)
	for i := range requests {
		requests[i] = s.request(p, i*step)
	}
	return requests
}

func get(origin func(p *Policy, i int) string) func(*Policy, int) Request {
	return func(p *Policy, i int) Request { return Request{Method: "GET", Origin: origin(p, i)} }
}

func preflight(origin func(p *Policy, i int) string, method, headers string) func(*Policy, int) Request {
	return func(p *Policy, i int) Request {
		return Request{Method: "OPTIONS", Origin: origin(p, i), RequestMethod: method, RequestHeaders: headers}
	}
}

func none(*Policy, int) string        { return "" }
func allowed(p *Policy, i int) string { return p.allowed(i) }
func denied(p *Policy, i int) string  { return p.denied(i) }

// noOrigin has a path, and ends like an allowed origin.
func noOrigin(p *Policy, i int) string {
	return "https://evil.example/" + strings.TrimPrefix(p.allowed(i), "https://")
}

// longOrigin is what no browser sends. It starts like an allowed origin.
func longOrigin(p *Policy, i int) string {
	return p.allowed(i) + strings.Repeat(".example.com", (64<<10)/len(".example.com"))
}

const mebibyte = 1 << 20

// manyNames is a list of 1 MiB of which every name but the last is allowed.
func manyNames() string {
	return strings.Repeat("content-type,", mebibyte/len("content-type,")) + "x-evil"
}

// fiftyNames is a list as long as a real one could be. No policy here allows all of it.
func fiftyNames() string {
	names := []string{"authorization"}
	for i := range 49 {
		names = append(names, fmt.Sprintf("x-field-%02d", i))
	}
	return strings.Join(names, ",")
}

// fiveNames are all that the policies allow, in the order and spelling that browsers use.
const fiveNames = "authorization,content-type,x-api-key,x-csrf-token,x-requested-with"

// The scenarios that targets name.
const (
	NonCORSGet       = "non-CORS GET"
	AllowedGet       = "allowed GET"
	DeniedGet        = "denied GET"
	AllowedPreflight = "allowed preflight"
	DeniedPreflight  = "preflight, origin denied"
	FiftyNames       = "preflight, 50 names"
)

// Scenarios are all kinds of requests.
var Scenarios = []Scenario{
	{Name: NonCORSGet, Outcome: NotCORS, request: get(none)},
	{Name: AllowedGet, Outcome: Allowed, request: get(allowed)},
	{Name: DeniedGet, Outcome: DeniedOrigin, request: get(denied)},
	{Name: AllowedPreflight, Outcome: Allowed, Preflight: true,
		request: preflight(allowed, "PUT", "content-type")},
	{Name: "allowed preflight, 5 names", Outcome: Allowed, Preflight: true,
		request: preflight(allowed, "PUT", fiveNames)},
	{Name: FiftyNames, Outcome: DeniedHeader, Preflight: true,
		request: preflight(allowed, "PUT", fiftyNames())},
	{Name: DeniedPreflight, Outcome: DeniedOrigin, Preflight: true, Observer: true,
		request: preflight(denied, "PUT", "content-type")},
	{Name: "preflight, method denied", Outcome: DeniedMethod, Preflight: true, Observer: true,
		request: preflight(allowed, "PURGE", "content-type")},
	{Name: "preflight, header denied", Outcome: DeniedHeader, Preflight: true, Observer: true,
		request: preflight(allowed, "PUT", "x-evil")},
	{Name: "1 MiB of commas", Outcome: Bounded, Preflight: true, Hostile: true,
		request: preflight(allowed, "PUT", strings.Repeat(",", mebibyte))},
	{Name: "1 MiB of names", Outcome: Bounded, Preflight: true, Hostile: true,
		request: preflight(allowed, "PUT", manyNames())},
	{Name: "1 MiB of spaces", Outcome: Bounded, Preflight: true, Hostile: true,
		request: preflight(allowed, "PUT", strings.Repeat(" ", mebibyte)+"x")},
	{Name: "origin of 64 KiB", Outcome: DeniedOrigin, Preflight: true, Hostile: true,
		request: preflight(longOrigin, "PUT", "content-type")},
}

// checks are the kinds of requests that are sent before timing only.
var checks = []Scenario{
	{Name: "allowed preflight, PATCH", Outcome: Allowed, Preflight: true,
		request: preflight(allowed, "PATCH", "content-type")},
	{Name: "allowed preflight, DELETE", Outcome: Allowed, Preflight: true,
		request: preflight(allowed, "DELETE", "content-type")},
	{Name: "GET, no origin", Outcome: NoOrigin, request: get(noOrigin)},
}

// ScenarioNamed returns the scenario of that name.
func ScenarioNamed(name string) *Scenario {
	for i := range Scenarios {
		if Scenarios[i].Name == name {
			return &Scenarios[i]
		}
	}
	panic("no scenario is called " + name)
}
