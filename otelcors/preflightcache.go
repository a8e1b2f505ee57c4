package otelcors

import (
	"hash/maphash"
	"net/netip"
	"sync/atomic"
	"time"
)

// A preflightCache infers whether a browser had a preflight in its cache. A browser does not send a
// cached preflight again, so the server sees a request that needs a preflight, and none before it.
// An allowed preflight of a known browser leaves a mark here. A request that needs a preflight, and
// finds a mark of the same client, origin, method and URL, removes it (a miss: it paid for a
// preflight). If there is none, the browser must have had the preflight in its cache (a hit).
//
// Marks count, because requests that a page makes in parallel send a preflight each. They expire
// after ten seconds; a request follows its preflight at once. A client is identified by its
// address, or by WithClientKey, and never by its connection: requests with cookies and their
// preflights use different ones. Only a hash of the client is kept, under a seed of the process.
//
// The result is an estimate. It errs
//
//   - towards hits if the preflight went to another replica, was answered by a proxy or CDN in
//     front of this server, or came from another address (two proxies, IPv4 and IPv6);
//   - towards misses if a preflight was not followed by its request, and another one of the same
//     client comes within ten seconds: after the user closed the page, with browsers that are
//     stricter than the standard, and for requests that do not show that they needed a preflight,
//     such as those with upload listeners or a traceparent that a script set;
//   - between two requests that overtake each other, or whose clients share an address, but the sum
//     is right;
//   - if a client claims to be a browser, or sends its request again after the connection broke.
//
// The table has a fixed size and takes no lock. A mark is one word: a tag from its hash, the time
// when it expires, and its number of preflights. Eight marks, which share a line of the processor's
// cache, are a bucket. The hash selects the bucket; the place in it does not matter. In a full
// bucket the mark that expires first is replaced, which turns a miss into a hit: that takes eight
// preflights in one of 1024 buckets whose requests have not come yet.
type preflightCache struct {
	seed    maphash.Seed
	buckets [numBuckets]preflightBucket
}

type preflightBucket [bucketLen]atomic.Uint64

const (
	numBuckets = 1024
	bucketLen  = 8

	markLife = 10 * time.Second
	markTick = time.Millisecond // unit of the time of expiry, which wraps after seven weeks

	countBits  = 8
	expiryBits = 32
	tagBits    = 64 - expiryBits - countBits
)

// preflightKey is what a preflight and its request have in common.
type preflightKey struct {
	addr   netip.Addr
	client string // instead of addr; see WithClientKey
	origin string
	method string
	host   string
	path   string
	query  string
}

func newPreflightCache() *preflightCache { return &preflightCache{seed: maphash.MakeSeed()} }

// mark records that a preflight was allowed.
func (c *preflightCache) mark(key *preflightKey, now time.Duration) {
	bucket, tag := c.find(key)
	tick := ticks(now)
	for {
		place, old := bucket.placeFor(tag, tick)
		count := uint64(0)
		if old.tag() == tag && old.isAlive(tick) {
			count = old.count()
		}
		if place.CompareAndSwap(uint64(old),
			uint64(newMark(tag, tick+lifeTicks, min(count+1, maxCount)))) {
			return
		}
	}
}

// take reports whether there is a mark, and removes it.
func (c *preflightCache) take(key *preflightKey, now time.Duration) bool {
	bucket, tag := c.find(key)
	tick := ticks(now)
	for i := range bucket {
		for {
			old := mark(bucket[i].Load())
			if old.tag() != tag || !old.isAlive(tick) {
				break
			}
			rest := mark(0)
			if old.count() > 1 {
				rest = old - 1
			}
			if bucket[i].CompareAndSwap(uint64(old), uint64(rest)) {
				return true
			}
		}
	}
	return false
}

// find returns the bucket for a key, and its tag.
func (c *preflightCache) find(key *preflightKey) (bucket *preflightBucket, tag uint64) {
	hash := key.hash(c.seed)
	return &c.buckets[hash%numBuckets], hash >> (64 - tagBits)
}

// hash takes half the time of maphash.Comparable.
func (k *preflightKey) hash(seed maphash.Seed) uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	addr := k.addr.As16()
	h.Write(addr[:])
	writeEnded(&h, k.client)
	writeEnded(&h, k.origin)
	writeEnded(&h, k.method)
	writeEnded(&h, k.host)
	writeEnded(&h, k.path)
	writeEnded(&h, k.query)
	return h.Sum64()
}

// placeFor returns the place for the mark of a tag, and what is there: the tag's present place, or
// an empty one, or that of the mark that expires first.
func (b *preflightBucket) placeFor(tag, tick uint64) (place *atomic.Uint64, found mark) {
	soonest := ^uint64(0)
	for i := range b {
		m := mark(b[i].Load())
		left := uint64(0) // to live
		if m.isAlive(tick) {
			if m.tag() == tag {
				return &b[i], m
			}
			left = m.left(tick)
		}
		if left < soonest {
			place, found, soonest = &b[i], m, left
		}
	}
	return place, found
}

// writeEnded writes a string and its end, so "ab", "c" and "a", "bc" differ.
func writeEnded(h *maphash.Hash, s string) {
	h.WriteString(s)
	h.WriteByte(0)
}

// mark is a tag, the tick at which it expires, and a count, from the highest bit down. Zero is no
// mark.
type mark uint64

const (
	maxCount  = 1<<countBits - 1
	maxTick   = 1<<expiryBits - 1
	lifeTicks = uint64(markLife / markTick)
)

func newMark(tag, expiry, count uint64) mark {
	return mark(tag<<(expiryBits+countBits) | expiry&maxTick<<countBits | count)
}

func (m mark) tag() uint64   { return uint64(m) >> (expiryBits + countBits) }
func (m mark) count() uint64 { return uint64(m) & maxCount }

// left returns the number of ticks until the mark expires. Ticks wrap, so for an expired mark the
// number is larger than that of any live one.
func (m mark) left(tick uint64) uint64 { return (uint64(m)>>countBits - tick) & maxTick }

func (m mark) isAlive(tick uint64) bool {
	left := m.left(tick)
	return m != 0 && left > 0 && left <= lifeTicks
}

func ticks(now time.Duration) uint64 { return uint64(now/markTick) & maxTick }
