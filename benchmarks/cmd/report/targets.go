package main

import (
	"fmt"
	"math"

	"github.com/corselet/corselet/benchmarks"
)

// Target is a bound that was set before anything was measured, and how it came out.
type Target struct {
	What  string
	Bound float64
	Got   float64 // NaN: not measured
	Bare  float64 // the same under barePolicy, or 0
	Floor float64 // what the limit, which checks nothing, comes to; or 0
	Unit  string  // "×" or a unit
	Note  string  // why there is no number, or what to know of it
}

func (t *Target) verdict() string {
	switch {
	case math.IsNaN(t.Got):
		return "not measured"
	case t.Got <= t.Bound:
		return "met"
	}
	return "**missed**"
}

// find returns what was measured of one contender in one situation, or nil.
func (r *Report) find(section, policy, scenario, framework, contender string) *Result {
	for i := range r.Results {
		got := &r.Results[i]
		if got.Section == section && got.Policy == policy && got.Scenario == scenario &&
			got.Framework == framework && got.Contender == contender {
			return got
		}
	}
	return nil
}

// added returns how a's added cost compares with b's, or NaN if one is missing.
func added(a, b *Result) float64 {
	if a == nil || b == nil || b.Added <= 0 {
		return math.NaN()
	}
	return a.Added / b.Added
}

// rivals are the bounds against the peer that each framework's users have now.
var rivals = []struct {
	framework, peer string
	bounds          [4]float64 // as essential, 0: reported only
	notes           map[string]string
}{
	{benchmarks.NetHTTP, "rs/cors", [4]float64{1.05, 0.58, 0.55, 0.40}, map[string]string{
		benchmarks.NonCORSGet: "it shares memory between responses"}},
	{benchmarks.Gin, "gin-contrib/cors", [4]float64{0, 0.30, 0.50, 0.45}, map[string]string{
		benchmarks.DeniedGet: "it does not run the handler, whose time is subtracted all the same"}},
	{benchmarks.Echo, "echo's own", [4]float64{0.45, 0.45, 0.25, 0.28}, nil},
	{benchmarks.Fiber, "fiber's own", [4]float64{0.60, 0.30, 0.30, 0.18}, nil},
	{benchmarks.EchoV5, "echo v5's own", [4]float64{0.45, 0.45, 0.25, 0.28}, nil},
	{benchmarks.FiberV3, "fiber v3's own", [4]float64{0.60, 0.30, 0.30, 0.18}, nil},
}

func (r *Report) targets() []Target {
	targets := r.rivalTargets()
	targets = append(targets, r.limitTargets()...)
	targets = append(targets, r.growthTargets()...)
	return append(targets, r.hostileTargets()...)
}

func (r *Report) rivalTargets() (targets []Target) {
	compare := func(policy, scenario, framework, contender, peer string) float64 {
		return added(r.find(sectionRouter, policy, scenario, framework, contender),
			r.find(sectionRouter, policy, scenario, framework, peer))
	}
	for _, rival := range rivals {
		for i, scenario := range essential {
			if rival.bounds[i] == 0 {
				continue
			}
			t := Target{
				What:  fmt.Sprintf("%s, %s: added cost against %s", rival.framework, scenario, rival.peer),
				Bound: rival.bounds[i], Unit: "×", Note: rival.notes[scenario],
				Got:  compare(mainPolicy.Name, scenario, rival.framework, benchmarks.Corselet, rival.peer),
				Bare: compare(barePolicy.Name, scenario, rival.framework, benchmarks.Corselet, rival.peer),
			}
			if scenario != benchmarks.DeniedGet { // there the limit says too much
				t.Floor = compare(mainPolicy.Name, scenario, rival.framework, benchmarks.Limit, rival.peer)
			}
			targets = append(targets, t)
		}
	}
	return targets
}

func (r *Report) limitTargets() (targets []Target) {
	for _, framework := range benchmarks.Frameworks {
		for _, scenario := range busyNames {
			targets = append(targets, Target{
				What: fmt.Sprintf("%s, %s: added cost against the limit", framework, scenario), Bound: 1.8, Unit: "×",
				Got: added(r.find(sectionRouter, mainPolicy.Name, scenario, framework, benchmarks.Corselet),
					r.find(sectionRouter, mainPolicy.Name, scenario, framework, benchmarks.Limit)),
				Bare: added(r.find(sectionRouter, barePolicy.Name, scenario, framework, benchmarks.Corselet),
					r.find(sectionRouter, barePolicy.Name, scenario, framework, benchmarks.Limit)),
			})
		}
	}
	for _, framework := range benchmarks.Frameworks {
		targets = append(targets, Target{
			What: framework + ", preflight with 50 header names against one with 1", Bound: 1.1, Unit: "×",
			Note: "the same, within what is measurable",
			Got: added(r.find(sectionRouter, mainPolicy.Name, benchmarks.FiftyNames, framework, benchmarks.Corselet),
				r.find(sectionRouter, mainPolicy.Name, benchmarks.AllowedPreflight, framework, benchmarks.Corselet)),
		})
	}
	return targets
}

func (r *Report) growthTargets() (targets []Target) {
	for _, size := range []struct {
		policy, what string
		bound        float64
	}{
		{"exact-100000", "100,000 exact origins against one", 1.5},
		{"exact-1000000", "1,000,000 exact origins against one", 4},
		{"wildcard-10000", "10,000 wildcards against one", 1.5},
		{"regexp-100", "100 regexps against one", 1.3},
	} {
		got := func(contender string) *Result {
			return r.find(sectionGrowth, size.policy, benchmarks.AllowedGet, benchmarks.NetHTTP, contender)
		}
		targets = append(targets, Target{
			What: "net/http, allowed GET, " + size.what, Bound: size.bound, Unit: "×",
			Got: added(got(benchmarks.Corselet), got(benchmarks.Corselet+anchor)),
		})
	}
	for _, c := range r.Compilations {
		if c.Policy == "exact-1000000" {
			targets = append(targets, Target{What: "memory of 1,000,000 exact origins", Bound: 100, Got: c.MiB, Unit: " MiB"})
		}
	}
	core := func(contender string) *Result {
		return r.find(sectionCore, "regexp-1", benchmarks.AllowedGet, benchmarks.Core, contender)
	}
	return append(targets, Target{
		What: "one regexp, Policy.Decide against one regexp.MatchString", Bound: 0.12, Unit: "×",
		Got: added(core(benchmarks.Decide.Name), core(benchmarks.MatchString.Name)),
	})
}

func (r *Report) hostileTargets() (targets []Target) {
	for _, framework := range benchmarks.Frameworks {
		worst := Target{
			What:  framework + ", hostile preflight against an ordinary denied one, worst of all",
			Bound: 3, Unit: "×", Got: math.NaN(),
		}
		ordinary := r.find(sectionHostile, mainPolicy.Name, benchmarks.DeniedPreflight, framework, benchmarks.Corselet)
		for _, s := range benchmarks.Scenarios {
			if !s.Hostile {
				continue
			}
			got := added(r.find(sectionHostile, mainPolicy.Name, s.Name, framework, benchmarks.Corselet), ordinary)
			if math.IsNaN(worst.Got) || got > worst.Got {
				worst.Got, worst.Note = got, s.Name
			}
		}
		targets = append(targets, worst)
	}
	allocs := Target{
		What: "core, Decide and Verdict: allocations, worst of all requests", Unit: " allocs", Got: math.NaN(),
	}
	for _, got := range r.Results {
		if got.Section == sectionCore && got.Contender == benchmarks.Verdict.Name && !(got.Allocs <= allocs.Got) {
			allocs.Got = math.Round(got.Allocs*100) / 100
		}
	}
	return append(targets, allocs)
}
