package main

import (
	"fmt"
	"math"
	"slices"
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
		t := Target{Bound: 2.2, Unit: "×",
			What: "otelcors with metrics, " + s.Name + ": added cost against one Counter.Add"}
		if s.Name == benchmarks.AllowedGet || s.Name == benchmarks.DeniedGet {
			t.Bound = 1.6
		}
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
	t := Target{What: "otelcors without an SDK, " + scenario + ": added cost", Bound: 20, Unit: " ns", Got: math.NaN()}
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

// otelTable returns requests × contenders.
func (r *Report) otelTable() string {
	var scenarios []string
	for _, s := range benchmarks.OTelScenarios {
		scenarios = append(scenarios, s.Name)
	}
	return grid("request", otelContenders, scenarios, func(scenario, contender string) string {
		return otelCell(r.otel(scenario, contender))
	})
}

// marks returns what otelcors' own benchmarks measured.
func (r *Report) marks() []*Result {
	return slices.DeleteFunc(r.inSection(sectionOTel), func(got *Result) bool {
		return got.Scenario != inference
	})
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
