package otelcors

import (
	"sync/atomic"
	"time"
)

// A bucket lets ten denials a second pass, fifty in a burst; its zero value is full. What strangers send must not be
// able to fill a log.
//
// It is a token bucket in one word, known as the generic cell rate algorithm: instead of tokens it keeps the time at
// which the bucket will be full again, and each token that is taken moves it on by the time that one token needs. (It
// needs no lock, and would be no shorter with a library for it.)
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
