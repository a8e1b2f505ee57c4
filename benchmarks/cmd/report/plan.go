package main

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/corselet/corselet/benchmarks"
	"github.com/corselet/corselet/core"
)

// The sections of the report, each measured by itself.
const (
	sectionRouter   = "router"   // through the framework, new header maps
	sectionAlone    = "alone"    // the middleware by itself, one header map
	sectionParallel = "parallel" // as router, on all processors
	sectionGC       = "gc"       // as router, with the garbage collector busy
	sectionGrowth   = "growth"   // as router, by policy
	sectionHostile  = "hostile"  // as router
	sectionCore     = "core"     // no framework
	sectionOTel     = "otel"     // as alone, under otelcors
	sectionLoad     = "load"     // real servers
)

// mainPolicy is the one of all sections but growth. Under barePolicy, with which contenders that search lists do best,
// the scenarios with targets are measured as well.
var (
	mainPolicy = benchmarks.TypicalPolicy()
	barePolicy = benchmarks.ExactPolicy(1)
)

// sections are measured in this order. timed are the contenders that passed the check.
var sections = []struct {
	name    string
	measure func(r *runner, timed []benchmarks.Contender, quick bool) ([]Result, error)
}{
	{sectionRouter, measureRouter},
	{sectionAlone, measureAlone},
	{sectionParallel, measureParallel},
	{sectionGC, measureGC},
	{sectionHostile, measureHostile},
	{sectionGrowth, measureGrowth},
	{sectionCore, measureCore},
	{sectionOTel, measureOTel},
}

// measureAll measures the sections whose names chosen holds.
func measureAll(r *runner, timed []benchmarks.Contender, quick bool, chosen map[string]bool) ([]Result, error) {
	var results []Result
	for _, section := range sections {
		if !chosen[section.name] {
			continue
		}
		more, err := section.measure(r, timed, quick)
		if err != nil {
			return nil, err
		}
		results = append(results, more...)
	}
	return results, nil
}

// ordinary returns the names of the scenarios that are not hostile.
func ordinary() []string {
	var names []string
	for _, s := range benchmarks.Scenarios {
		if !s.Hostile {
			names = append(names, s.Name)
		}
	}
	return names
}

// essential are those with targets.
var essential = []string{
	benchmarks.NonCORSGet, benchmarks.AllowedGet, benchmarks.DeniedGet, benchmarks.AllowedPreflight,
}

// alone makes a list of scenarios that are measured one by one.
func alone(names []string) (sets [][]string) {
	for _, name := range names {
		sets = append(sets, []string{name})
	}
	return sets
}

// measureRouter measures preflights with 1 and with 50 names in the same rounds: they are compared with one another.
func measureRouter(r *runner, timed []benchmarks.Contender, quick bool) ([]Result, error) {
	names := ordinary()
	if quick {
		names = append(slices.Clone(essential), benchmarks.DeniedPreflight)
	}
	pair := []string{benchmarks.AllowedPreflight, benchmarks.FiftyNames}
	sets := append(alone(slices.DeleteFunc(names, func(name string) bool { return slices.Contains(pair, name) })), pair)
	s := situation{section: sectionRouter, mode: benchmarks.Router, again: true}
	results, err := r.scenarios(s, sets, timed)
	if err != nil {
		return nil, err
	}
	s.policy = barePolicy
	bare, err := r.scenarios(s, alone(essential), timed)
	return append(results, bare...), err
}

func measureAlone(r *runner, timed []benchmarks.Contender, quick bool) ([]Result, error) {
	if quick {
		return nil, nil
	}
	return r.scenarios(situation{section: sectionAlone, mode: benchmarks.Alone}, alone(essential), timed)
}

var busyNames = []string{benchmarks.AllowedGet, benchmarks.AllowedPreflight}

func measureParallel(r *runner, timed []benchmarks.Contender, quick bool) ([]Result, error) {
	if quick {
		return nil, nil
	}
	s := situation{section: sectionParallel, mode: benchmarks.Router, parallel: true}
	return r.scenarios(s, alone(busyNames), timed)
}

func measureGC(r *runner, timed []benchmarks.Contender, quick bool) ([]Result, error) {
	if quick {
		return nil, nil
	}
	defer benchmarks.KeepGCBusy()()
	return r.scenarios(situation{section: sectionGC, mode: benchmarks.Router}, alone(busyNames), timed)
}

// measureHostile measures all of it in the same rounds: it is compared with the ordinary preflight.
func measureHostile(r *runner, timed []benchmarks.Contender, _ bool) ([]Result, error) {
	names := []string{benchmarks.DeniedPreflight}
	for _, s := range benchmarks.Scenarios {
		if s.Hostile {
			names = append(names, s.Name)
		}
	}
	s := situation{section: sectionHostile, mode: benchmarks.Router, again: true}
	return r.scenarios(s, [][]string{names}, timed)
}

// scenarios measures several sets of scenarios, those of one set in the same rounds, under the main policy unless s
// names another.
func (r *runner) scenarios(s situation, sets [][]string, timed []benchmarks.Contender) ([]Result, error) {
	if s.policy.Name == "" {
		s.policy = mainPolicy
	}
	var all [][]*job
	for _, names := range sets {
		r.log("%s, policy %s: %s", s.section, s.policy.Name, strings.Join(names, "; "))
		var set [][]*job
		for _, name := range names {
			s.scenario = benchmarks.ScenarioNamed(name)
			jobs, err := s.jobs(r, timed)
			if err != nil {
				return nil, err
			}
			set = together(set, jobs)
		}
		all = append(all, set...)
	}
	return r.run(all), nil
}

// measureGrowth goes through the policies. Corselet under the smallest of each kind is measured along with every other,
// to be compared within the same minute; its result bears the name of the policy that it is compared with.
func measureGrowth(r *runner, timed []benchmarks.Contender, quick bool) ([]Result, error) {
	policies := benchmarks.Policies
	if !quick {
		policies = append(slices.Clone(policies), func() benchmarks.Policy { return benchmarks.WildcardPolicy(10_000) },
			func() benchmarks.Policy { return benchmarks.ExactPolicy(1_000_000) })
	}
	var results []Result
	for _, policy := range policies {
		p := policy()
		if quick && len(p.Origins) > 10_000 {
			continue
		}
		more, err := growth(r, p, timed)
		if err != nil {
			return nil, err
		}
		results = append(results, more...)
		runtime.GC()
	}
	return results, nil
}

// anchor is added to the name of the contender whose policy has one origin.
const anchor = ", one origin"

func growth(r *runner, p benchmarks.Policy, timed []benchmarks.Contender) ([]Result, error) {
	r.log("growth: policy %s", p.Name)
	if len(p.Origins) > 100_000 || p.Name == "wildcard-10000" {
		timed = only(timed, benchmarks.Corselet)
	}
	s := situation{
		section: sectionGrowth, policy: p, mode: benchmarks.Router,
		scenario: benchmarks.ScenarioNamed(benchmarks.AllowedGet),
	}
	groups, err := s.jobs(r, timed)
	if err != nil || len(groups) == 0 {
		return nil, err
	}
	s.policy = smallest(p)
	anchors, err := s.jobs(r, only(timed, benchmarks.Corselet))
	if err != nil {
		return nil, err
	}
	for i, one := range anchors {
		anchors[i] = anchorTo(groups, one, p.Name)
	}
	results := r.run(together(groups, anchors))
	return slices.DeleteFunc(results, func(r Result) bool { return r.Contender == benchmarks.None }), nil
}

// anchorTo leaves of a group under the smallest policy Corselet's job alone, and has the same subtracted from it as from
// Corselet in the groups that it is to be compared with, whose policy it is reported under.
func anchorTo(groups [][]*job, one []*job, policy string) []*job {
	ours := func(j *job) bool {
		return j.result.Contender == benchmarks.Corselet && j.result.Framework == one[0].result.Framework
	}
	j := one[slices.IndexFunc(one, ours)]
	for _, group := range groups {
		if i := slices.IndexFunc(group, ours); i >= 0 {
			j.base = group[i].base
		}
	}
	j.result.Policy = policy
	j.result.Contender += anchor
	return []*job{j}
}

func smallest(p benchmarks.Policy) benchmarks.Policy {
	switch kind, _, _ := strings.Cut(p.Name, "-"); kind {
	case "wildcard":
		return benchmarks.WildcardPolicy(1)
	case "regexp":
		return benchmarks.RegexpPolicy(1)
	}
	return benchmarks.ExactPolicy(1)
}

func corseletIn(framework string) *benchmarks.Contender {
	for _, c := range benchmarks.Contenders {
		if c.Framework == framework && c.Name == benchmarks.Corselet {
			return &c
		}
	}
	panic("no Corselet in " + framework)
}

func only(contenders []benchmarks.Contender, name string) []benchmarks.Contender {
	return slices.DeleteFunc(slices.Clone(contenders), func(c benchmarks.Contender) bool { return c.Name != name })
}

// measureCore measures Policy.Decide and Verdict, of all scenarios under the main policy and of an allowed GET under
// policies of every size.
func measureCore(r *runner, _ []benchmarks.Contender, quick bool) ([]Result, error) {
	r.log("core")
	var g group
	for i := range benchmarks.Scenarios {
		s := situation{section: sectionCore, policy: mainPolicy, scenario: &benchmarks.Scenarios[i]}
		if err := g.addAll(r, &s, benchmarks.Decide, benchmarks.Verdict); err != nil {
			return nil, err
		}
	}
	for _, p := range corePolicies(quick) {
		s := situation{section: sectionCore, policy: p, scenario: benchmarks.ScenarioNamed(benchmarks.AllowedGet)}
		if err := g.addAll(r, &s, benchmarks.Decide, benchmarks.MatchString); err != nil {
			return nil, err
		}
	}
	results := r.run([][]*job{g.jobs})
	even, err := measureEvenly(r, quick)
	if err != nil {
		return nil, err
	}
	automaton, err := measureAutomaton(r)
	return slices.Concat(results, even, automaton), err
}

func (g *group) addAll(r *runner, s *situation, contenders ...benchmarks.Contender) error {
	for _, c := range contenders {
		if _, err := g.add(r, s, &c); err != nil {
			return err
		}
	}
	return nil
}

// evenly is added to the name of a scenario whose requests come from many origins alike; evenRequests is how many.
const (
	evenly       = ", all origins evenly"
	evenRequests = 100_000
)

// measureEvenly measures Policy.Decide with so many requests that neither they nor what they are compared with stay in
// the processor's caches. Reading them is a good part of it, so that the policies of one origin get as many, each of
// which has memory of its own.
func measureEvenly(r *runner, quick bool) ([]Result, error) {
	r.log("core, all origins evenly")
	policies := []benchmarks.Policy{benchmarks.ExactPolicy(1), benchmarks.ExactPolicy(100_000)}
	if !quick {
		policies = append(policies, benchmarks.ExactPolicy(1_000_000), benchmarks.WildcardPolicy(1),
			benchmarks.WildcardPolicy(10_000))
	}
	var g group
	for _, p := range policies {
		s := situation{
			section: sectionCore, policy: p, scenario: benchmarks.ScenarioNamed(benchmarks.AllowedGet), requests: evenRequests,
		}
		if err := g.addAll(r, &s, benchmarks.Decide); err != nil {
			return nil, err
		}
	}
	return r.run([][]*job{g.jobs}), nil
}

func corePolicies(quick bool) []benchmarks.Policy {
	policies := []benchmarks.Policy{
		benchmarks.ExactPolicy(1), benchmarks.ExactPolicy(10), benchmarks.ExactPolicy(1_000), benchmarks.WildcardPolicy(1),
		benchmarks.WildcardPolicy(100), benchmarks.RegexpPolicy(1), benchmarks.RegexpPolicy(100),
	}
	if !quick {
		policies = append(policies, benchmarks.ExactPolicy(100_000), benchmarks.ExactPolicy(1_000_000),
			benchmarks.WildcardPolicy(10_000))
	}
	return policies
}

// Compilation is what it takes to compile a policy.
type Compilation struct {
	Policy  string
	Seconds float64
	MiB     float64 // of heap that stays, without the strings of the configuration
}

func measureCompilation(quick bool) ([]Compilation, error) {
	sizes := []int{100_000, 1_000_000}
	if quick {
		sizes = sizes[:1]
	}
	var compilations []Compilation
	for _, n := range sizes {
		p := benchmarks.ExactPolicy(n)
		config := benchmarks.CoreConfig(p)
		before := heap()
		start := time.Now()
		policy, err := core.Compile(config)
		elapsed := time.Since(start)
		if err != nil {
			return nil, fmt.Errorf("policy %s: %w", p.Name, err)
		}
		mib := float64(heap()-before) / (1 << 20)
		runtime.KeepAlive(policy)
		runtime.KeepAlive(config)
		compilations = append(compilations, Compilation{p.Name, elapsed.Seconds(), mib})
	}
	return compilations, nil
}

func heap() int64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}
