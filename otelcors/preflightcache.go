package otelcors

import (
	"hash/maphash"
	"net/netip"
	"sync/atomic"
	"time"
)

// A browser that has a preflight's answer in its cache does not send the preflight again, and no server is told. What a
// server sees is a request that needs a preflight, and for which none came. So an allowed preflight leaves a mark here;
// a request that needs a preflight, and finds a mark of the same client, origin, method and URL, takes it away (a miss:
// it paid for a preflight); if there is none, the browser must have had it in its cache (a hit).
//
// Marks count, because requests that a page makes in parallel send a preflight each. They expire after ten seconds,
// long after the request that follows a preflight at once. A client is known by its address, or what WithClientKey
// says, and never by its connection: requests with cookies use another one than their preflights. Nothing is kept of a
// client but a hash under a seed that lives as long as the process.
//
// It is an estimate. It errs
//
//   - towards hits where the preflight came to another replica, was answered by a proxy or CDN in front of this server,
//     or came from another address (two proxies, IPv4 and IPv6);
//   - towards misses where a preflight was not followed by its request, and another one of the same client comes within
//     ten seconds: pages that were left, browsers that are stricter than the standard, and requests that show no sign
//     of having needed theirs, such as those with upload listeners or a traceparent that a script set;
//   - between two requests that overtake each other, or whose clients share an address: the sum is right all the same;
//   - where a client is no browser but says so, or tries its request again after the connection broke.
//
// The table has a fixed size and takes no lock. A mark is one word: a tag from its hash, when it expires, and how many
// preflights it stands for. Eight of them, which share a line of the processor's cache, make a bucket; the hash says
// which one, and within it any place will do. Where a bucket is full, the mark that expires first gives way, which
// turns a miss into a hit: that takes eight preflights in one of 1024 buckets whose requests are still under way.
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

// mark notes that a preflight was allowed.
func (c *preflightCache) mark(key *preflightKey, now time.Duration) {
	bucket, tag := c.find(key)
	tick := ticks(now)
	for {
		place, old := bucket.placeFor(tag, tick)
		count := uint64(0)
		if old.tag() == tag && old.isAlive(tick) {
			count = old.count()
		}
		if place.CompareAndSwap(uint64(old), uint64(newMark(tag, tick+lifeTicks, min(count+1, maxCount)))) {
			return
		}
	}
}

// take reports whether there is a mark, and uses it up.
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

// hash takes half the time of maphash.Comparable, which hashes string by string.
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

// placeFor returns where the mark for a tag is to be put, and what is there: the one that it has already, or an empty
// one, or the one that expires first.
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

// writeEnded writes a string so that what ends here cannot go on in the next one.
func writeEnded(h *maphash.Hash, s string) {
	h.WriteString(s)
	h.WriteByte(0)
}

// mark is a tag, the tick at which it expires, and a count, from the highest bit down; zero if there is none.
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

// left returns how many ticks are left until the mark expires. For one that has expired that is a number which a live
// one cannot have, because ticks wrap.
func (m mark) left(tick uint64) uint64 { return (uint64(m)>>countBits - tick) & maxTick }

func (m mark) isAlive(tick uint64) bool {
	left := m.left(tick)
	return m != 0 && left > 0 && left <= lifeTicks
}

func ticks(now time.Duration) uint64 { return uint64(now/markTick) & maxTick }
