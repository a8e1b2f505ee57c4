package benchmarks

import (
	"regexp"

	"github.com/corselet/corselet/core"
)

// Core is the name under which what has no framework around it is measured.
const Core = "core"

// Decide and Verdict measure a policy without a framework, and MatchString the regexp package on the only regexp of the
// policy.
var (
	Decide      = Contender{Name: "Policy.Decide", Framework: Core, Open: openCore(decide)}
	Verdict     = Contender{Name: "Policy.Decide and Verdict", Framework: Core, Open: openCore(judgeToo)}
	MatchString = Contender{Name: "regexp.MatchString", Framework: Core, Open: openRegexp, MatchOnly: true}
)

func openCore(do func(*coreClient, *core.Request)) Opener {
	return func(p Policy, _ Mode) (App, error) {
		policy, err := core.Compile(CoreConfig(p))
		return coreApp{policy, do}, err
	}
}

type coreApp struct {
	policy *core.Policy
	do     func(*coreClient, *core.Request)
}

func (a coreApp) Client(requests []Request) Client {
	c := &coreClient{policy: a.policy, do: a.do}
	for _, r := range requests {
		c.requests = append(c.requests, core.Request{
			Method: r.Method, Host: host, Path: path, SecFetchSite: "cross-site", SecFetchMode: "cors",
			Origins: lines(r.Origin), RequestMethods: lines(r.RequestMethod), RequestHeaders: lines(r.RequestHeaders),
		})
	}
	return c
}

func lines(value string) []string {
	if value == "" {
		return nil
	}
	return []string{value}
}

type coreClient struct {
	policy   *core.Policy
	do       func(*coreClient, *core.Request)
	requests []core.Request
	next     int
	decision core.Decision
	verdict  core.Verdict
}

func decide(c *coreClient, r *core.Request) { c.decision = c.policy.Decide(r) }

func judgeToo(c *coreClient, r *core.Request) {
	c.decision = c.policy.Decide(r)
	c.verdict = c.policy.Verdict(r, &c.decision)
}

func (c *coreClient) Do() {
	c.do(c, &c.requests[c.next])
	if c.next++; c.next == len(c.requests) {
		c.next = 0
	}
}

func (c *coreClient) Answer() Answer {
	a := Answer{Status: c.decision.Status, Header: map[string][]string{}, HandlerRan: c.decision.NextHandler}
	for name, lines := range c.decision.Reflected() {
		a.Header[name] = lines
	}
	for i := range c.decision.NumConstants() {
		name, value := c.decision.Constant(i)
		a.Header[name] = append(a.Header[name], value)
	}
	return a
}

func openRegexp(p Policy, _ Mode) (App, error) {
	if len(p.Regexps) != 1 {
		return nil, ErrUnsupported
	}
	re, err := regexp.Compile(p.Regexps[0])
	return regexpApp{re}, err
}

type regexpApp struct{ re *regexp.Regexp }

func (a regexpApp) Client(requests []Request) Client {
	return &regexpClient{re: a.re, requests: requests}
}

type regexpClient struct {
	re       *regexp.Regexp
	requests []Request
	next     int
	origin   string
	matched  bool
}

func (c *regexpClient) Do() {
	c.origin = c.requests[c.next].Origin
	c.matched = c.re.MatchString(c.origin)
	if c.next++; c.next == len(c.requests) {
		c.next = 0
	}
}

func (c *regexpClient) Answer() Answer {
	a := Answer{Header: map[string][]string{}}
	if c.matched {
		a.Header[core.FieldAllowOrigin] = []string{c.origin}
	}
	return a
}
