package main

import (
	"errors"
	"slices"
	"strings"

	"github.com/corselet/corselet/benchmarks"
)

// Found is what checking one contender's answers under one policy brought to light.
type Found struct {
	Framework, Contender, Policy string

	benchmarks.Finding
}

// found checks a contender under a policy, once.
func (r *runner) found(c *benchmarks.Contender, p *benchmarks.Policy) (*benchmarks.Finding, error) {
	for i, f := range r.findings {
		if f.Framework == c.Framework && f.Contender == c.Name && f.Policy == p.Name {
			return &r.findings[i].Finding, nil
		}
	}
	finding, err := c.Check(*p)
	if err != nil {
		return nil, err
	}
	if len(finding.Wrong) > 0 {
		r.log("%s, %s is disqualified under policy %s: %s", c.Framework, c.Name, p.Name, strings.Join(finding.Wrong, "; "))
	}
	r.findings = append(r.findings, Found{c.Framework, c.Name, p.Name, finding})
	return &r.findings[len(r.findings)-1].Finding, nil
}

// judge disqualifies a job whose contender is wrong about anything under the policy, or whose clients get a wrong answer
// to one of the very requests that are to be timed.
func (r *runner) judge(j *job, s *situation, c *benchmarks.Contender) error {
	if c.Framework != benchmarks.Core {
		found, err := r.found(c, &s.policy)
		if err != nil {
			return err
		}
		j.result.Wrong = append(j.result.Wrong, found.Wrong...)
	}
	for _, client := range j.clients {
		j.result.Wrong = append(j.result.Wrong, c.Judge(&s.policy, s.scenario, j.requests, client).Wrong...)
	}
	if j.disqualified() && c.Name == benchmarks.Corselet {
		return errors.New("wrong answers of Corselet itself: " + strings.Join(j.result.Wrong, "; "))
	}
	return nil
}

// remark is something that was found, and under which policies.
type remark struct {
	text     string
	policies []string
}

// String names the policies unless the main one is among them, which most numbers are of.
func (m remark) String() string {
	if slices.Contains(m.policies, mainPolicy.Name) {
		return m.text
	}
	return m.text + " (under " + strings.Join(m.policies, ", ") + ")"
}

// remarks gathers what was found of a contender under all policies.
func (r *Report) remarks(c *benchmarks.Contender) (wrong, less []remark, checked bool) {
	add := func(list []remark, text, policy string) []remark {
		for i := range list {
			if list[i].text == text {
				list[i].policies = append(list[i].policies, policy)
				return list
			}
		}
		return append(list, remark{text, []string{policy}})
	}
	for _, f := range r.Findings {
		if f.Framework != c.Framework || f.Contender != c.Name {
			continue
		}
		checked = true
		for _, text := range f.Wrong {
			wrong = add(wrong, text, f.Policy)
		}
		for _, text := range summarize(f.Less) {
			less = add(less, text, f.Policy)
		}
	}
	return wrong, less, checked
}

// summarize joins the findings about Vary into one, and those about what refused origins are told.
func summarize(findings []string) []string {
	var others, noVary, told []string
	for _, finding := range findings {
		if scenario, ok := strings.CutPrefix(finding, "no Vary: "); ok {
			noVary = append(noVary, scenario)
		} else if name, ok := strings.CutPrefix(finding, "sends "); ok {
			told = append(told, strings.TrimSuffix(name, " to refused origins"))
		} else {
			others = append(others, finding)
		}
	}
	if noVary = anyPreflight(noVary); len(noVary) > 0 {
		others = append(others, "sends no Vary: Origin with "+strings.Join(noVary, ", "))
	}
	if len(told) > 0 {
		others = append(others, "sends refused origins "+strings.Join(told, ", "))
	}
	return others
}

// anyPreflight names preflights together if all kinds of them are among the scenarios.
func anyPreflight(scenarios []string) []string {
	for _, s := range benchmarks.Scenarios {
		if s.Preflight && !s.Hostile && !slices.Contains(scenarios, s.Name) {
			return scenarios
		}
	}
	others := slices.DeleteFunc(slices.Clone(scenarios), func(name string) bool { return strings.Contains(name, "preflight") })
	return append(others, "any preflight")
}
