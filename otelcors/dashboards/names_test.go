package dashboards

import (
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// checkNames checks that every metric, label and value in an expression was scraped. To Prometheus an expression with
// another name is not an error: it only never has a value.
func checkNames(t *testing.T, stored series, where, expr string) {
	t.Helper()
	parsed, err := expressions.ParseExpr(expr)
	if err != nil {
		t.Fatalf("%s: %v", where, err)
	}
	metrics, labelNames := stored.names()
	parser.Inspect(parsed, func(node parser.Node, _ []parser.Node) error {
		var named []string
		switch n := node.(type) {
		case *parser.VectorSelector:
			if n.Name != "" && !metrics[n.Name] {
				t.Errorf("%s: names the metric %s, which was not scraped", where, n.Name)
			}
			for _, m := range n.LabelMatchers {
				if !stored.decides(m) {
					t.Errorf("%s: no series was scraped on which %s depends", where, m)
				}
			}
		case *parser.AggregateExpr:
			named = n.Grouping
		case *parser.BinaryExpr:
			if n.VectorMatching != nil {
				named = append(n.VectorMatching.MatchingLabels, n.VectorMatching.Include...)
			}
		}
		for _, name := range named {
			if !labelNames[name] {
				t.Errorf("%s: names the label %s, which was not scraped", where, name)
			}
		}
		return nil
	})
}

// decides reports whether a matcher distinguishes a scraped value from its absence.
func (s series) decides(m *labels.Matcher) bool {
	for _, one := range s {
		if one.labels.Has(m.Name) {
			if got := m.Matches(one.labels.Get(m.Name)); got != m.Matches("") || got && m.Value == ".*" {
				return true
			}
		}
	}
	return false
}
