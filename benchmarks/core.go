package benchmarks

import (
	"net/http"
	"net/url"
	"regexp"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/httpcors"
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
		sent := httpRequest(r)
		c.sent, c.requests = append(c.sent, sent), append(c.requests, httpcors.NewRequest(sent))
	}
	return c
}

// httpRequest returns a request as net/http hands it to an adapter.
func httpRequest(r Request) *http.Request {
	sent := &http.Request{Method: r.Method, Host: host, URL: &url.URL{Path: path}, Header: http.Header{
		core.FieldSecFetchSite: {"cross-site"}, core.FieldSecFetchMode: {"cors"},
	}}
	for name, value := range map[string]string{
		core.FieldOrigin: r.Origin, core.FieldRequestMethod: r.RequestMethod,
		core.FieldRequestHeaders: r.RequestHeaders,
	} {
		if value != "" {
			sent.Header[name] = []string{value}
		}
	}
	return sent
}

type coreClient struct {
	policy   *core.Policy
	do       func(*coreClient, *core.Request)
	sent     []*http.Request
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
	header := http.Header{}
	last := (c.next + len(c.sent) - 1) % len(c.sent)
	httpcors.SetFields(header, c.sent[last], &c.decision)
	return Answer{Status: c.decision.Status, Header: header, HandlerRan: c.decision.NextHandler}
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
