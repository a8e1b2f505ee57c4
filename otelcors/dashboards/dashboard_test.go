package dashboards

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/corselet/corselet/core"
)

// dashboard is the part of Grafana's model that the tests need.
type dashboard struct {
	ID, UID       *string
	Title         string
	SchemaVersion int
	Panels        []panel
	Templating    struct{ List []variable }
}

type panel struct {
	ID                       int
	Type, Title, Description string
	Datasource               datasource
	GridPos                  struct{ X, Y, W, H int }
	FieldConfig              struct {
		Defaults struct{ Unit, NoValue string }
	}
	Targets []target
}

type target struct {
	Datasource                datasource
	RefID, Expr, LegendFormat string
	QueryType                 string
	Instant, Range            bool
}

type datasource struct{ Type, UID string }

type variable struct {
	Name, Label, Type, Definition string
	AllValue                      string
	Datasource                    datasource
	Query                         any
}

func readDashboard(t *testing.T) (d dashboard) {
	t.Helper()
	if err := json.Unmarshal([]byte(readFile(t, "cors-dashboard.json")), &d); err != nil {
		t.Fatal(err)
	}
	if len(d.Panels) == 0 {
		t.Fatal("got no panels")
	}
	return d
}

func TestTheDashboardImportsAnywhere(t *testing.T) {
	d := readDashboard(t)
	if d.ID != nil || d.UID != nil {
		t.Error("got an id or uid of its own, want none: it might be that of another dashboard")
	}
	if d.Title == "" || d.SchemaVersion < 39 {
		t.Errorf("got title %q and schema version %d, want a title and at least 39", d.Title, d.SchemaVersion)
	}
	sources := map[string]string{"prometheus": "${prometheus}", "loki": "${loki}"}
	for _, v := range d.Templating.List {
		if v.Type == "query" && (v.Datasource.UID == "" || sources[v.Datasource.Type] != v.Datasource.UID) {
			t.Errorf("variable %s: got data source %v, want one of %v", v.Name, v.Datasource, sources)
		}
	}
	for _, p := range d.Panels {
		for _, q := range append(p.Targets, target{Datasource: p.Datasource}) {
			if q.Datasource.UID == "" || sources[q.Datasource.Type] != q.Datasource.UID || q.Datasource != p.Datasource {
				t.Errorf("%s: got data source %v, want one of %v, the same throughout", p.Title, q.Datasource, sources)
			}
		}
	}
}

func TestEveryPanelSaysWhatItShows(t *testing.T) {
	ids, titles := map[int]bool{}, map[string]bool{}
	readme := readFile(t, "README.md")
	for _, p := range readDashboard(t).Panels {
		if p.ID <= 0 || ids[p.ID] {
			t.Errorf("%s: got id %d, want one of its own", p.Title, p.ID)
		}
		if p.Title == "" || titles[p.Title] {
			t.Errorf("panel %d: got title %q, want one of its own", p.ID, p.Title)
		}
		ids[p.ID], titles[p.Title] = true, true
		if p.Description == "" || p.FieldConfig.Defaults.Unit == "" {
			t.Errorf("%s: got description %q and unit %q, want both", p.Title, p.Description, p.FieldConfig.Defaults.Unit)
		}
		if len(p.Targets) == 0 {
			t.Errorf("%s: got no query", p.Title)
		}
		refs := map[string]bool{}
		for _, q := range p.Targets {
			if q.RefID == "" || refs[q.RefID] {
				t.Errorf("%s: got query %q, want a letter of its own", p.Title, q.RefID)
			}
			refs[q.RefID] = true
		}
		if !strings.Contains(readme, "\n#### "+p.Title+"\n") {
			t.Errorf("%s: got no section of that name in the README, want one", p.Title)
		}
	}
}

func TestPanelsDoNotOverlap(t *testing.T) {
	taken := map[[2]int]string{}
	for _, p := range readDashboard(t).Panels {
		g := p.GridPos
		if g.X < 0 || g.W <= 0 || g.H <= 0 || g.X+g.W > 24 {
			t.Errorf("%s: got place %+v, want it within 24 columns", p.Title, g)
		}
		for x := g.X; x < g.X+g.W; x++ {
			for y := g.Y; y < g.Y+g.H; y++ {
				if other, ok := taken[[2]int{x, y}]; ok {
					t.Fatalf("%s: got a place on top of %s", p.Title, other)
				}
				taken[[2]int{x, y}] = p.Title
			}
		}
	}
}

// variableIn finds $name and ${name}.
var variableIn = regexp.MustCompile(`\$\{?(\w+)\}?`)

func TestEveryVariableIsDefinedAndUsed(t *testing.T) {
	d := readDashboard(t)
	used := map[string]bool{}
	use := func(texts ...string) {
		for _, text := range texts {
			for _, match := range variableIn.FindAllStringSubmatch(text, -1) {
				used[match[1]] = true
			}
		}
	}
	for _, p := range d.Panels {
		for _, q := range p.Targets {
			use(q.Expr, q.Datasource.UID)
		}
	}
	defined := map[string]bool{"__rate_interval": true, "__range": true} // Grafana's own
	for _, v := range d.Templating.List {
		if defined[v.Name] || v.Label == "" {
			t.Errorf("variable %s: got label %q, want a name of its own and a label", v.Name, v.Label)
		}
		defined[v.Name] = true
	}
	if !maps.Equal(used, defined) {
		t.Errorf("got variables %v in use, want those that there are: %v",
			slices.Sorted(maps.Keys(used)), slices.Sorted(maps.Keys(defined)))
	}
}

// business is an hour of two replicas with two policies, one of which looks origins up. Each scrape interval brings
// the same, so every rate is easy to compute.
func business(s *site) {
	const tenant, slow = "https://tenant.example", "https://slow.example"
	admin := core.Config{OriginFunc: func(ctx context.Context, r core.OriginRequest) (bool, error) {
		if r.Origin == slow {
			time.Sleep(300 * time.Millisecond)
			return false, errors.New("the database is away")
		}
		time.Sleep(30 * time.Millisecond)
		return true, nil
	}}
	var public, admins []api
	for _, instance := range []string{"a", "b"} {
		p := s.start(instance)
		public, admins = append(public, p.api("public", appPolicy)), append(admins, p.api("", admin))
	}
	traffic := func() {
		for i := range public {
			public[i].preflight(3, "PUT", app)                  // three misses with
			public[i].send(9, "PUT", app)                       // these, and six hits
			public[i].send(3, "PUT", app, "Sec-Fetch-Mode", "") // unknown
			public[i].send(6, "GET", app)
			public[i].send(3, "GET", other)
			public[i].preflight(3, "PATCH", app)
			admins[i].send(3, "GET", tenant)
			admins[i].send(3, "GET", slow)
			admins[i].send(3, "GET", "null")
		}
	}
	s.run(30*time.Minute, traffic)
	public[0].reload(s.t, appPolicy, true)
	public[1].reload(s.t, appPolicy, true)
	public[0].reload(s.t, invalidPolicy, false)
	s.run(40*time.Minute, traffic)
}

// lone is an hour of users without denials, whose preflights are all cached.
func lone(s *site) {
	public := s.start("a").api("public", appPolicy)
	s.run(70*time.Minute, func() { public.send(3, "PUT", app); public.send(3, "GET", app) })
}

// wasteful is an hour of preflights without requests, which is how upload listeners look.
func wasteful(s *site) {
	public := s.start("a").api("public", appPolicy)
	s.run(70*time.Minute, func() { public.preflight(3, "PUT", app); public.send(1, "PUT", app) })
}

// tokens allows what scripts send too.
var tokens = core.Config{Origins: []string{app}, Methods: []string{"PUT"}, RequestHeaders: []string{"Authorization"}}

// scripts is an hour of clients that are no browsers.
func scripts(s *site) {
	public := s.start("a").api("public", tokens)
	s.run(70*time.Minute, public.scripts)
}

// plain is an hour of browsers and scripts on plain http, where Chromium's preflights say half of what they say
// elsewhere, and its requests nothing.
func plain(s *site) {
	public := s.start("a").api("public", tokens)
	s.run(70*time.Minute, func() { public.plainHTTP(); public.scripts() })
}

// mixed is an hour of browsers that have three quarters of their preflights in their caches, among others that must not count.
func mixed(s *site) {
	public := s.start("a").api("public", tokens)
	s.run(70*time.Minute, func() {
		public.preflight(3, "PUT", app)
		public.send(12, "PUT", app)
		public.scripts()
		public.plainHTTP()
	})
}

// gone is what is left when the browsers have gone: the series of their hits and misses, which no longer grow.
func gone(s *site) {
	public := s.start("a").api("public", tokens)
	s.run(10*time.Minute, func() { public.preflight(3, "PUT", app); public.send(6, "PUT", app) })
	s.run(70*time.Minute, public.scripts)
}

// denied is an hour of requests that the browser had the preflight for, and that are denied for their cookies.
func denied(s *site) {
	public := s.start("a").api("public", tokens)
	s.run(70*time.Minute, func() { public.preflight(3, "PUT", app); public.send(6, "PUT", app, "Cookie", "a=b") })
}

var scenes = map[string]func(*site){
	"business": business, "lone": lone, "wasteful": wasteful, "scripts": scripts, "plain": plain, "mixed": mixed,
	"gone": gone, "denied": denied,
}

// Where there is no ratio, a panel says why, so nobody takes it for a fault of the dashboard.
func TestPanelsOfRatiosSayWhyThereIsNone(t *testing.T) {
	for _, p := range readDashboard(t).Panels {
		want := ""
		if p.Type == "stat" && strings.Contains(p.Targets[0].Expr, "hit|miss") {
			want = "– no known browser"
		}
		if got := p.FieldConfig.Defaults.NoValue; got != want {
			t.Errorf("%s: got %q where there is no value, want %q", p.Title, got, want)
		}
	}
}

// wanted is the result that a query of the dashboard must have.
type wanted struct {
	Panel, Query string
	Scene        string            // one of scenes
	Variables    map[string]string // other values than All
	Want         map[string]float64
}

func TestEveryQueryGivesWhatHappened(t *testing.T) {
	var table []wanted
	if err := json.Unmarshal([]byte(readFile(t, "testdata/panels.json")), &table); err != nil {
		t.Fatal(err)
	}
	type outcome struct {
		series
		end time.Time
	}
	after := map[string]outcome{}
	for name, play := range scenes {
		stored, _, end := simulate(t, play)
		after[name] = outcome{stored, end}
	}
	engine := newEngine(t)
	asked := map[string]bool{}
	for _, w := range table {
		expr := interpolate(t, queryOf(t, w.Panel, w.Query), w.Variables)
		got := map[string]float64{}
		for _, result := range after[w.Scene].eval(t, engine, expr, after[w.Scene].end) {
			got[result.Metric.String()] = result.F
		}
		if !maps.EqualFunc(got, w.Want, func(a, b float64) bool { return math.Abs(a-b) < 1e-9 }) {
			t.Errorf("%s %s after %s %v: got %v, want %v", w.Panel, w.Query, w.Scene, w.Variables, got, w.Want)
		}
		asked[w.Panel+" "+w.Query] = true
	}
	busy := after["business"]
	for _, p := range readDashboard(t).Panels {
		for _, q := range p.Targets {
			if q.Datasource.Type != "prometheus" {
				continue
			}
			where := p.Title + " " + q.RefID
			if !asked[where] {
				t.Errorf("%s: got no value that it should have in testdata/panels.json, want one", where)
			}
			checkNames(t, busy.series, where, interpolate(t, q.Expr, nil))
			checkLegend(t, where, q.LegendFormat, interpolate(t, q.Expr, nil), busy.series, busy.end)
		}
	}
}

func queryOf(t *testing.T, title, ref string) string {
	t.Helper()
	for _, p := range readDashboard(t).Panels {
		for _, q := range p.Targets {
			if p.Title == title && q.RefID == ref {
				return q.Expr
			}
		}
	}
	t.Fatalf("got no query %s in a panel %q", ref, title)
	return ""
}

// interpolate replaces variables with their values as Grafana does. The default is the value of All.
func interpolate(t *testing.T, expr string, values map[string]string) string {
	t.Helper()
	all := map[string]string{"__rate_interval": "2m", "__range": "1h"}
	for _, v := range readDashboard(t).Templating.List {
		all[v.Name] = v.AllValue
	}
	maps.Copy(all, values)
	return variableIn.ReplaceAllStringFunc(expr, func(name string) string {
		v := all[strings.Trim(name, "${}")]
		if v == "" {
			t.Errorf("got no value for %s", name)
		}
		return v
	})
}

var labelInLegend = regexp.MustCompile(`\{\{(\w+)\}\}`)

// checkLegend checks that results have the labels that a legend names.
func checkLegend(t *testing.T, where, legend, expr string, stored series, at time.Time) {
	t.Helper()
	if legend == "" {
		t.Errorf("%s: got no legend, want one", where)
	}
	for _, result := range stored.eval(t, newEngine(t), expr, at) {
		for _, match := range labelInLegend.FindAllStringSubmatch(legend, -1) {
			if !result.Metric.Has(match[1]) {
				t.Errorf("%s: the legend names %s, which %s has not", where, match[1], result.Metric)
			}
		}
	}
}

var labelValues = regexp.MustCompile(`^label_values\((.+), (\w+)\)$`)

func TestVariablesListWhatWasScraped(t *testing.T) {
	stored, _, _ := simulate(t, business)
	_, labelNames := stored.names()
	for _, v := range readDashboard(t).Templating.List {
		if v.Datasource.Type != "prometheus" {
			continue
		}
		match := labelValues.FindStringSubmatch(v.Definition)
		if match == nil {
			t.Fatalf("variable %s: got %q, want label_values(selector, label)", v.Name, v.Definition)
		}
		if query := v.Query.(map[string]any)["query"]; query != v.Definition {
			t.Errorf("variable %s: got query %q, want the definition %q", v.Name, query, v.Definition)
		}
		checkNames(t, stored, v.Name, interpolate(t, match[1], nil))
		if !labelNames[match[2]] {
			t.Errorf("variable %s: names the label %s, which was not scraped", v.Name, match[2])
		}
	}
}
