package main

import (
	"math"
	"slices"

	"golang.org/x/perf/benchmath"
)

// center returns the median of the values, and how far it may be off: half the width of its 95 %
// confidence interval, which assumes nothing about how the values are distributed.
func center(values []float64) (median, off float64) {
	if len(values) == 0 {
		return 0, 0
	}
	sample := benchmath.NewSample(slices.Clone(values), &benchmath.DefaultThresholds)
	s := benchmath.AssumeNothing.Summary(sample, 0.95)
	if off = (s.Hi - s.Lo) / 2; math.IsInf(off, 0) || math.IsNaN(off) { // of few values
		off = (sample.Values[len(values)-1] - sample.Values[0]) / 2
	}
	return s.Center, off
}

func median(values []float64) float64 {
	middle, _ := center(values)
	return middle
}

// differences returns a[i]-b[i]: what was measured in the same round is subtracted, so that a
// disturbance that lasts for a while hits both.
func differences(a, b []float64) []float64 {
	diff := make([]float64, len(a))
	for i := range a {
		diff[i] = a[i] - b[i]
	}
	return diff
}
