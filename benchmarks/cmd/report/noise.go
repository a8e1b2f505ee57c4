package main

import (
	"bytes"
	"fmt"
	"math"

	"github.com/corselet/corselet/benchmarks"
)

// again is the name of Corselet opened and measured a second time in the same rounds. Whatever it differs by is noise:
// mostly luck with how memory is laid out, which lasts for a whole run and which no spread shows.
const again = "corselet, again"

// beside returns how many times Corselet's own added cost a second measurement of it came to, in the situation of a
// result; NaN where there was none.
func (r *Report) beside(got *Result) float64 {
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
		if self := r.beside(got); !math.IsNaN(self) {
			off = math.Max(off, math.Abs(self-1))
		}
	}
	return ratio * off
}

// compare fills in how a compares with b.
func (t *Target) compare(r *Report, a, b *Result) {
	t.Got, t.Noise = added(a, b), r.noise(a, b)
}

func (r *Report) writeNoise(b *bytes.Buffer) {
	b.WriteString("## Noise\n\nCorselet beside itself: opened a second time and measured in the same rounds, what it adds " +
		"came to so many times the first. Behind that, by how much the rounds of the first differ (half of the distance " +
		"between their quartiles). What other ratios differ from 1 by no more than this means nothing.\n\n" +
		"| framework | policy | request | beside itself | rounds differ by |\n|---|---|---|---:|---:|\n")
	for i := range r.Results {
		got := &r.Results[i]
		if got.Contender != benchmarks.Corselet || got.Section != sectionRouter {
			continue
		}
		if self := r.beside(got); !math.IsNaN(self) {
			fmt.Fprintf(b, "| %s | %s | %s | %.2f× | ± %.0f %% |\n",
				got.Framework, got.Policy, got.Scenario, self, 100*got.Spread/got.Added)
		}
	}
	b.WriteString("\n")
}
