package core

import (
	"container/heap"
	"strings"
)

// A search finds texts in the order of their length, those of equal length in the order of symbols: the most telling
// examples come first. It goes through an automaton forward or backward; a candidate is a text read so far, the states
// to which it leads, and the least length that it can grow to. The shortest candidate is always tried next, so that
// nothing is expanded which does not lead to a result soon.
//
// The work is bounded; a search that gives up says so.
type search struct {
	expand func(c candidate, push func(candidate))
	queue  candidates
}

// A candidate is a text that is being put together, as the numbers of its symbols in the order of reading.
type candidate struct {
	read   string
	states []state
	least  int // length of the shortest result that starts like this
}

// Bounds of one search.
const (
	maxSearch = 20_000  // candidates that are looked at
	maxQueue  = 100_000 // candidates that wait
)

// run calls yield for each candidate, the shortest first, until it returns false. It reports whether it came to an end
// by itself or by yield's will.
func (s *search) run(work *budget, yield func(c candidate) bool) (done bool) {
	push := func(c candidate) { heap.Push(&s.queue, c) }
	for tried := 0; s.queue.Len() > 0; tried++ {
		c := heap.Pop(&s.queue).(candidate)
		if tried == maxSearch || s.queue.Len() > maxQueue || !work.spend(numSymbols*len(c.states)) {
			return false
		}
		if !yield(c) {
			return true
		}
		s.expand(c, push)
	}
	return true
}

type candidates []candidate

func (q candidates) Len() int      { return len(q) }
func (q candidates) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q candidates) Less(i, j int) bool {
	if q[i].least != q[j].least {
		return q[i].least < q[j].least
	}
	return q[i].read < q[j].read
}
func (q *candidates) Push(c any) { *q = append(*q, c.(candidate)) }
func (q *candidates) Pop() any {
	old := *q
	c := old[len(old)-1]
	*q = old[:len(old)-1]
	return c
}

// text returns what was read, forward.
func (c *candidate) text() string {
	b := []byte(c.read)
	for i := range b {
		b[i] = symbols[b[i]]
	}
	return string(b)
}

// reversed returns what was read, backward.
func (c *candidate) reversed() string {
	b := new(strings.Builder)
	for i := len(c.read) - 1; i >= 0; i-- {
		b.WriteByte(symbols[c.read[i]])
	}
	return b.String()
}

// unreachable is a distance that no path has.
const unreachable = 1 << 30

// distances returns how many symbols it takes from each state to get to an accepting one.
func (d *dfa) distances() []int {
	back := newReverse(d)
	distance := make([]int, d.numStates())
	var queue []state
	for s, accept := range d.accept {
		distance[s] = unreachable
		if accept != 0 {
			distance[s] = 0
			queue = append(queue, state(s))
		}
	}
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		for symbol := range numSymbols {
			for _, from := range back.sources(s, symbol) {
				if distance[from] == unreachable {
					distance[from] = distance[s] + 1
					queue = append(queue, from)
				}
			}
		}
	}
	return distance
}

// shortest returns the shortest text that leads from s to acceptance, given d's distances. There must be one.
func (d *dfa) shortest(s state, distance []int) string {
	text := ""
	for distance[s] > 0 {
		for symbol, next := range d.row(s) {
			if distance[next] == distance[s]-1 {
				text, s = text+symbols[symbol:symbol+1], next
				break
			}
		}
	}
	return text
}

// origins finds what d accepts, the shortest first, and calls yield for what the parser accepts too. If hosts is set,
// ports are left out, and each scheme and host comes once; o is then not accepted as it is. It reports whether all was
// seen, or yield had enough.
func (d *dfa) origins(hosts bool, work *budget, yield func(o *origin) bool) (done bool) {
	distance := d.distances()
	if distance[start] == unreachable {
		return true
	}
	s := search{queue: candidates{{states: []state{start}, least: distance[start]}}}
	s.expand = func(c candidate, push func(candidate)) {
		skip := hosts && atHostEnd(c.text())
		for symbol, next := range d.row(c.states[0]) {
			if len(c.read) == maxOrigin {
				break // no origin is longer
			}
			if distance[next] == unreachable || skip && symbols[symbol] == ':' {
				continue
			}
			push(candidate{c.read + string(rune(symbol)), []state{next}, len(c.read) + 1 + distance[next]})
		}
	}
	return s.run(work, func(c candidate) bool {
		s := c.states[0]
		text := c.text()
		if d.accept[s] == 0 && (!hosts || !atHostEnd(text) || d.read(s, ":") == dead) {
			return true
		}
		if o, ok := parseOrigin(text); ok {
			return yield(&o)
		}
		return true
	})
}

// atHostEnd reports whether a colon behind text, the beginning of an origin, would start the port.
func atHostEnd(text string) bool {
	_, host, ok := strings.Cut(text, "://")
	return ok && host != "" && (host[0] != '[' || strings.HasSuffix(host, "]"))
}
