package otelcors

import (
	"fmt"
	"net/netip"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"
)

var someKey = preflightKey{addr: someClient, origin: app, method: "PUT", host: "api.example", path: "/notes", query: "a=b"}

func TestTheTableHasTheDocumentedSize(t *testing.T) {
	if got := unsafe.Sizeof(preflightCache{}.buckets); got != 64<<10 {
		t.Errorf("got %d bytes, want 64 KiB", got)
	}
	if got := numBuckets * bucketLen; got != 8192 {
		t.Errorf("got %d places, want 8192", got)
	}
}

func TestMarksAreUsedUp(t *testing.T) {
	tests := []struct {
		name  string
		marks []time.Duration
		takes []time.Duration
		want  []bool
	}{
		{"none", nil, []time.Duration{0}, []bool{false}},
		{"one", []time.Duration{0}, []time.Duration{1, 2}, []bool{true, false}},
		{"two", []time.Duration{0, 0}, []time.Duration{1, 1, 1}, []bool{true, true, false}},
		{"just in time", []time.Duration{0}, []time.Duration{10*time.Second - 1}, []bool{true}},
		{"too late", []time.Duration{0}, []time.Duration{10*time.Second + markTick}, []bool{false}},
		{"a new one gives the old ones time", []time.Duration{0, 9 * time.Second}, []time.Duration{15 * time.Second, 15 * time.Second, 15 * time.Second}, []bool{true, true, false}},
		{"one that expired does not count any more", []time.Duration{0, 20 * time.Second}, []time.Duration{21 * time.Second, 21 * time.Second}, []bool{true, false}},
		{"the clock's ticks wrap", []time.Duration{(maxTick - 1) * markTick}, []time.Duration{(maxTick + 2) * markTick}, []bool{true}},
		{"a mark of long ago", []time.Duration{0}, []time.Duration{maxTick / 2 * markTick, maxTick * markTick}, []bool{false, false}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := newPreflightCache()
			for _, at := range test.marks {
				c.mark(&someKey, at)
			}
			for i, at := range test.takes {
				if got := c.take(&someKey, at); got != test.want[i] {
					t.Errorf("take %d: got %v, want %v", i, got, test.want[i])
				}
			}
		})
	}
}

func TestCountsSaturate(t *testing.T) {
	c := newPreflightCache()
	for range 1000 {
		c.mark(&someKey, 0)
	}
	taken := 0
	for c.take(&someKey, 1) {
		taken++
	}
	if taken != maxCount {
		t.Errorf("got %d takes out of 1000 marks, want %d", taken, maxCount)
	}
}

func TestKeysThatDifferInAnyPartAreDifferent(t *testing.T) {
	others := map[string]func(*preflightKey){
		"address":                   func(k *preflightKey) { k.addr = netip.MustParseAddr("192.0.2.2") },
		"client":                    func(k *preflightKey) { k.client = "x" },
		"origin":                    func(k *preflightKey) { k.origin = other },
		"method":                    func(k *preflightKey) { k.method = "DELETE" },
		"host":                      func(k *preflightKey) { k.host = "other.example" },
		"path":                      func(k *preflightKey) { k.path = "/note" },
		"query":                     func(k *preflightKey) { k.query = "" },
		"where path and query part": func(k *preflightKey) { k.path, k.query = "/notesa", "=b" },
	}
	for name, change := range others {
		c, other := newPreflightCache(), someKey
		change(&other)
		c.mark(&someKey, 0)
		if c.take(&other, 1) {
			t.Errorf("another %s: got a mark, want none", name)
		}
		if !c.take(&someKey, 1) {
			t.Errorf("another %s: got no mark for the key itself, want one", name)
		}
	}
}

func numbered(i int) *preflightKey {
	key := someKey
	key.path = fmt.Sprint("/", i)
	return &key
}

// A table that is a quarter full loses almost nothing, and a flooded one still works for the last marks.
func TestAFullTableForgetsTheOldest(t *testing.T) {
	c := newPreflightCache()
	for i := range 2048 {
		c.mark(numbered(i), time.Duration(i)*time.Millisecond)
	}
	lost := 0
	for i := range 2048 {
		if !c.take(numbered(i), 3*time.Second) {
			lost++
		}
	}
	if lost > 10 {
		t.Errorf("a quarter full: got %d marks lost out of 2048, want next to none", lost)
	}
	for i := range 100_000 {
		c.mark(numbered(i), time.Duration(i)*20*time.Microsecond)
	}
	lost = 0
	for i := 99_000; i < 100_000; i++ {
		if !c.take(numbered(i), 2*time.Second) {
			lost++
		}
	}
	if lost > 10 {
		t.Errorf("flooded: got %d marks lost out of the last 1000, want next to none", lost)
	}
	for i := range 100_000 {
		if c.take(numbered(i), time.Minute) {
			t.Fatal("a minute later: got a mark, want all expired")
		}
	}
}

// A replaced mark loses its count.
func TestAMarkThatTakesAnothersPlaceCountsFromOne(t *testing.T) {
	c := newPreflightCache()
	bucket, _ := c.find(numbered(0))
	var last *preflightKey
	for i, marked := 0, 0; marked <= bucketLen; i++ {
		last = numbered(i)
		if b, _ := c.find(last); b == bucket {
			c.mark(last, time.Duration(marked)*time.Millisecond)
			marked++
		}
	}
	if !c.take(last, time.Second) {
		t.Error("got no mark of the last one, want one")
	}
	if c.take(last, time.Second) {
		t.Error("got a second mark of the last one, want one only")
	}
}

// Two keys are mistaken for each other if they share a bucket and a tag: once in two million.
func TestKeysAreAlmostNeverMistakenForEachOther(t *testing.T) {
	c := newPreflightCache()
	for i := range 100_000 {
		c.mark(numbered(i), 0)
	}
	mistaken := 0
	for i := 100_000; i < 200_000; i++ {
		if c.take(numbered(i), 1) {
			mistaken++
		}
	}
	if mistaken > 3 {
		t.Errorf("got %d marks of other keys out of 100,000, want next to none", mistaken)
	}
}

// An attacker who knew the bucket of a key could replace the marks of others.
func TestEveryTableHasItsOwnSeed(t *testing.T) {
	a, b := newPreflightCache(), newPreflightCache()
	if a.seed == b.seed || someKey.hash(a.seed) == someKey.hash(b.seed) {
		t.Error("got the same seed and hash in two tables, want others in each")
	}
}

// With concurrent marks and takes no mark is lost and none is taken twice.
func TestMarksAreCountedExactlyUnderConcurrency(t *testing.T) {
	c := newPreflightCache()
	const workers, rounds = 8, 10_000
	var taken atomic.Int64
	var stop atomic.Bool
	defer time.AfterFunc(30*time.Second, func() { stop.Store(true) }).Stop()
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			key := numbered(w % 2) // four share each
			for range rounds {
				c.mark(key, 0)
				for !c.take(key, 1) {
					if stop.Load() {
						return // another worker has lost or taken it
					}
				}
				taken.Add(1)
			}
		})
	}
	group.Wait()
	for i := range 2 {
		if c.take(numbered(i), 1) {
			t.Errorf("key %d: got a mark that is left over, want none", i)
		}
	}
	if taken.Load() != workers*rounds {
		t.Errorf("got %d marks taken, want %d", taken.Load(), workers*rounds)
	}
}

// The same without new marks, which could hide one that was taken twice.
func TestNoMarkIsTakenTwice(t *testing.T) {
	c := newPreflightCache()
	for range 500 {
		for range maxCount {
			c.mark(&someKey, 0)
		}
		var ready, taken atomic.Int64
		var group sync.WaitGroup
		for range 2 {
			group.Go(func() {
				ready.Add(1)
				for ready.Load() < 2 { // so that both begin at once
					runtime.Gosched()
				}
				for c.take(&someKey, 1) {
					taken.Add(1)
				}
			})
		}
		group.Wait()
		if got := taken.Load(); got != maxCount {
			t.Fatalf("got %d marks taken, want %d", got, maxCount)
		}
	}
}
