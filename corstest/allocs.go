package corstest

import (
	"net/http"
	"runtime"
	"testing"
)

// Allocations returns how many allocations and how many bytes h makes for one request, on average.
// The response is dropped; its header map is used again. Under the race detector the figures are
// wrong.
func Allocations(h http.Handler, r *http.Request) (allocs, bytes float64) {
	w := sink{header: http.Header{}}
	serve := func() {
		clear(w.header)
		h.ServeHTTP(&w, r)
	}
	const runs = 1000
	allocs = testing.AllocsPerRun(runs, serve)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range runs {
		serve()
	}
	runtime.ReadMemStats(&after)
	return allocs, float64(after.TotalAlloc-before.TotalAlloc) / runs
}
