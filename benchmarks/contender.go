// Package benchmarks holds CORS middleware of several libraries against one another: the same policy, the same
// requests, the same process.
package benchmarks

import "errors"

// The frameworks.
const (
	NetHTTP = "net/http"
	Gin     = "gin"
	Echo    = "echo"
	Fiber   = "fiber"
	EchoV5  = "echo v5"
	FiberV3 = "fiber v3"
)

// Frameworks lists them in the order of the report.
var Frameworks = []string{NetHTTP, Gin, Echo, Fiber, EchoV5, FiberV3}

// Contender is one library's middleware in one framework.
type Contender struct {
	Name       string
	Framework  string
	Module     string // whose version the report states; empty for Corselet and what this module brings itself
	MaxOrigins int    // beyond, building or asking it takes too long to be measured; 0: no limit
	OnRegexps  string // what its numbers under policies of regexps have to be read with; empty: nothing
	MatchOnly  bool   // answers no more than whether the origin is allowed

	Open Opener
}

// An Opener makes an application with a contender's middleware in front.
type Opener func(Policy, Mode) (App, error)

// Mode is how requests come to the middleware.
type Mode int

// The modes.
const (
	// Alone calls the middleware with a handler that does nothing behind it, and uses one response header map again
	// and again.
	Alone Mode = iota
	// Router calls the framework's entry point, with routes and a handler that answers JSON; the response header map
	// is a new one each time, as in a real server.
	Router
)

// App is an application under test.
type App interface {
	// Client returns a client that sends the requests in turn. One client serves one goroutine.
	Client(requests []Request) Client
}

// Client drives an application without a network.
type Client interface {
	Do()            // sends the next request
	Answer() Answer // describes the last response
}

// Answer is a response.
type Answer struct {
	Status     int
	Header     map[string][]string // not a copy: the response's own, where the framework has one
	HandlerRan bool
}

// ErrUnsupported is returned by an Opener whose library cannot express the policy, or cannot be driven that way.
var ErrUnsupported = errors.New("not supported")

// None is the name of the contender that is no middleware at all, and Bare204 that of the one that answers everything
// with 204 and no field: what a preflight costs before anything is known of CORS.
const (
	None     = "none"
	Bare204  = "bare 204"
	Corselet = "corselet"
	Observed = "corselet, observed"
	Limit    = "limit"
	Shared   = "limit, shared memory"
)

// Contenders lists everything that is measured: Corselet first in each framework, then peers, then limits.
var Contenders = []Contender{
	netHTTPCorselet, netHTTPObserved, rsCORS, chiCORS, jub0bsCORS, netHTTPLimit, netHTTPShared,
	ginCorselet, ginObserved, ginContrib, ginLimit,
	echoCorselet, echoObserved, echoOwn, echoLimit,
	fiberCorselet, fiberObserved, fiberOwn, fiberLimit,
	echoV5Corselet, echoV5Observed, echoV5Own, echoV5Limit,
	fiberV3Corselet, fiberV3Observed, fiberV3Own, fiberV3Limit,
}

// IsPeer reports whether the contender is another project's.
func (c *Contender) IsPeer() bool { return c.Module != "" }

// Supports reports whether the contender takes part under the policy.
func (c *Contender) Supports(p *Policy) bool {
	return c.MaxOrigins == 0 || p.numOrigins() <= c.MaxOrigins
}

// Baseline returns what is subtracted from a contender's cost: the same application without middleware, or where the
// contender answers by itself, as it does preflights and some refused requests, middleware that answers 204 in the same
// place and does nothing else. Without a network behind it, another status would cost the same.
func Baseline(framework string, handlerRan bool) *Contender {
	if handlerRan {
		return &Contender{Name: None, Framework: framework, Open: noMiddleware[framework]}
	}
	return &Contender{Name: Bare204, Framework: framework, Open: bare204[framework]}
}

var noMiddleware = map[string]Opener{
	NetHTTP: onNetHTTP(nil), Gin: onGin(nil), Echo: onEcho(nil), Fiber: onFiber(nil), EchoV5: onEchoV5(nil),
	FiberV3: onFiberV3(nil),
}

// body is what the handlers answer.
var body = []byte(`{"ok":true}`)

const contentType = "application/json"
