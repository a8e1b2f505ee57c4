package benchmarks

import (
	"runtime"
	"sync"
	"time"
)

// Sample is one timing of many requests.
type Sample struct {
	NsPerOp float64
	Allocs  float64
	Bytes   float64
}

// Measure sends n requests and times them. What earlier measurements left behind is collected first.
func Measure(client Client, n int) Sample {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	start := time.Now()
	for range n {
		client.Do()
	}
	elapsed := time.Since(start)
	runtime.ReadMemStats(&after)
	return sample(n, elapsed, &before, &after)
}

// MeasureParallel does the same from one goroutine a client, each of which sends n requests.
func MeasureParallel(clients []Client, n int) Sample {
	var before, after runtime.MemStats
	var wg sync.WaitGroup
	runtime.GC()
	runtime.ReadMemStats(&before)
	start := time.Now()
	for _, client := range clients {
		wg.Go(func() {
			for range n {
				client.Do()
			}
		})
	}
	wg.Wait()
	elapsed := time.Since(start)
	runtime.ReadMemStats(&after)
	return sample(n*len(clients), elapsed, &before, &after)
}

func sample(n int, elapsed time.Duration, before, after *runtime.MemStats) Sample {
	return Sample{
		NsPerOp: float64(elapsed.Nanoseconds()) / float64(n),
		Allocs:  float64(after.Mallocs-before.Mallocs) / float64(n),
		Bytes:   float64(after.TotalAlloc-before.TotalAlloc) / float64(n),
	}
}

// Calibrate returns how many requests take about d.
func Calibrate(client Client, d time.Duration) int {
	client.Do() // what is made on first use is not counted
	for n := 1; ; n *= 4 {
		start := time.Now()
		for range n {
			client.Do()
		}
		if elapsed := time.Since(start); elapsed > d/8 {
			return max(1, int(float64(n)*float64(d)/float64(elapsed)))
		}
	}
}

// KeepGCBusy keeps the garbage collector running until stop is called: it marks a heap of 64 MiB full of pointers again
// and again, as in a server with caches.
func KeepGCBusy() (stop func()) {
	heap := make([]*[8]*byte, 1<<20)
	for i := range heap {
		heap[i] = new([8]*byte)
	}
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			select {
			case <-done:
				runtime.KeepAlive(heap)
				return
			default:
				runtime.GC()
			}
		}
	})
	return func() { close(done); wg.Wait() }
}
