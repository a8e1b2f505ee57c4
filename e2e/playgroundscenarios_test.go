package e2e

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/corselet/corselet/core"
)

const playground = "../examples/playground/"

// playgroundTable has the parts of the playground's scenarios.json about what a browser sees and what the server
// decides. The playground's own tests check the answers.
type playgroundTable struct {
	Application map[string]struct {
		Status  int
		Handler bool
	}
	Scenarios []struct {
		Name, Method, Path, Body string
		Headers                  map[string]string
		Credentials              bool
		Preflight                *struct{ Headers string }
		Allowed, Refused         []playgroundStep
	}
}

type playgroundStep struct{ Send, Path, Verdict string }

// TestPlaygroundScenarios runs the playground's scenarios from a page that the sample policy allows, and one that it
// does not.
func TestPlaygroundScenarios(t *testing.T) {
	needsBrowser(t)
	table, policy := readPlayground(t)
	allowed, refused := openTab(t, "http://localhost"), openTab(t, "http://127.0.0.1")
	for _, a := range hosts.apis {
		a.use(t, policy)
		allowed.calls(inPage, 1, call{URL: a.url("/api/login"), Credentials: "include"})
		a.log.take()
		for _, s := range table.Scenarios {
			c := call{URL: a.url(s.Path + "?" + strings.ReplaceAll(s.Name, " ", "-")), Method: s.Method, Body: s.Body}
			for name, value := range s.Headers {
				c.Headers = append(c.Headers, [2]string{name, value})
			}
			if s.Credentials {
				c.Credentials = "include"
			}
			for page, steps := range map[*tab][]playgroundStep{allowed: s.Allowed, refused: s.Refused} {
				got := page.calls(inPage, 1, c)[0]
				checkSteps(t, a.name+": "+s.Name, s.Path, steps, a.log.take())
				last := steps[len(steps)-1]
				if last.Path == "" {
					last.Path = s.Path
				}
				want := table.Application[last.Path]
				readable := last.Verdict == core.OutcomeAllowed.String()
				if readable != (got.Failed == "") || readable && got.Status != want.Status {
					t.Errorf("%s: %s: got %+v, want a response: %v, with %d", a.name, s.Name, got, readable, want.Status)
				}
				_, exposed := got.Headers["x-handler"]
				if panicked := last.Path == "/api/panic"; readable && !panicked && exposed != want.Handler {
					t.Errorf("%s: %s: got headers %v, want X-Handler: %v", a.name, s.Name, got.Headers, want.Handler)
				}
			}
		}
	}
}

func readPlayground(t *testing.T) (table playgroundTable, policy core.Config) {
	t.Helper()
	data, err := os.ReadFile(playground + "scenarios.json")
	if err == nil {
		err = json.Unmarshal(data, &table)
	}
	if err != nil {
		t.Fatal(err)
	}
	data, err = os.ReadFile(playground + "sample-policy.json")
	if err == nil {
		policy, err = core.ParseConfig(data)
	}
	if err != nil {
		t.Fatal(err)
	}
	return table, policy
}

// checkSteps compares what the server logged with what the table says.
func checkSteps(t *testing.T, name, path string, steps []playgroundStep, log []logEntry) {
	t.Helper()
	var got, want []string
	for _, entry := range log {
		got = append(got, entry.kind.String()+" "+entry.path+" "+entry.verdict)
	}
	for _, step := range steps {
		at := path
		if step.Path != "" {
			at = step.Path
		}
		want = append(want, step.Send+" "+at+" "+step.Verdict)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s: got log %q, want %q", name, got, want)
	}
}
