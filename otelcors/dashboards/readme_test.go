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
	want := map[string]string{}
	for name, rule := range readRules(t) {
		want[normal(t, rule.Expr)] = name
	}
	bare := strings.NewReplacer(`job=~"$job",`, "", `job=~"$job"`, "", `cors_policy_name=~"$policy",`, "",
		`[$__rate_interval]`, "[5m]", `[$__range]`, "[5m]")
	for _, p := range readDashboard(t).Panels {
		for _, q := range p.Targets {
			if q.Datasource.Type == "prometheus" {
				want[normal(t, bare.Replace(q.Expr))] = p.Title
			}
		}
	}
	var got []string
	for _, match := range promqlBlock.FindAllStringSubmatch(readFile(t, "README.md"), -1) {
		got = append(got, normal(t, match[1]))
	}
	for _, expr := range slices.Sorted(maps.Keys(want)) {
		if !slices.Contains(got, expr) {
			t.Errorf("%s: got no block of promql in the README with %s", want[expr], expr)
		}
	}
	for _, expr := range got {
		if _, ok := want[expr]; !ok {
			t.Errorf("got a block of promql in the README that stands nowhere else: %s", expr)
		}
	}
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
