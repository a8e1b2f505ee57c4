package benchmarks

import (
	"math"
	"runtime"
	"runtime/debug"
	"sync"
	"time"
)

// Time sends n requests from each client, in parallel if there are several, and returns how long one request took.
func Time(clients []Client, n int) (nsPerRequest float64) {
	start := time.Now()
	if len(clients) == 1 {
		send(clients[0], n)
	} else {
		var wg sync.WaitGroup
		for _, client := range clients {
			wg.Go(func() { send(client, n) })
		}
		wg.Wait()
	}
	return float64(time.Since(start).Nanoseconds()) / float64(n*len(clients))
}

func send(client Client, n int) {
	for range n {
		client.Do()
	}
}

// CountAllocs returns how many allocations one request takes, and how many bytes, on average over all of a client's
// requests. It does not count what is made for each of them once, such as buffers that grow.
func CountAllocs(client Client) (allocs, bytes float64) { return countAllocs(client, numRequests) }

// countAllocs sends most requests first and counts the allocations of as many after them.
func countAllocs(client Client, most float64) (allocs, bytes float64) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))  // each processor has pools of its own
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // a collection would empty pools, which are then filled again
	runtime.GC()
	sendSome(client, most)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	n := sendSome(client, most)
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs-before.Mallocs) / n, float64(after.TotalAlloc-before.TotalAlloc) / n
}

// sendSome sends as many requests as it is told, or as take a tenth of a second, and returns how many.
func sendSome(client Client, most float64) (n float64) {
	for start := time.Now(); n < most && time.Since(start) < time.Second/10; n++ {
		client.Do()
	}
	return n
}

// Calibrate returns how many requests take about d. Of several tries it believes the fastest: one that is interrupted
// would make all turns too short to be measured.
func Calibrate(client Client, d time.Duration) int {
	client.Do() // what is made on first use is not counted
	for n := 1; ; n *= 4 {
		fastest := time.Duration(math.MaxInt64)
		for range 3 {
			start := time.Now()
			send(client, n)
			fastest = min(fastest, time.Since(start))
		}
		if fastest > d/4 {
			return max(1, int(float64(n)*float64(d)/float64(fastest)))
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
