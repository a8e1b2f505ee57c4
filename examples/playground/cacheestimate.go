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
	Unknown    int64    `json:"unknown"`    // requests of clients that may be no browsers
	Preflights int64    `json:"preflights"` // allowed ones of known browsers
	HitRatio   *float64 `json:"hit_ratio"`  // nil before a known browser needed a preflight
}

func estimateCache(points []metricdata.DataPoint[int64]) cacheEstimate {
	var c cacheEstimate
	for _, point := range points {
		attrs := asText(point.Attributes.ToSlice())
		c.add(attrs["cors.request.type"] == core.KindPreflight.String(),
			attrs["cors.verdict"] == core.OutcomeAllowed.String(),
			attrs["cors.preflight.cache.status"], point.Value)
	}
	if needed := c.Hits + c.Misses; needed > 0 {
		ratio := max(0, 1-float64(c.Preflights)/float64(needed))
		c.HitRatio = &ratio
	}
	return c
}

// add adds n requests that have the same status.
func (c *cacheEstimate) add(preflight, allowed bool, status string, n int64) {
	switch {
	case preflight:
		if allowed && status == "" {
			c.Preflights += n
		}
	case status == "hit":
		c.Hits += n
	case status == "miss":
		c.Misses += n
	case status == "unknown":
		c.Unknown += n
	}
}
