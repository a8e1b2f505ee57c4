package dashboards

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/util/annotations"
)

// series is what has been scraped, by labels. It replaces Prometheus' database under Prometheus' own engine. The
// storage of package promqltest would do too, but needs the client libraries of three clouds: compiling takes half as
// long again, and the versions of forty more modules would apply to the whole workspace.
type series map[string]*oneSeries

type oneSeries struct {
	labels  labels.Labels
	samples []chunks.Sample
}

// add appends a sample at the present time.
func (s series) add(of labels.Labels, v float64) {
	key := of.String()
	if s[key] == nil {
		s[key] = &oneSeries{labels: of}
	}
	s[key].samples = append(s[key].samples, sample{time.Now().UnixMilli(), v})
}

// Querier implements storage.Queryable. The engine itself leaves out what lies outside of the time that it asks for.
func (s series) Querier(int64, int64) (storage.Querier, error) { return querier{s}, nil }

type querier struct{ series }

func (q querier) Select(_ context.Context, _ bool, _ *storage.SelectHints, ms ...*labels.Matcher) storage.SeriesSet {
	var found []storage.Series
	for _, one := range q.series {
		if !slices.ContainsFunc(ms, func(m *labels.Matcher) bool { return !m.Matches(one.labels.Get(m.Name)) }) {
			found = append(found, storage.NewListSeries(one.labels, one.samples))
		}
	}
	slices.SortFunc(found, func(a, b storage.Series) int { return labels.Compare(a.Labels(), b.Labels()) })
	return &seriesSet{found: found}
}

func (querier) LabelValues(context.Context, string, *storage.LabelHints, ...*labels.Matcher) ([]string,
	annotations.Annotations, error) {
	panic("no query asks for this")
}

func (querier) LabelNames(context.Context, *storage.LabelHints, ...*labels.Matcher) ([]string,
	annotations.Annotations, error) {
	panic("no query asks for this")
}

func (querier) Close() error { return nil }

type seriesSet struct {
	found []storage.Series
	next  int
}

func (s *seriesSet) Next() bool                        { s.next++; return s.next <= len(s.found) }
func (s *seriesSet) At() storage.Series                { return s.found[s.next-1] }
func (s *seriesSet) Err() error                        { return nil }
func (s *seriesSet) Warnings() annotations.Annotations { return nil }

type sample struct {
	t int64
	v float64
}

func (s sample) T() int64                      { return s.t }
func (s sample) ST() int64                     { return 0 }
func (s sample) F() float64                    { return s.v }
func (s sample) H() *histogram.Histogram       { return nil }
func (s sample) FH() *histogram.FloatHistogram { return nil }
func (s sample) Type() chunkenc.ValueType      { return chunkenc.ValFloat }
func (s sample) Copy() chunks.Sample           { return s }

// expressions reads PromQL with what Prometheus has switched on by default.
var expressions = parser.NewParser(parser.Options{})

func newEngine(t *testing.T) *promql.Engine {
	engine := promql.NewEngine(promql.EngineOpts{
		MaxSamples: 1e6, Timeout: time.Minute, EnableAtModifier: true, EnableNegativeOffset: true, Parser: expressions,
	})
	t.Cleanup(func() {
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	})
	return engine
}

// eval returns the value of an expression at a time. A warning, such as one about the rate of a gauge, fails.
func (s series) eval(t *testing.T, engine *promql.Engine, expr string, at time.Time) promql.Vector {
	t.Helper()
	query, err := engine.NewInstantQuery(context.Background(), s, nil, expr, at)
	if err != nil {
		t.Fatalf("%s: %v", expr, err)
	}
	defer query.Close()
	result := query.Exec(context.Background())
	vector, err := result.Vector()
	if err != nil {
		t.Fatalf("%s: %v", expr, err)
	}
	if len(result.Warnings) > 0 {
		t.Fatalf("%s: got warnings %v", expr, result.Warnings.AsErrors())
	}
	return slices.Clone(vector)
}

// names returns the metric and label names that s has, with those that a scrape adds.
func (s series) names() (metrics, labelNames map[string]bool) {
	metrics, labelNames = map[string]bool{}, map[string]bool{}
	for _, one := range s {
		one.labels.Range(func(l labels.Label) {
			labelNames[l.Name] = true
			if l.Name == model.MetricNameLabel {
				metrics[l.Value] = true
			}
		})
	}
	return metrics, labelNames
}
