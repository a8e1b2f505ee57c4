package main

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
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

func TestSpread(t *testing.T) {
	for _, test := range []struct {
		values []float64
		want   float64
	}{
		{nil, 0},
		{[]float64{4, 4, 4, 4}, 0},
		{[]float64{8, 9, 10, 11, 12}, 0.15}, // quartiles 8.5 and 11.5
	} {
		if got := spread(test.values); math.Abs(got-test.want) > 1e-9 {
			t.Errorf("spread of %v: got %v, want %v", test.values, got, test.want)
		}
	}
}

func TestSummarySubtractsWhatRequestsCostWithoutTheContender(t *testing.T) {
	base := &job{ns: []float64{100, 300, 100}, result: Result{Allocs: 2, Bytes: 64}}
	with := &job{ns: []float64{150, 380, 160}, base: base, result: Result{Allocs: 3, Bytes: 96}}
	got := with.summary()
	want := Result{Ns: 160, Added: 60, Allocs: 1, Bytes: 32, Spread: got.Spread} // of 50, 80 and 60
	if got != want {
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

// sampleReport has one number of everything, as a run would leave it.
func sampleReport() *Report {
	r := &Report{
		Setup: Setup{Modules: map[string]string{"github.com/rs/cors": "v1.2.3"}, Processor: 2, Go: "go1"},
		Findings: map[string]benchmarks.Finding{
			"net/http rs/cors": {Less: []string{"shares header memory between responses"}},
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
		case target.What == "fiber, allowed GET: added cost against fiber's own":
			if target.verdict() != "**missed**" { // 0.4 is more than 0.3
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
		"- rs/cors: shares header memory between responses\n",
		"| github.com/rs/cors | v1.2.3 |",
		"250 ns **2.50×**<br>0 allocs, 0 B",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("RESULTS.md lacks %q", want)
		}
	}
}

func TestFindingsOnVaryAreJoined(t *testing.T) {
	got := strings.Join(summarize([]string{"no Vary: a", "x", "no Vary: b"}), "; ")
	if want := "x; sends no Vary: Origin with a, b"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestChartsAreWellFormed(t *testing.T) {
	charts := sampleReport().charts()
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
	if want := "| net/http | rs/cors v1.2.3 | 2.50× | 2.50× | 2.50× | 2.50× |"; !strings.Contains(string(got), want) {
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
