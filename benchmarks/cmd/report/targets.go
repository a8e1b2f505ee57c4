package main

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/corselet/corselet/benchmarks"
)

// Target is a bound that was set before anything was measured, and how it came out.
type Target struct {
	What  string
	Bound float64 // NaN: none was set
	Got   float64 // NaN: not measured
	Noise float64 // by how much Got may be off
	Bare  float64 // the same under barePolicy, or 0
	Floor float64 // what the limit, which checks nothing, comes to; or 0
	Unit  string  // "×" or a unit
	Note  string  // why there is no number, or what to know of it
}

func (t *Target) verdict() string {
	switch {
	case math.IsNaN(t.Got):
		return "not measured"
	case math.IsNaN(t.Bound):
		return "reported only"
	}
	verdict := "met"
	if t.Got > t.Bound {
		verdict = "**missed**"
	}
	if t.Noise > 0 && math.Abs(t.Got-t.Bound) <= t.Noise {
		verdict += ", within noise"
	}
	return verdict
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

// router returns what was measured through a framework's router.
func (r *Report) router(p benchmarks.Policy, scenario, framework, contender string) *Result {
	return r.find(sectionRouter, p.Name, scenario, framework, contender)
}

// added returns how a's added cost compares with b's, or NaN if one is missing.
func added(a, b *Result) float64 {
	if a == nil || b == nil || len(a.Wrong) > 0 || len(b.Wrong) > 0 || b.Added <= 0 {
		return math.NaN()
	}
	return a.Added / b.Added
}

// A rival is a peer that users of a framework have now. Its bounds are those on Corselet's added cost
// in relation to its own, in the order of essential; 0: reported only.
type rival struct {
	framework, peer string
	bounds          [4]float64
	note            string // on non-CORS requests
}

const sharesMemory = "it shares memory between responses"

var rivals = []rival{
	{benchmarks.NetHTTP, "rs/cors", [4]float64{1.15, 0.85, 0.62, 0.65}, sharesMemory},
	{benchmarks.NetHTTP, "jub0bs/cors", [4]float64{1.05, 0.55, 0, 0.65}, sharesMemory},
	{benchmarks.Gin, "gin-contrib/cors", [4]float64{0, 0.40, 0.45, 0.55}, "it sends nothing there"},
	{benchmarks.Echo, "echo's own", [4]float64{0.60, 0.35, 0.25, 0.30}, ""},
	{benchmarks.EchoV5, "echo v5's own", [4]float64{0.90, 0.45, 0.90, 0.40}, ""},
	{benchmarks.Fiber, "fiber's own", [4]float64{0.65, 0.42, 0.42, 0.22}, ""},
	{benchmarks.FiberV3, "fiber v3's own", [4]float64{0.55, 0.50, 0.60, 0.28}, ""},
}

func (r *Report) targets() []Target {
	return slices.Concat(r.rivalTargets(), r.peerTargets(), r.limitTargets(), r.growthTargets(),
		r.hostileTargets(), r.otelTargets())
}

// bound returns 0 as no bound.
func bound(x float64) float64 {
	if x == 0 {
		return math.NaN()
	}
	return x
}

func (r *Report) rivalTargets() (targets []Target) {
	for _, rival := range rivals {
		for i, scenario := range essential {
			t := Target{
				What:  fmt.Sprintf("%s, %s: added cost against %s", rival.framework, scenario, rival.peer),
				Bound: bound(rival.bounds[i]), Unit: "×",
			}
			if scenario == benchmarks.NonCORSGet {
				t.Note = rival.note
			}
			peer := r.router(mainPolicy, scenario, rival.framework, rival.peer)
			t.compare(r, r.router(mainPolicy, scenario, rival.framework, benchmarks.Corselet), peer)
			t.Bare = added(r.router(barePolicy, scenario, rival.framework, benchmarks.Corselet),
				r.router(barePolicy, scenario, rival.framework, rival.peer))
			if scenario != benchmarks.DeniedGet { // there the limit says too much
				t.Floor = added(r.router(mainPolicy, scenario, rival.framework, benchmarks.Limit), peer)
			}
			if peer != nil && len(peer.Wrong) > 0 {
				t.Note = "it is disqualified: " + strings.Join(peer.Wrong, "; ")
			}
			targets = append(targets, t)
		}
	}
	return targets
}

// peerTargets holds Corselet to being the fastest of all that send the same fields from memory of
// their own.
func (r *Report) peerTargets() []Target {
	worst := Target{Bound: 1, Unit: "×", Got: math.NaN(),
		What: "worst cell of the README's table against a peer that does the same work"}
	for _, c := range benchmarks.Contenders {
		if !c.IsPeer() || len(r.lacks(&c)) > 0 {
			continue
		}
		for _, scenario := range essential {
			ours := r.router(mainPolicy, scenario, c.Framework, benchmarks.Corselet)
			peer := r.router(mainPolicy, scenario, c.Framework, c.Name)
			ratio := added(ours, peer)
			if !math.IsNaN(ratio) && (math.IsNaN(worst.Got) || ratio > worst.Got) {
				worst.compare(r, ours, peer)
				worst.Note = fmt.Sprintf("%s, %s, %s", c.Framework, c.Name, scenario)
			}
		}
	}
	return []Target{worst}
}

func (r *Report) limitTargets() (targets []Target) {
	for _, framework := range benchmarks.Frameworks {
		bounds := map[string]float64{
			benchmarks.NonCORSGet: 1.25, benchmarks.AllowedGet: 1.45, benchmarks.AllowedPreflight: 1.25,
		}
		if framework == benchmarks.Fiber || framework == benchmarks.FiberV3 {
			bounds[benchmarks.AllowedGet], bounds[benchmarks.AllowedPreflight] = 1.6, 1.6
		}
		for _, scenario := range essential {
			if bounds[scenario] == 0 {
				continue
			}
			t := Target{
				What:  fmt.Sprintf("%s, %s: added cost against the limit", framework, scenario),
				Bound: bounds[scenario], Unit: "×",
				Bare: added(r.router(barePolicy, scenario, framework, benchmarks.Corselet),
					r.router(barePolicy, scenario, framework, benchmarks.Limit)),
			}
			t.compare(r, r.router(mainPolicy, scenario, framework, benchmarks.Corselet),
				r.router(mainPolicy, scenario, framework, benchmarks.Limit))
			targets = append(targets, t)
		}
	}
	for _, framework := range benchmarks.Frameworks {
		t := Target{
			What: framework + ", preflight with 50 header names against one with 1", Bound: 1.1,
			Unit: "×", Note: "the same, within what is measurable",
		}
		t.compare(r, r.router(mainPolicy, benchmarks.FiftyNames, framework, benchmarks.Corselet),
			r.router(mainPolicy, benchmarks.AllowedPreflight, framework, benchmarks.Corselet))
		targets = append(targets, t)
	}
	return targets
}

func (r *Report) growthTargets() (targets []Target) {
	for _, size := range []struct {
		policy, what string
		bound        float64
	}{
		{"exact-100000", "100,000 exact origins against one", 1.9},
		{"exact-1000000", "1,000,000 exact origins against one", 4},
		{"wildcard-10000", "10,000 wildcards against one", 1.5},
		{"regexp-100", "100 regexps against one", 1.3},
	} {
		got := func(contender string) *Result {
			return r.find(sectionGrowth, size.policy, benchmarks.AllowedGet, benchmarks.NetHTTP, contender)
		}
		t := Target{What: "net/http, allowed GET, " + size.what, Bound: size.bound, Unit: "×",
			Note: "256 busy origins"}
		t.compare(r, got(benchmarks.Corselet), got(benchmarks.Corselet+anchor))
		targets = append(targets, t)
	}
	targets = append(targets, r.evenTargets()...)
	for _, c := range r.Compilations {
		if c.Policy == "exact-1000000" {
			targets = append(targets, Target{
				What: "memory of 1,000,000 exact origins", Bound: 45, Got: c.MiB, Unit: " MiB",
			})
		}
	}
	return append(targets, r.regexpTargets()...)
}

// evenTargets are of a decision alone, those above of all that a request costs.
func (r *Report) evenTargets() (targets []Target) {
	for _, size := range []struct {
		policy, one, what string
		bound             float64
	}{
		{"exact-100000", "exact-1", "100,000 exact origins against one", 3},
		{"exact-1000000", "exact-1", "1,000,000 exact origins against one", 0},
		{"wildcard-10000", "wildcard-1", "10,000 wildcards against one", 0},
	} {
		got := func(policy string) *Result {
			return r.find(sectionCore, policy, benchmarks.AllowedGet+evenly, benchmarks.Core, benchmarks.Decide.Name)
		}
		t := Target{
			What: "core, Policy.Decide alone, " + size.what, Bound: bound(size.bound), Unit: "×",
			Note: "100,000 requests from all origins evenly",
		}
		t.compare(r, got(size.policy), got(size.one))
		targets = append(targets, t)
	}
	return targets
}

func (r *Report) regexpTargets() []Target {
	matching := func(part string) *Result {
		return r.find(sectionCore, automatonPolicy, automatonScenario, benchmarks.Core, part)
	}
	deciding := func(contender string) *Result {
		return r.find(sectionCore, "regexp-1", benchmarks.AllowedGet, benchmarks.Core, contender)
	}
	match := Target{
		What: "core, matching one regexp against one regexp.MatchString", Bound: 0.12, Unit: "×",
		Note: "core's own benchmark, of matching alone",
	}
	match.compare(r, matching(oneRegexp), matching(packageRegexp))
	decide := Target{
		What: "core, all of Policy.Decide with one regexp against one regexp.MatchString", Bound: math.NaN(), Unit: "×",
		Note: "Decide also parses the origin and decides on the answer",
	}
	decide.compare(r, deciding(benchmarks.Decide.Name), deciding(benchmarks.MatchString.Name))
	return []Target{match, decide}
}

func (r *Report) hostileTargets() (targets []Target) {
	for _, framework := range benchmarks.Frameworks {
		worst := Target{
			What:  framework + ", hostile preflight against an ordinary denied one, worst of all",
			Bound: 3, Unit: "×", Got: math.NaN(),
		}
		ordinary := r.find(sectionHostile, mainPolicy.Name, benchmarks.DeniedPreflight, framework, benchmarks.Corselet)
		for _, s := range benchmarks.Scenarios {
			got := r.find(sectionHostile, mainPolicy.Name, s.Name, framework, benchmarks.Corselet)
			ratio := added(got, ordinary)
			if s.Hostile && !math.IsNaN(ratio) && (math.IsNaN(worst.Got) || ratio > worst.Got) {
				worst.compare(r, got, ordinary)
				worst.Note = s.Name
			}
		}
		targets = append(targets, worst)
	}
	return append(targets, r.allocsTarget("core, Decide and Verdict: allocations, worst of all requests", 0, sectionCore,
		benchmarks.Verdict.Name))
}

// allocsTarget takes the most that a contender allocates in a section.
func (r *Report) allocsTarget(what string, bound float64, section, contender string) Target {
	t := Target{What: what, Bound: bound, Unit: " allocs", Got: math.NaN()}
	for _, got := range r.Results {
		if got.Section == section && got.Contender == contender && !(got.Allocs <= t.Got) {
			t.Got = math.Round(got.Allocs*100)/100 + 0 // which makes no difference between 0 and -0
		}
	}
	return t
}
