package main

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/corselet/corselet/benchmarks"
)

func TestMedian(t *testing.T) {
	for _, test := range []struct {
		values []float64
		want   float64
	}{
		{nil, 0},
		{[]float64{5}, 5},
		{[]float64{9, 1, 5}, 5},
		{[]float64{9, 1, 5, 7}, 6},
		{[]float64{1, 1, 1, 1, 1000}, 1},
	} {
		values := append([]float64(nil), test.values...)
		if got := median(values); got != test.want {
			t.Errorf("median of %v: got %v, want %v", test.values, got, test.want)
		}
		for i := range values {
			if values[i] != test.values[i] {
				t.Errorf("median changed its argument: %v, want %v", values, test.values)
			}
		}
	}
}

// Of fifteen values the fourth and the twelfth are the ends of the interval; of few it is all of them.
func TestCenterSaysHowFarItMayBeOff(t *testing.T) {
	var fifteen []float64
	for i := range 15 {
		fifteen = append(fifteen, float64(i*i))
	}
	for _, test := range []struct {
		values []float64
		want   float64
	}{
		{nil, 0},
		{[]float64{4, 4, 4, 4}, 0},
		{[]float64{8, 9, 12}, 2},
		{fifteen, (11*11 - 3*3) / 2.0},
	} {
		if _, got := center(test.values); math.Abs(got-test.want) > 1e-9 {
			t.Errorf("%v: got %v, want %v", test.values, got, test.want)
		}
	}
}

func TestSummarySubtractsWhatRequestsCostWithoutTheContender(t *testing.T) {
	base := &job{ns: []float64{100, 300, 100}, result: Result{Allocs: 2, Bytes: 64}}
	with := &job{ns: []float64{150, 380, 160}, base: base, result: Result{Allocs: 3, Bytes: 96}}
	got := with.summary()
	want := Result{Ns: 160, Added: 60, Allocs: 1, Bytes: 32, Spread: 15} // of 50, 80 and 60
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := base.summary(); got.Ns != 100 || got.Added != 100 || got.Allocs != 2 {
		t.Errorf("nothing is to be subtracted from %+v", got)
	}
}

// counter is a client that counts its requests.
type counter struct{ requests int }

func (c *counter) Do()                       { c.requests++ }
func (c *counter) Answer() benchmarks.Answer { return benchmarks.Answer{} }

func TestRunGivesEveryContenderItsRounds(t *testing.T) {
	clients := []*counter{{}, {}, {}}
	var group []*job
	for _, client := range clients {
		group = append(group, &job{clients: []benchmarks.Client{client}})
	}
	r := &runner{rounds: 6, turn: time.Microsecond}
	if results := r.run([][]*job{group[:2], group[2:]}); len(results) != 3 {
		t.Fatalf("%d results, want 3", len(results))
	}
	for i, j := range group {
		if len(j.ns) != 6 || clients[i].requests == 0 {
			t.Errorf("contender %d: %d rounds, %d requests, want 6 rounds", i, len(j.ns), clients[i].requests)
		}
	}
}

// follower writes down after whom it has its turn.
type follower struct {
	name  string
	last  *string
	after map[string]bool
}

func (c *follower) Answer() benchmarks.Answer { return benchmarks.Answer{} }
func (c *follower) Do() {
	if *c.last != c.name {
		c.after[*c.last] = true
	}
	*c.last = c.name
}

func TestNoOneAlwaysFollowsTheSame(t *testing.T) {
	last, clients := "no one", []*follower{}
	var group []*job
	for _, name := range []string{"a", "b", "c", "d"} {
		c := &follower{name, &last, map[string]bool{}}
		clients = append(clients, c)
		group = append(group, &job{clients: []benchmarks.Client{c}, n: 2})
	}
	r := &runner{}
	for range 20 {
		r.round(group)
	}
	for _, c := range clients {
		delete(c.after, "no one")
		if len(c.after) != 3 {
			t.Errorf("%s follows %v only, want all others in turn", c.name, c.after)
		}
	}
}

// sampleReport has one number of everything, as a run would leave it.
func sampleReport() *Report {
	r := &Report{
		Setup: Setup{Modules: map[string]string{"github.com/rs/cors": "v1.2.3"}, Processor: 2, Go: "go1"},
		Findings: []Found{
			{"net/http", "rs/cors", mainPolicy.Name, benchmarks.Finding{Less: []string{"shares header memory between responses"}}},
			{"net/http", "rs/cors", "wildcard-1", benchmarks.Finding{
				Less:  []string{"shares header memory between responses", "allows what is no origin"},
				Wrong: []string{"allows everybody"},
			}},
		},
	}
	add := func(section, policy, scenario string, c *benchmarks.Contender, ns float64) {
		r.Results = append(r.Results, Result{
			Section: section, Policy: policy, Scenario: scenario, Framework: c.Framework, Contender: c.Name, Ns: ns, Added: ns,
		})
	}
	for i := range benchmarks.Contenders {
		c := &benchmarks.Contenders[i]
		ns := 100.0
		if c.IsPeer() {
			ns = 250
		}
		for _, s := range benchmarks.Scenarios {
			add(sectionRouter, mainPolicy.Name, s.Name, c, ns)
			add(sectionHostile, mainPolicy.Name, s.Name, c, ns)
		}
		add(sectionGrowth, "exact-1", benchmarks.AllowedGet, c, ns)
		add(sectionGrowth, "exact-1000", benchmarks.AllowedGet, c, 10*ns)
		add(sectionGrowth, "regexp-1", benchmarks.AllowedGet, c, ns)
	}
	return r
}

func TestTargetsCompareCorseletWithPeers(t *testing.T) {
	found := false
	for _, target := range sampleReport().targets() {
		switch {
		case target.What == "net/http, allowed GET: added cost against rs/cors":
			found = true
			if target.Got != 0.4 || target.verdict() != "met" {
				t.Errorf("got %v, %s, want 0.4, met", target.Got, target.verdict())
			}
		case target.What == "fiber, allowed preflight: added cost against fiber's own":
			if target.verdict() != "**missed**" { // 0.4 is more than 0.22
				t.Errorf("%s: %s, want missed", target.What, target.verdict())
			}
		case strings.Contains(target.What, "1,000,000 exact origins against"):
			if target.verdict() != "not measured" {
				t.Errorf("%s: %s, want not measured", target.What, target.verdict())
			}
		}
	}
	if !found {
		t.Error("no target compares allowed GETs with rs/cors")
	}
}

func TestReportSaysWhoDoesLess(t *testing.T) {
	text := string(sampleReport().markdown())
	for _, want := range []string{
		"- rs/cors: **disqualified**, because of wrong answers: allows everybody (under wildcard-1); " +
			"shares header memory between responses; allows what is no origin (under wildcard-1)\n",
		"250 ns<br>0 allocs, 0 B<br>compiles them anew for each request |",
		"| github.com/rs/cors | v1.2.3 |",
		"250 ns **2.50×**<br>0 allocs, 0 B",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("RESULTS.md lacks %q", want)
		}
	}
}

func TestFindingsOfOneKindAreJoined(t *testing.T) {
	got := strings.Join(summarize([]string{
		"no Vary: a", "sends A to refused origins", "x", "no Vary: b", "sends B to refused origins",
	}), "; ")
	if want := "x; sends no Vary: Origin with a, b; sends refused origins A, B"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	all := []string{"no Vary: denied GET", "no Vary: allowed preflight, PATCH"}
	for _, name := range ordinary() {
		if benchmarks.ScenarioNamed(name).Preflight {
			all = append(all, "no Vary: "+name)
		}
	}
	if got, want := summarize(all), []string{"sends no Vary: Origin with denied GET, any preflight"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestChartsAreWellFormed(t *testing.T) {
	charts, err := sampleReport().charts()
	if err != nil {
		t.Fatal(err)
	}
	if len(charts) != 2+len(benchmarks.Frameworks) {
		t.Errorf("%d charts, want one a framework and two", len(charts))
	}
	for name, svg := range charts {
		decoder := xml.NewDecoder(strings.NewReader(string(svg)))
		for {
			_, err := decoder.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		if strings.Contains(string(svg), "NaN") || strings.Contains(string(svg), "Inf") {
			t.Errorf("%s: places something nowhere", name)
		}
	}
}

func TestREADMEIsUpdatedBetweenItsMarkersOnly(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"with both markers", "a\n" + blockBegin + "old\n" + blockEnd + "\nz",
			"a\n" + blockBegin + "new\n" + blockEnd + "\nz"},
		{"without markers", "a\nz", "a\nz"},
		{"without an end", "a\n" + blockBegin + "z", "a\n" + blockBegin + "z"},
	} {
		if got, _ := replaceBlock(test.text, "new\n"); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
	file := filepath.Join(t.TempDir(), "README.md")
	if err := sampleReport().updateREADME(file); err != nil {
		t.Errorf("a missing README is an error: %v", err)
	}
	if err := os.WriteFile(file, []byte("# x\n"+blockBegin+blockEnd+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := sampleReport().updateREADME(file); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if want := "| net/http | rs/cors v1.2.3 * | 2.50× | 2.50× | 2.50× | 2.50× |"; !strings.Contains(string(got), want) {
		t.Errorf("README lacks %q:\n%s", want, got)
	}
}

func TestChoosingWhatIsUnknownIsAnError(t *testing.T) {
	if _, err := choose("-sections", "router,nonsense", []string{"router"}); err == nil ||
		!strings.Contains(err.Error(), `"nonsense"`) {
		t.Errorf("got %v, want an error that names nonsense", err)
	}
}

func TestFewerThanSixRoundsAreRefused(t *testing.T) {
	if err := run(options{count: 5}); err == nil {
		t.Error("five rounds were accepted")
	}
}

func TestServersAnswerOverTheWire(t *testing.T) {
	r := &runner{rounds: 1, log: t.Logf}
	loads, err := measureLoads(r, 5*time.Millisecond, benchmarks.Contenders)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, l := range loads {
		seen[l.Framework] = true
		if l.PerSecond <= 0 || l.P50 <= 0 || l.P99 < l.P50 {
			t.Errorf("%+v makes no sense", l)
		}
	}
	if len(seen) != len(benchmarks.Frameworks) {
		t.Errorf("loaded %v, want all frameworks", seen)
	}
}

func TestVerdictsSayWhatIsWithinNoise(t *testing.T) {
	nan := math.NaN()
	for _, test := range []struct {
		got, bound, noise float64
		want              string
	}{
		{0.9, 1, 0.05, "met"},
		{0.9, 1, 0.2, "met, within noise"},
		{1, 1, 0, "met"},
		{1.1, 1, 0, "**missed**"},
		{1.1, 1, 0.05, "**missed**"},
		{1.1, 1, 0.2, "**missed**, within noise"},
		{nan, 1, 0.2, "not measured"},
		{0.9, nan, 0.2, "reported only"},
	} {
		target := Target{Got: test.got, Bound: test.bound, Noise: test.noise}
		if got := target.verdict(); got != test.want {
			t.Errorf("%v ± %v of %v: got %q, want %q", test.got, test.noise, test.bound, got, test.want)
		}
	}
}

func TestNoiseIsTheMoreOfSpreadAndSelfComparison(t *testing.T) {
	result := func(contender string, ns, spread float64) Result {
		return Result{
			Section: sectionRouter, Policy: mainPolicy.Name, Scenario: benchmarks.AllowedGet, Framework: benchmarks.NetHTTP,
			Contender: contender, Added: ns, Spread: spread,
		}
	}
	for _, test := range []struct{ self, ourSpread, peerSpread, want float64 }{
		{100, 0, 0, 0},
		{100, 3, 8, 0.5 * 0.05}, // 3 % and 4 % are 5 %
		{110, 3, 8, 0.5 * 0.10}, // a second measurement came out 10 % off
		{90, 0, 0, 0.5 * 0.10},
	} {
		r := &Report{Results: []Result{
			result(benchmarks.Corselet, 100, test.ourSpread), result("rs/cors", 200, test.peerSpread), result(again, test.self, 0),
		}}
		if got := r.noise(&r.Results[0], &r.Results[1]); math.Abs(got-test.want) > 1e-9 {
			t.Errorf("%+v: got %v", test, got)
		}
	}
}

// trusting allows everybody.
var trusting = func() benchmarks.Contender {
	c := contender(benchmarks.NetHTTP, benchmarks.Limit)
	c.Name = "trusting"
	return c
}()

func contender(framework, name string) benchmarks.Contender {
	i := slices.IndexFunc(benchmarks.Contenders, func(c benchmarks.Contender) bool {
		return c.Framework == framework && c.Name == name
	})
	return benchmarks.Contenders[i]
}

func TestWhoeverIsWrongIsShownWithoutNumbers(t *testing.T) {
	r := &runner{rounds: 1, turn: time.Microsecond, log: t.Logf}
	s := situation{
		section: sectionRouter, policy: mainPolicy, mode: benchmarks.Router,
		scenario: benchmarks.ScenarioNamed(benchmarks.AllowedGet), // which it answers rightly
	}
	groups, err := s.jobs(r, []benchmarks.Contender{contender(benchmarks.NetHTTP, benchmarks.Corselet), trusting})
	if err != nil {
		t.Fatal(err)
	}
	results := r.run(groups)
	i := slices.IndexFunc(results, func(got Result) bool { return got.Contender == trusting.Name })
	if i < 0 {
		t.Fatalf("got %+v, want a result that says who is disqualified", results)
	}
	if got := &results[i]; len(got.Wrong) == 0 || got.Ns != 0 || cell(got, &results[0]) != disqualified {
		t.Errorf("got %+v, shown as %q, want no numbers but why", got, cell(got, &results[0]))
	}
	if len(r.findings) != 2 || len(r.findings[0].Wrong) > 0 || len(r.findings[1].Wrong) == 0 {
		t.Errorf("findings: %+v, want nothing wrong with the first, and the second wrong", r.findings)
	}
}

// Whoever does not run the handler is compared with an answer that is bare as well.
func TestWhatIsSubtractedDependsOnWhetherTheHandlerRuns(t *testing.T) {
	for _, test := range []struct{ framework, contender, scenario, want string }{
		{benchmarks.Gin, "gin-contrib/cors", benchmarks.DeniedGet, benchmarks.Bare204},
		{benchmarks.Gin, "gin-contrib/cors", benchmarks.AllowedGet, benchmarks.None},
		{benchmarks.Gin, benchmarks.Corselet, benchmarks.DeniedGet, benchmarks.None},
		{benchmarks.Gin, benchmarks.Limit, benchmarks.AllowedGet, benchmarks.None},
		{benchmarks.Gin, benchmarks.Limit, benchmarks.AllowedPreflight, benchmarks.Bare204},
		{benchmarks.Fiber, benchmarks.Corselet, benchmarks.AllowedPreflight, benchmarks.Bare204},
		{benchmarks.Fiber, "fiber's own", benchmarks.AllowedPreflight, benchmarks.Bare204}, // with a text for a body
		{benchmarks.Fiber, "fiber's own", benchmarks.DeniedGet, benchmarks.None},
	} {
		for _, mode := range []benchmarks.Mode{benchmarks.Alone, benchmarks.Router} {
			s := situation{policy: mainPolicy, mode: mode, scenario: benchmarks.ScenarioNamed(test.scenario)}
			c, g := contender(test.framework, test.contender), group{}
			j, err := g.add(&runner{log: t.Logf}, &s, &c)
			if err != nil {
				t.Fatal(err)
			}
			if j == nil {
				continue // fiber's are not called alone
			}
			if got := j.base.result.Contender; got != test.want {
				t.Errorf("%s, %s, mode %d: subtracts %q, want %q", test.contender, test.scenario, mode, got, test.want)
			}
		}
	}
}

func TestWhatIsComparedTakesTurns(t *testing.T) {
	one := func(framework, name string) []*job {
		return []*job{{result: Result{Framework: framework, Contender: name}}}
	}
	groups := together([][]*job{one("a", "1"), one("b", "2")}, [][]*job{one("b", "3"), one("c", "4")})
	var got []string
	for _, group := range groups {
		names := ""
		for _, j := range group {
			names += j.result.Contender
		}
		got = append(got, names)
	}
	if want := []string{"1", "23", "4"}; !slices.Equal(got, want) {
		t.Errorf("got groups %q, want %q", got, want)
	}
}

func TestCoresOwnBenchmarkIsRun(t *testing.T) {
	r := &runner{rounds: 1, log: t.Logf}
	results, err := measureAutomaton(r)
	if err != nil {
		t.Fatal(err)
	}
	if len(results) != 3 {
		t.Fatalf("got %+v, want three parts", results)
	}
	for _, got := range results {
		if got.Ns <= 0 || got.Added != got.Ns || got.Allocs != 0 {
			t.Errorf("%+v makes no sense", got)
		}
	}
}

func TestPartOfAReportIsNotWrittenOverTheWhole(t *testing.T) {
	whole := options{count: 6, sections: allSections, frameworks: allFrameworks}
	quick, sections, frameworks, from := whole, whole, whole, whole
	quick.quick = true
	sections.sections = "router"
	frameworks.frameworks = benchmarks.Gin
	from.from = filepath.Join(t.TempDir(), "results.json")
	r := sampleReport()
	r.Setup.Quick = true
	if err := r.write(filepath.Dir(from.from)); err != nil {
		t.Fatal(err)
	}
	for name, o := range map[string]options{
		"-quick": quick, "-sections": sections, "-frameworks": frameworks, "-from a quick one": from,
	} {
		if err := run(o); err == nil || !strings.Contains(err.Error(), "-out") {
			t.Errorf("%s: got %v, want an error that asks for -out", name, err)
		}
	}
	setup := newSetup(whole)
	if setup.partial() {
		t.Error("a whole report is taken for a part of one")
	}
}
