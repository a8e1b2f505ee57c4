package main

import (
	"bytes"
	"fmt"
	"math"
	"strings"

	"github.com/corselet/corselet/benchmarks"
)

// eventInBurst is the contender of which only allocations are counted: otelcors with metrics and events, while its rate
// limit lets each denial be an event.
const eventInBurst = "otelcors, metrics and an event"

// otelContenders are those of the section in the order of its table.
var otelContenders = []string{
	benchmarks.Corselet, again, benchmarks.NoSDK, benchmarks.Metrics, benchmarks.CounterAdd.Name, benchmarks.Events,
	eventInBurst,
}

// otelcors' own benchmarks of how it infers whether a browser had the preflight in its cache.
const (
	inference   = "inference of preflights from the cache"
	markOfCache = "Mark"
	takeOfCache = "Take"
)

// measureOTel measures what otelcors adds to Corselet on net/http: what is subtracted from it, and from a second
// measurement of Corselet, is Corselet. Each kind of request has rounds of its own.
func measureOTel(r *runner, _ []benchmarks.Contender, _ bool) ([]Result, error) {
	var groups [][]*job
	var bursts []Result
	for _, scenario := range benchmarks.OTelScenarios {
		r.log("otelcors: %s", scenario.Name)
		s := situation{section: sectionOTel, policy: mainPolicy, scenario: scenario, mode: benchmarks.Alone}
		group, err := s.otelJobs(r)
		if err != nil {
			return nil, err
		}
		groups = append(groups, group)
		if scenario.Outcome != benchmarks.DeniedOrigin {
			continue
		}
		burst, err := s.burst()
		if err != nil {
			return nil, err
		}
		bursts = append(bursts, burst)
	}
	results := append(r.run(groups), bursts...)
	r.log("otelcors: inference")
	var marks []*job
	for _, name := range []string{markOfCache, takeOfCache} {
		marks = append(marks, &job{result: Result{
			Section: sectionOTel, Scenario: inference, Framework: benchmarks.Core, Contender: name,
		}})
	}
	own, err := runOwn(r, "otelcors", "^Benchmark(Mark|Take)$", "Benchmark", marks)
	return append(results, own...), err
}

// otelJobs opens Corselet, twice, and all that is compared with it.
func (s *situation) otelJobs(r *runner) ([]*job, error) {
	var g group
	alone, err := g.add(r, s, corseletIn(benchmarks.NetHTTP))
	if err != nil {
		return nil, err
	}
	second, err := g.add(r, s, corseletIn(benchmarks.NetHTTP))
	if err != nil {
		return nil, err
	}
	second.result.Contender, second.base = again, alone
	for _, c := range benchmarks.OTel {
		j, err := g.add(r, s, &c)
		if err != nil {
			return nil, err
		}
		j.base = alone
	}
	counter, err := s.open(&benchmarks.CounterAdd) // it answers nothing that could be judged
	if err != nil {
		return nil, err
	}
	return append(g.jobs, counter), nil
}

// burst counts the allocations of denials with their events.
func (s *situation) burst() (Result, error) {
	result := Result{
		Section: s.section, Policy: s.policy.Name, Scenario: s.scenario.Name, Framework: benchmarks.NetHTTP,
		Contender: eventInBurst,
	}
	alone, err := corseletIn(benchmarks.NetHTTP).Open(s.policy, s.mode)
	if err != nil {
		return result, err
	}
	allocs, bytes := benchmarks.CountAllocs(alone.Client(s.scenario.Requests(&s.policy)))
	result.Allocs, result.Bytes, err = benchmarks.CountEventAllocs(s.policy, s.scenario)
	result.Allocs -= allocs
	result.Bytes -= bytes
	return result, err
}

// otel returns what was measured of a contender in the section, or nil.
func (r *Report) otel(scenario, contender string) *Result {
	return r.find(sectionOTel, mainPolicy.Name, scenario, benchmarks.NetHTTP, contender)
}

func (r *Report) otelTargets() (targets []Target) {
	for _, s := range benchmarks.OTelScenarios {
		targets = append(targets, r.addedBy(r.otel(s.Name, benchmarks.NoSDK), s.Name))
	}
	for _, s := range benchmarks.OTelScenarios {
		t := Target{What: "otelcors with metrics, " + s.Name + ": added cost against one Counter.Add", Bound: 1.2, Unit: "×"}
		metrics, counter := r.otel(s.Name, benchmarks.Metrics), r.otel(s.Name, benchmarks.CounterAdd.Name)
		t.Got = added(metrics, counter)
		if !math.IsNaN(t.Got) {
			t.Noise = math.Hypot(r.offBy(metrics), t.Got*counter.Spread) / counter.Added
		}
		targets = append(targets, t)
	}
	targets = append(targets,
		r.allocsTarget("otelcors without an SDK: allocations, worst of all requests", 0, sectionOTel, benchmarks.NoSDK),
		r.allocsTarget("otelcors with metrics: allocations, worst of all requests", 0, sectionOTel, benchmarks.Metrics),
		r.allocsTarget("otelcors with metrics, a denial with its event: allocations", 6, sectionOTel, eventInBurst))
	for _, name := range []string{markOfCache, takeOfCache} {
		t := Target{
			What: "otelcors, " + inference + ": " + strings.ToLower(name), Bound: 100, Unit: " ns", Got: math.NaN(),
			Note: "otelcors' own benchmark",
		}
		if got := r.find(sectionOTel, "", inference, benchmarks.Core, name); got != nil {
			t.Got, t.Noise = got.Ns, got.Spread
		}
		targets = append(targets, t, r.allocsTarget(t.What+", allocations", 0, sectionOTel, name))
	}
	return targets
}

// addedBy has the only bound in nanoseconds that a machine's mood can break.
func (r *Report) addedBy(got *Result, scenario string) Target {
	t := Target{What: "otelcors without an SDK, " + scenario + ": added cost", Bound: 15, Unit: " ns", Got: math.NaN()}
	if got != nil && len(got.Wrong) == 0 {
		t.Got, t.Noise = got.Added, r.offBy(got)
	}
	return t
}

// offBy returns by how many nanoseconds what is added to Corselet may be off: by as much as its rounds differ, or as
// Corselet differs from itself.
func (r *Report) offBy(got *Result) float64 {
	off := got.Spread
	if second := r.otel(got.Scenario, again); second != nil {
		off = math.Max(off, math.Abs(second.Added))
	}
	return off
}

func (r *Report) writeOTel(b *bytes.Buffer) {
	if r.otel(benchmarks.AllowedGet, benchmarks.Corselet) == nil {
		return
	}
	b.WriteString("## OpenTelemetry\n\nWhat [otelcors](../otelcors/README.md) adds to Corselet on net/http, the " +
		"middleware alone. The second column is a request with Corselet and no observer, all of it; the third what Corselet " +
		"measured a second time comes to more or less, which is noise. `Counter.Add` is one addition to a counter of the " +
		"same SDK, with the attributes that otelcors counts the request by, prebuilt. Readers do not read and log records " +
		"are dropped, so that exporting is no part of it. **" + benchmarks.Events + "** is under a flood of denials, of which " +
		"ten in a second become events. **" + eventInBurst + "** is each of the first denials, of which only allocations " +
		"are counted: there are too few to be timed.\n\n")
	fmt.Fprintf(b, "| request | %s |\n|---|%s\n", strings.Join(otelContenders, " | "),
		strings.Repeat("---:|", len(otelContenders)))
	for _, s := range benchmarks.OTelScenarios {
		fmt.Fprintf(b, "| %s |", s.Name)
		for _, contender := range otelContenders {
			fmt.Fprintf(b, " %s |", otelCell(r.otel(s.Name, contender)))
		}
		b.WriteString("\n")
	}
	b.WriteString("\nTo infer whether a browser had a preflight in its cache, otelcors leaves a mark at each preflight and " +
		"takes it at the request that follows: a part of the above, and alone in otelcors' own benchmarks:\n\n" +
		"| | time | |\n|---|---:|---|\n")
	for _, name := range []string{markOfCache, takeOfCache} {
		if got := r.find(sectionOTel, "", inference, benchmarks.Core, name); got != nil {
			fmt.Fprintf(b, "| %s | %s ± %s | %s |\n", strings.ToLower(name), duration(got.Ns), duration(got.Spread), memory(got))
		}
	}
	b.WriteString("\n")
}

func otelCell(got *Result) string {
	switch {
	case got == nil:
		return "–"
	case len(got.Wrong) > 0:
		return disqualified
	case got.Contender == eventInBurst:
		return memory(got)
	}
	ns := got.Added
	if got.Contender == benchmarks.Corselet {
		ns = got.Ns
	}
	return fmt.Sprintf("%s ± %s<br>%s", duration(ns), duration(got.Spread), memory(got))
}
