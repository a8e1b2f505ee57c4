package main

import (
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/corselet/corselet/core"
)

// cacheEstimate is what browsers' preflight caches have saved since the start, by the status of
// each request and by the ratio of the counts. See otelcors.
type cacheEstimate struct {
	Hits       int64    `json:"hits"`
	Misses     int64    `json:"misses"`
	Unknown    int64    `json:"unknown"`
	Preflights int64    `json:"preflights"` // allowed ones
	HitRatio   *float64 `json:"hit_ratio"`  // nil before the first request that needed a preflight
}

func estimateCache(points []metricdata.DataPoint[int64]) cacheEstimate {
	var c cacheEstimate
	for _, point := range points {
		attrs := asText(point.Attributes.ToSlice())
		if attrs["cors.verdict"] != core.OutcomeAllowed.String() {
			continue
		}
		if attrs["cors.request.type"] == core.KindPreflight.String() {
			c.Preflights += point.Value
		}
		switch attrs["cors.preflight.cache.status"] {
		case "hit":
			c.Hits += point.Value
		case "miss":
			c.Misses += point.Value
		case "unknown":
			c.Unknown += point.Value
		}
	}
	if needed := c.Hits + c.Misses + c.Unknown; needed > 0 {
		ratio := max(0, 1-float64(c.Preflights)/float64(needed))
		c.HitRatio = &ratio
	}
	return c
}
