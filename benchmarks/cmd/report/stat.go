package main

import "slices"

// median returns the middle of the values, or the mean of the two in the middle; 0 for none.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	switch {
	case n == 0:
		return 0
	case n%2 == 1:
		return sorted[n/2]
	}
	return (sorted[n/2-1] + sorted[n/2]) / 2
}

// spread returns half of the distance between the quartiles: half of the values lie no farther from the middle. For the
// 15 rounds of a whole report that is about two standard errors of their median.
func spread(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (median(sorted[(n+1)/2:]) - median(sorted[:n/2])) / 2
}

// differences returns a[i]-b[i]: what was measured in the same round is subtracted, so that a disturbance that lasts
// for a while hits both.
func differences(a, b []float64) []float64 {
	diff := make([]float64, len(a))
	for i := range a {
		diff[i] = a[i] - b[i]
	}
	return diff
}
