package main

import (
	"math"
	"slices"

	"github.com/corselet/corselet/benchmarks"
)

// again is the name of Corselet opened and measured a second time in the same rounds. Whatever it differs by is noise:
// mostly luck with how memory is laid out, which lasts for a whole run and which no spread shows.
const again = "corselet, again"

// twice returns how many times Corselet's own added cost a second measurement of it came to, in the situation of a
// result; NaN where there was none.
func (r *Report) twice(got *Result) float64 {
	section, policy, second := got.Section, got.Policy, again
	if section == sectionGrowth {
		policy, second = "exact-1", benchmarks.Corselet+anchor
	}
	return added(r.find(section, policy, got.Scenario, got.Framework, second),
		r.find(section, policy, got.Scenario, got.Framework, benchmarks.Corselet))
}

// noise returns how far a's added cost in relation to b's may be off: by how much the rounds differ, or by how much two
// measurements of the same do, whichever is more.
func (r *Report) noise(a, b *Result) float64 {
	ratio := added(a, b)
	if math.IsNaN(ratio) {
		return 0
	}
	off := math.Hypot(a.Spread/math.Max(a.Added, 1), b.Spread/b.Added)
	for _, got := range []*Result{a, b} {
		if self := r.twice(got); !math.IsNaN(self) {
			off = math.Max(off, math.Abs(self-1))
		}
	}
	return ratio * off
}

// compare fills in how a compares with b.
func (t *Target) compare(r *Report, a, b *Result) {
	t.Got, t.Noise = added(a, b), r.noise(a, b)
}

// measuredTwice returns the results of Corselet that were measured again in the same rounds.
func (r *Report) measuredTwice() []*Result {
	return slices.DeleteFunc(r.inSection(sectionRouter), func(got *Result) bool {
		return got.Contender != benchmarks.Corselet || math.IsNaN(r.twice(got))
	})
}
