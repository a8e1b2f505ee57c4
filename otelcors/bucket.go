package otelcors

import (
	"sync/atomic"
	"time"
)

// A bucket allows ten denials a second, fifty in a burst, so clients cannot fill a log. Its zero
// value is full.
//
// It is a token bucket in one word, the generic cell rate algorithm: instead of tokens it keeps the
// time at which the bucket is full again, and each token taken adds the time that one token needs.
// It takes no lock, and a library would not make it shorter.
type bucket struct {
	full atomic.Int64 // nanoseconds on the observer's clock
}

const (
	tokenInterval = time.Second / 10
	bucketSize    = 50
)

// take reports whether there is a token at the time now, and takes it.
func (b *bucket) take(now time.Duration) bool {
	for {
		full := b.full.Load()
		next := max(full, int64(now)) + int64(tokenInterval)
		if next-int64(now) > int64(bucketSize*tokenInterval) {
			return false
		}
		if b.full.CompareAndSwap(full, next) {
			return true
		}
	}
}
