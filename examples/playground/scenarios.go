package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/httpcors"
)

// scenariosJSON is what the page runs in a browser and -check without one. It has the requests and,
// for the sample policy, all expected answers, to an origin that the policy allows and to one that
// it does not.
//
//go:embed scenarios.json
var scenariosJSON json.RawMessage

type scenarioTable struct {
	Application map[string]appAnswer `json:"application"` // by path
	Answers     map[string]answer    `json:"answers"`     // by name
	Scenarios   []scenario           `json:"scenarios"`
}

// appAnswer is the application's answer to a request that reaches it.
type appAnswer struct {
	Status  int  `json:"status"`
	Handler bool `json:"handler"` // whether the API's handler answers, not the framework
}

// answer is the policy's part of an answer.
type answer struct {
	Status int               `json:"status"` // 0: the application answers
	Fields map[string]string `json:"fields"` // ORIGIN is the request's own
}

type scenario struct {
	Name        string            `json:"name"`
	About       string            `json:"about"`
	Method      string            `json:"method"`
	Path        string            `json:"path"`
	Headers     map[string]string `json:"headers"`
	Body        string            `json:"body"`
	Credentials bool              `json:"credentials"`
	Reads       []string          `json:"reads"` // response headers that the page shows
	Preflight   *struct {
		Headers string `json:"headers"` // Access-Control-Request-Headers, as browsers write it
	} `json:"preflight"` // nil: browsers send none
	Allowed []step `json:"allowed"` // exchanged with an allowed origin
	Refused []step `json:"refused"`
}

// step is one request and its answer.
type step struct {
	Send    string `json:"send"`    // preflight or actual
	Path    string `json:"path"`    // a redirect's target; empty: the scenario's
	Answer  string `json:"answer"`  // name of an answer
	Verdict string `json:"verdict"` // outcome, reason and detail
}

func loadScenarios() *scenarioTable {
	table := new(scenarioTable)
	if err := json.Unmarshal(scenariosJSON, table); err != nil {
		panic(fmt.Sprintf("scenarios.json: %v", err)) // the embedded file is wrong
	}
	return table
}

// exchange is one request, and the expected answer.
type exchange struct {
	method, path, body string
	header             http.Header

	status  int
	fields  http.Header // all CORS fields, and Vary
	handler bool
	verdict string
}

// A plan is what to exchange with a server: groups of scenarios, one for each origin that sends
// them.
type plan []planGroup

type planGroup struct {
	title     string
	scenarios []planned
}

type planned struct {
	name      string
	exchanges []exchange
}

// samplePlan is the plan of scenarios.json, for the two names of a front end on the given port.
func samplePlan(frontEndPort int) plan {
	table := loadScenarios()
	group := func(origin, title string, steps func(*scenario) []step) planGroup {
		g := planGroup{title: origin + ", " + title}
		for _, s := range table.Scenarios {
			p := planned{name: s.Name}
			for _, step := range steps(&s) {
				p.exchanges = append(p.exchanges, table.exchange(&s, step, origin))
			}
			g.scenarios = append(g.scenarios, p)
		}
		return g
	}
	return plan{
		group(fmt.Sprintf("http://localhost:%d", frontEndPort), "which the sample policy allows",
			func(s *scenario) []step { return s.Allowed }),
		group(fmt.Sprintf("http://127.0.0.1:%d", frontEndPort), "which it does not allow",
			func(s *scenario) []step { return s.Refused }),
	}
}

func (t *scenarioTable) exchange(s *scenario, step step, origin string) exchange {
	e := s.request(step.Send == "preflight", origin)
	if step.Path != "" {
		e.path = step.Path
	}
	answer := t.Answers[step.Answer]
	e.status, e.verdict, e.fields = answer.Status, step.Verdict, http.Header{}
	if e.status == 0 {
		e.status, e.handler = t.Application[e.path].Status, t.Application[e.path].Handler
	}
	for name, value := range answer.Fields {
		e.fields.Set(name, strings.ReplaceAll(value, "ORIGIN", origin))
	}
	return e
}

// request returns the request that a browser sends.
func (s *scenario) request(preflight bool, origin string) exchange {
	e := exchange{method: s.Method, path: s.Path, body: s.Body, header: http.Header{}}
	e.header.Set(core.FieldOrigin, origin)
	e.header.Set(core.FieldSecFetchMode, "cors")
	e.header.Set(core.FieldSecFetchSite, "cross-site")
	if preflight {
		e.method, e.body = http.MethodOptions, ""
		e.header.Set(core.FieldRequestMethod, s.Method)
		if s.Preflight.Headers != "" {
			e.header.Set(core.FieldRequestHeaders, s.Preflight.Headers)
		}
		return e
	}
	for name, value := range s.Headers {
		e.header.Set(name, value)
	}
	if s.Credentials {
		e.header.Set("Cookie", "playground=1")
	}
	return e
}

// policyPlan is the plan for a policy other than the sample: the frameworks must answer as core
// decides. The origins of the scenarios are the front end's two, and one that each of the first few
// patterns allows.
func policyPlan(cfg core.Config, frontEndPort int) (plan, error) {
	policy, err := core.Compile(cfg)
	if err != nil {
		return nil, err
	}
	const most = 4
	origins := []string{
		fmt.Sprintf("http://localhost:%d", frontEndPort),
		fmt.Sprintf("http://127.0.0.1:%d", frontEndPort),
	}
	for _, pattern := range cfg.Origins[:min(len(cfg.Origins), most)] {
		origin := strings.Replace(strings.TrimSuffix(pattern, ":*"), "://*.", "://sub.", 1)
		if pattern != "*" && pattern != "http://localhost:*" && pattern != "http://127.0.0.1:*" {
			origins = append(origins, origin)
		}
	}
	table := loadScenarios()
	var p plan
	for _, origin := range origins {
		g := planGroup{title: origin + ", as the policy decides"}
		for _, s := range table.Scenarios {
			g.scenarios = append(g.scenarios, planned{s.Name, table.follow(policy, &s, origin)})
		}
		p = append(p, g)
	}
	return p, nil
}

// follow returns the exchanges of a browser under a policy. It stops at the first denial, and
// follows a redirect.
func (t *scenarioTable) follow(policy *core.Policy, s *scenario, origin string) []exchange {
	var exchanges []exchange
	goesOn := func(e exchange) bool {
		t.expect(policy, &e)
		exchanges = append(exchanges, e)
		return strings.HasPrefix(e.verdict, core.OutcomeAllowed.String())
	}
	if s.Preflight != nil && !goesOn(s.request(true, origin)) {
		return exchanges
	}
	e := s.request(false, origin)
	if goesOn(e) && t.Application[e.path].Status == http.StatusTemporaryRedirect {
		e.path = pathOK
		goesOn(e)
	}
	return exchanges
}

// expect sets the answer that the policy decides on.
func (t *scenarioTable) expect(policy *core.Policy, e *exchange) {
	r := &http.Request{Method: e.method, URL: &url.URL{Path: e.path}, Header: e.header}
	asked := httpcors.NewRequest(r)
	d := policy.Decide(&asked)
	v := policy.Verdict(&asked, &d)
	e.verdict = verdictText(v.Outcome.String(), v.Reason.String(), v.Detail)
	e.status = d.Status
	if d.NextHandler {
		e.status, e.handler = t.Application[e.path].Status, t.Application[e.path].Handler
	}
	e.fields = http.Header{}
	httpcors.SetFields(e.fields, r, &d)
}

// verdictText returns a verdict in the form of scenarios.json.
func verdictText(outcome, reason, detail string) string {
	return strings.TrimRight(outcome+" "+reason+" "+detail, " ")
}
