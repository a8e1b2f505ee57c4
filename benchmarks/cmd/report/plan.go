package main

import (
	"errors"
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

func measureRouter(r *runner, timed []benchmarks.Contender, quick bool) ([]Result, error) {
	names := ordinary()
	if quick {
		names = append(slices.Clone(essential), benchmarks.FiftyNames, benchmarks.DeniedPreflight)
	}
	results, err := r.scenarios(situation{section: sectionRouter, mode: benchmarks.Router}, names, timed)
	if err != nil {
		return nil, err
	}
	s := situation{section: sectionRouter, mode: benchmarks.Router, policy: barePolicy}
	bare, err := r.scenarios(s, essential, timed)
	return append(results, bare...), err
}

func measureAlone(r *runner, timed []benchmarks.Contender, quick bool) ([]Result, error) {
	if quick {
		return nil, nil
	}
	return r.scenarios(situation{section: sectionAlone, mode: benchmarks.Alone}, essential, timed)
}

var busyNames = []string{benchmarks.AllowedGet, benchmarks.AllowedPreflight}

func measureParallel(r *runner, timed []benchmarks.Contender, quick bool) ([]Result, error) {
	if quick {
		return nil, nil
	}
	s := situation{section: sectionParallel, mode: benchmarks.Router, parallel: true}
	return r.scenarios(s, busyNames, timed)
}

func measureGC(r *runner, timed []benchmarks.Contender, quick bool) ([]Result, error) {
	if quick {
		return nil, nil
	}
	defer benchmarks.KeepGCBusy()()
	return r.scenarios(situation{section: sectionGC, mode: benchmarks.Router}, busyNames, timed)
}

func measureHostile(r *runner, timed []benchmarks.Contender, _ bool) ([]Result, error) {
	names := []string{benchmarks.DeniedPreflight}
	for _, s := range benchmarks.Scenarios {
		if s.Hostile {
			names = append(names, s.Name)
		}
	}
	return r.scenarios(situation{section: sectionHostile, mode: benchmarks.Router}, names, timed)
}

// scenarios measures several scenarios, under the main policy unless s names another.
func (r *runner) scenarios(s situation, names []string, timed []benchmarks.Contender) ([]Result, error) {
	if s.policy.Name == "" {
		s.policy = mainPolicy
	}
	r.log("%s, policy %s: %s", s.section, s.policy.Name, strings.Join(names, "; "))
	var all [][]*job
	for _, name := range names {
		s.scenario = benchmarks.ScenarioNamed(name)
		jobs, err := s.jobs(timed)
		if err != nil {
			return nil, err
		}
		all = append(all, jobs...)
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
		if quick && len(p.Origins) > 10_000 || !strings.Contains(p.Name, "-") {
			continue // star and credentials have no size
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
	jobs, err := s.jobs(timed)
	if err != nil || len(jobs) == 0 {
		return nil, err
	}
	s.policy = smallest(p)
	for i, group := range jobs {
		j, err := s.job(corseletIn(group[0].result.Framework), group[0])
		if errors.Is(err, benchmarks.ErrUnsupported) {
			continue
		}
		if err != nil {
			return nil, err
		}
		j.result.Policy = p.Name
		j.result.Contender += anchor
		jobs[i] = append(group, j)
	}
	results := r.run(jobs)
	return slices.DeleteFunc(results, func(r Result) bool { return r.Contender == benchmarks.None }), nil
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
	var jobs []*job
	add := func(s situation, contenders ...benchmarks.Contender) error {
		for _, c := range contenders {
			j, err := s.job(&c, nil)
			if err != nil && !errors.Is(err, benchmarks.ErrUnsupported) {
				return err
			}
			if err == nil {
				jobs = append(jobs, j)
			}
		}
		return nil
	}
	for i := range benchmarks.Scenarios {
		s := situation{section: sectionCore, policy: mainPolicy, scenario: &benchmarks.Scenarios[i]}
		if err := add(s, benchmarks.Decide, benchmarks.Verdict); err != nil {
			return nil, err
		}
	}
	for _, p := range corePolicies(quick) {
		s := situation{
			section: sectionCore, policy: p, scenario: benchmarks.ScenarioNamed(benchmarks.AllowedGet),
		}
		if err := add(s, benchmarks.Decide, benchmarks.MatchString); err != nil {
			return nil, err
		}
	}
	return r.run([][]*job{jobs}), nil
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
