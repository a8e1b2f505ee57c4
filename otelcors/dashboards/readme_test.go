package dashboards

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"
)

var promqlBlock = regexp.MustCompile("(?s)\n```promql\n(.*?)\n```\n")

// The README explains each expression in a form that can be copied: without Grafana's variables.
func TestTheREADMEShowsEveryExpression(t *testing.T) {
	want := everyExpression(t)
	got := expressionsIn(t, "README.md")
	for _, expr := range slices.Sorted(maps.Keys(want)) {
		if !slices.Contains(got, expr) {
			t.Errorf("%s: got no block of promql in the README with %s", want[expr], expr)
		}
	}
}

// No test evaluates an expression that is only in the README.
func TestREADMEsShowNoOtherExpressions(t *testing.T) {
	want := everyExpression(t)
	for _, name := range []string{"README.md", "../README.md"} {
		got := expressionsIn(t, name)
		if len(got) == 0 {
			t.Errorf("%s: got no block of promql, want some", name)
		}
		for _, expr := range got {
			if _, ok := want[expr]; !ok {
				t.Errorf("%s: got a block of promql that is neither in the dashboard nor an alert: %s", name, expr)
			}
		}
	}
}

// everyExpression returns the place of each expression that the tests of the dashboard and the alerts evaluate.
func everyExpression(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for name, rule := range readRules(t) {
		all[normal(t, rule.Expr)] = name
	}
	bare := strings.NewReplacer(`job=~"$job",`, "", `job=~"$job"`, "", `cors_policy_name=~"$policy",`, "",
		`[$__rate_interval]`, "[5m]", `[$__range]`, "[5m]")
	for _, p := range readDashboard(t).Panels {
		for _, q := range p.Targets {
			if q.Datasource.Type == "prometheus" {
				all[normal(t, bare.Replace(q.Expr))] = p.Title
			}
		}
	}
	return all
}

// expressionsIn returns the blocks of promql in a Markdown file.
func expressionsIn(t *testing.T, name string) (found []string) {
	t.Helper()
	for _, match := range promqlBlock.FindAllStringSubmatch(readFile(t, name), -1) {
		found = append(found, normal(t, match[1]))
	}
	return found
}

// normal returns an expression in Prometheus' own spelling.
func normal(t *testing.T, expr string) string {
	t.Helper()
	parsed, err := expressions.ParseExpr(expr)
	if err != nil {
		t.Fatalf("%s: %v", expr, err)
	}
	return parser.Prettify(parsed)
}
