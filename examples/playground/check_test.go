package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/corselet/corselet/core"
)

func TestCheckPassesAndShowsEveryScenario(t *testing.T) {
	code, stdout, stderr := runToEnd(t, "-check")
	if code != 0 || stderr != "" {
		t.Fatalf("exit code: got %d, want 0; stderr: %s; stdout: %s", code, stderr, stdout)
	}
	for _, s := range loadScenarios().Scenarios {
		if got := strings.Count(stdout, "\n"+s.Name+"  "); got != 2 {
			t.Errorf("%s has %d rows, want one for each origin", s.Name, got)
		}
	}
	for _, want := range []string{"NET/HTTP", "GIN", "ECHO", "FIBER", "ECHO V5", "FIBER V3", "204 200 allowed", "204 method_not_allowed",
		"403 origin_not_allowed",
		"pages of every subdomain of preview.example.com over https may read responses", "All 186 answers are the expected ones."} {
		if !strings.Contains(stdout, want) {
			t.Errorf("%q is not there: %s", want, stdout)
		}
	}
}

func TestCheckHoldsOtherPoliciesAgainstCore(t *testing.T) {
	for _, policy := range []string{
		`{"origins": ["*"], "methods": ["*"], "request_headers": ["*"], "expose_headers": ["*"]}`,
		`{"origins": ["https://app.example.com", "https://*.example.org:*"], "credentials": true, "methods": ["*"],
			"request_headers": ["*"], "block": true, "max_age": -1, "preflight_status": 200}`,
		`{"origins": ["null"], "unsafe": {"accept": ["null"]}, "block": true}`,
		`{"origins": ["http://127.0.0.1:*"], "methods": ["PATCH"]}`,
	} {
		code, stdout, stderr := runToEnd(t, "-check", "-policy", writeFile(t, policy))
		if code != 0 || !strings.Contains(stdout, "as the policy decides") {
			t.Errorf("%s: exit code: got %d, want 0; stderr: %s; stdout: %s", policy, code, stderr, stdout)
		}
	}
}

func TestCheckFailsIfOneFrameworkAnswersOtherwise(t *testing.T) {
	cfg, err := readPolicy("")
	if err != nil {
		t.Fatal(err)
	}
	p, err := start(cfg, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer p.stop()
	cfg.Methods = []string{"PUT"}
	if err := p.policies.handles[1].Reconfigure(cfg); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	err = check(t.Context(), p, samplePlan(p.servers[0].port()), &out)
	// The six preflights of an allowed origin that gin answers list one method less.
	if err == nil || err.Error() != "6 of 186 answers are not the expected ones" {
		t.Errorf("got error %v; output: %s", err, out.String())
	}
	for _, want := range []string{
		"gin, DELETE, OPTIONS /api/ok from http://localhost:",
		"verdict: got denied method_not_allowed DELETE, want allowed",
		`Access-Control-Allow-Methods: got ["PUT"], want ["PUT,DELETE"]`,
		"204 200 allowed  WRONG",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not there: %s", want, out.String())
		}
	}
	for _, name := range []string{"net/http", "echo", "fiber", "echo v5", "fiber v3"} {
		if strings.Contains(out.String(), name+", ") {
			t.Errorf("%s is blamed too: %s", name, out.String())
		}
	}
}

func TestCheckFailsIfAServerIsDown(t *testing.T) {
	cfg, err := readPolicy("")
	if err != nil {
		t.Fatal(err)
	}
	p, err := start(cfg, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer p.stop()
	p.servers[4].stop(t.Context())
	var out bytes.Buffer
	if err := check(t.Context(), p, samplePlan(p.servers[0].port()), &out); err == nil {
		t.Errorf("got no error; output: %s", out.String())
	}
	if !strings.Contains(out.String(), "no answer  WRONG") {
		t.Errorf("the table does not show it: %s", out.String())
	}
}

func TestCompareSeesEveryDifference(t *testing.T) {
	want := func() *exchange {
		return &exchange{status: 204, verdict: "allowed", header: http.Header{}, fields: http.Header{
			"Vary": {"Origin, Accept"}, "Access-Control-Allow-Origin": {"https://a.example"}}}
	}
	tests := []struct {
		name   string
		change func(*exchange)
		want   []string // what is different
	}{
		{"nothing", func(*exchange) {}, nil},
		{"the order of Vary is none", func(e *exchange) { e.fields["Vary"] = []string{"accept", "origin"} }, nil},
		{"status", func(e *exchange) { e.status = 200 }, []string{"status"}},
		{"handler", func(e *exchange) { e.handler = true }, []string{"handler ran"}},
		{"verdict", func(e *exchange) { e.verdict = "denied" }, []string{"verdict"}},
		{"body", func(e *exchange) { e.body = "x" }, []string{"body"}},
		{"type of no body", func(e *exchange) { e.header.Set("Content-Type", "text/plain") }, []string{"body"}},
		{"a value", func(e *exchange) { e.fields.Set(core.FieldAllowOrigin, "*") }, []string{core.FieldAllowOrigin}},
		{"a field too many", func(e *exchange) { e.fields.Set(core.FieldMaxAge, "5") }, []string{core.FieldMaxAge}},
		{"an extra line", func(e *exchange) { e.fields.Add(core.FieldAllowOrigin, "https://a.example") },
			[]string{core.FieldAllowOrigin}},
		{"a field too few", func(e *exchange) { e.fields.Del("Vary") }, []string{"Vary"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := want()
			test.change(got)
			var names []string
			for _, problem := range want().compare(got) {
				name, _, _ := strings.Cut(problem, ": got ")
				names = append(names, name)
			}
			if !slices.Equal(names, test.want) {
				t.Errorf("got differences in %q, want %q", names, test.want)
			}
		})
	}
}

// The table is data: its names must refer to entries that exist, or a typing error makes a scenario useless.
func TestScenariosReferToWhatIsThere(t *testing.T) {
	decoder := json.NewDecoder(bytes.NewReader(scenariosJSON))
	decoder.DisallowUnknownFields()
	var table scenarioTable
	if err := decoder.Decode(&table); err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, s := range table.Scenarios {
		if names[s.Name] || s.Name == "" || s.About == "" {
			t.Errorf("%q has no name of its own, or is not explained", s.Name)
		}
		names[s.Name] = true
		if _, ok := table.Application[s.Path]; !ok {
			t.Errorf("%s: path %s is unknown", s.Name, s.Path)
		}
		if len(s.Allowed) == 0 || len(s.Refused) == 0 {
			t.Errorf("%s expects nothing", s.Name)
		}
		for i, step := range slices.Concat(s.Allowed, s.Refused) {
			if err := checkStep(&table, &s, step); err != nil {
				t.Errorf("%s, step %d: %v", s.Name, i, err)
			}
		}
	}
}

func checkStep(table *scenarioTable, s *scenario, step step) error {
	answer, ok := table.Answers[step.Answer]
	switch {
	case !ok:
		return fmt.Errorf("answer %q is unknown", step.Answer)
	case step.Send != "preflight" && step.Send != "actual":
		return fmt.Errorf("what is %q", step.Send)
	case step.Send == "preflight" && (s.Preflight == nil || answer.Status == 0):
		return fmt.Errorf("a preflight needs what to ask for, and a status")
	case !strings.HasPrefix(step.Verdict, "allowed") && !strings.HasPrefix(step.Verdict, "denied "):
		return fmt.Errorf("verdict %q", step.Verdict)
	}
	return nil
}
