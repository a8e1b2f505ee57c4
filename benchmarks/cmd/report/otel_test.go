package main

import (
	"strings"
	"testing"
	"time"

	"github.com/corselet/corselet/benchmarks"
)

func TestOtelcorsIsMeasuredInEverySituation(t *testing.T) {
	r := &runner{rounds: 1, turn: 10 * time.Microsecond, log: t.Logf}
	results, err := measureOTel(r, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	report := &Report{Results: results}
	for _, target := range report.targets() {
		if strings.HasPrefix(target.What, "otelcors") && target.verdict() == "not measured" {
			t.Errorf("%s: not measured", target.What)
		}
	}
	text := sectionOfOTel(report)
	if lines := strings.Count(text, "\n| "); lines != 1+len(benchmarks.OTelScenarios)+3 {
		t.Errorf("%d lines of tables, want one a scenario, two of marks and two heads:\n%s", lines, text)
	}
	for _, got := range results {
		if got.Contender == again && got.Added == got.Ns {
			t.Errorf("%s: nothing is subtracted from the second measurement of Corselet", got.Scenario)
		}
	}
}

func otelReport() *Report {
	r := new(Report)
	for contender, ns := range map[string]float64{
		benchmarks.Corselet: 200, again: -3, benchmarks.NoSDK: 12, benchmarks.Metrics: 250, benchmarks.CounterAdd.Name: 200,
		benchmarks.Events: 300,
	} {
		r.Results = append(r.Results, Result{
			Section: sectionOTel, Policy: mainPolicy.Name, Scenario: benchmarks.AllowedGet, Framework: benchmarks.NetHTTP,
			Contender: contender, Ns: 200 + ns, Added: ns, Spread: 1,
		})
	}
	return r
}

func TestTargetsOfOtelcors(t *testing.T) {
	want := map[string]string{
		"otelcors without an SDK, allowed GET: added cost":                       "12.00 ns ± 3.00 met",
		"otelcors without an SDK, denied GET: added cost":                        "– not measured",
		"otelcors with metrics, allowed GET: added cost against one Counter.Add": "1.25× ± 0.02 met",
		"otelcors with metrics, a denial with its event: allocations":            "– not measured",
		"otelcors without an SDK: allocations, worst of all requests":            "0.00 allocs met",
		"otelcors, inference of preflights from the cache: mark":                 "– not measured",
		"otelcors, inference of preflights from the cache: take, allocations":    "– not measured",
		"otelcors with metrics, allowed PUT: added cost against one Counter.Add": "– not measured",
		"otelcors with metrics: allocations, worst of all requests":              "0.00 allocs met",
	}
	for _, target := range otelReport().otelTargets() {
		got := target.Measured() + " " + target.verdict()
		if text, ok := want[target.What]; ok && got != text {
			t.Errorf("%s: got %s, want %s", target.What, got, text)
		}
		delete(want, target.What)
	}
	for what := range want {
		t.Errorf("there is no target %q", what)
	}
}

func TestTheTableOfOtelcorsShowsWhatIsAdded(t *testing.T) {
	text := sectionOfOTel(otelReport())
	const zero = " ± 1 ns<br>0 allocs, 0 B | "
	want := "| allowed GET | 400 ns" + zero + "-3 ns" + zero + "12 ns" + zero + "250 ns" + zero + "200 ns" + zero + "300 ns" +
		zero + "– |\n"
	if !strings.Contains(text, want) {
		t.Errorf("got %s, want a line %s", text, want)
	}
	if text := sectionOfOTel(new(Report)); text != "" {
		t.Errorf("got %q of nothing that was measured, want nothing", text)
	}
}

// sectionOfOTel returns the section of RESULTS.md.
func sectionOfOTel(r *Report) string {
	_, section, _ := strings.Cut(string(r.markdown()), "## OpenTelemetry\n")
	section, _, _ = strings.Cut(section, "\n## ")
	return section
}
