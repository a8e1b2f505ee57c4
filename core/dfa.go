package core

import "slices"

// symbols are the bytes that occur in serialized origins, in the order in which examples prefer them.
const (
	symbols    = "abcdefghijklmnopqrstuvwxyz0123456789-_.:/+[]"
	numSymbols = len(symbols)
)

// symbolOf maps a byte to its place in symbols, or to -1.
var symbolOf = func() (table [256]int8) {
	for b := range table {
		table[b] = -1
	}
	for i, b := range []byte(symbols) {
		table[b] = int8(i)
	}
	return table
}()

// A state is the number of a state of a dfa.
type state int32

const (
	dead  state = 0 // nothing is accepted any more
	start state = 1
)

// A dfa is a deterministic automaton over symbols, in the form in which it is built and examined.
type dfa struct {
	next   []state  // by state and symbol
	accept []uint32 // by state: the number of the regexp that accepts, from 1; 0 for none
}

// newDFA returns an automaton with nothing but a dead state.
func newDFA() *dfa { return &dfa{next: make([]state, numSymbols), accept: make([]uint32, 1)} }

func (d *dfa) numStates() int { return len(d.accept) }

func (d *dfa) step(s state, symbol int) state { return d.next[int(s)*numSymbols+symbol] }

// row returns the states that follow s, by symbol.
func (d *dfa) row(s state) []state { return d.next[int(s)*numSymbols:][:numSymbols] }

// add appends a state from which all symbols lead to the dead one.
func (d *dfa) add(accept uint32) state {
	d.next = append(d.next, make([]state, numSymbols)...)
	d.accept = append(d.accept, accept)
	return state(len(d.accept) - 1)
}

// read returns the state to which text leads from s.
func (d *dfa) read(s state, text string) state {
	for _, b := range []byte(text) {
		symbol := symbolOf[b]
		if symbol < 0 {
			return dead
		}
		s = d.step(s, int(symbol))
	}
	return s
}

func (d *dfa) accepts(text string) bool { return d.accept[d.read(start, text)] != 0 }

// emptyDFA returns an automaton that accepts nothing.
func emptyDFA() *dfa {
	d := newDFA()
	d.add(0)
	return d
}

// isEmpty reports whether d accepts nothing. All its states can be reached.
func (d *dfa) isEmpty() bool {
	return !slices.ContainsFunc(d.accept, func(n uint32) bool { return n != 0 })
}

// commonPrefix returns what every accepted text starts with, and the state behind it.
func (d *dfa) commonPrefix() (prefix string, end state) {
	end = start
	for d.accept[end] == 0 {
		only := -1
		for symbol, next := range d.row(end) {
			if next == dead {
				continue
			}
			if only >= 0 {
				return prefix, end
			}
			only = symbol
		}
		if only < 0 {
			break
		}
		prefix, end = prefix+symbols[only:only+1], d.step(end, only)
	}
	return prefix, end
}

// commonSuffix returns what every accepted text ends with. d must be minimal.
func (d *dfa) commonSuffix() string {
	back := newReverse(d)
	var set []state // from which the suffix leads to acceptance
	for s, accept := range d.accept {
		if accept != 0 {
			set = append(set, state(s))
		}
	}
	for suffix := ""; ; {
		only, before := -1, []state(nil)
		for symbol := range numSymbols {
			for _, s := range set {
				if from := back.sources(s, symbol); len(from) > 0 {
					if only >= 0 && only != symbol {
						return suffix
					}
					only, before = symbol, append(before, from...)
				}
			}
		}
		if only < 0 || slices.Contains(set, start) {
			return suffix
		}
		slices.Sort(before)
		set, suffix = slices.Compact(before), symbols[only:only+1]+suffix
	}
}

// endingBefore returns a copy of d that accepts what d accepts when suffix is added.
func (d *dfa) endingBefore(suffix string) *dfa {
	c := &dfa{next: d.next, accept: make([]uint32, d.numStates())}
	for s := range c.accept {
		c.accept[s] = d.accept[d.read(state(s), suffix)]
	}
	return c
}

// startingAt returns a copy of d whose start is s.
func (d *dfa) startingAt(s state) *dfa {
	c := &dfa{next: slices.Clone(d.next), accept: slices.Clone(d.accept)}
	if s == start {
		return c
	}
	swap := func(t state) state {
		switch t {
		case s:
			return start
		case start:
			return s
		}
		return t
	}
	for i := range c.row(start) {
		c.row(start)[i], c.row(s)[i] = c.row(s)[i], c.row(start)[i]
	}
	c.accept[start], c.accept[s] = c.accept[s], c.accept[start]
	for i := range c.next {
		c.next[i] = swap(c.next[i])
	}
	return c
}

// An operation says what two automata accept together, given what each of them does.
type operation func(a, b uint32) uint32

// both accepts what a and b accept, in the name of a.
func both(a, b uint32) uint32 {
	if b == 0 {
		return 0
	}
	return a
}

// either accepts what a or b accepts, in the name of the first regexp.
func either(a, b uint32) uint32 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// without accepts what a accepts and b does not.
func without(a, b uint32) uint32 {
	if b != 0 {
		return 0
	}
	return a
}

// combine walks a and b side by side: its states are pairs of theirs. It fails if that takes more than limit states or
// the work runs out. The result is minimal.
func combine(a, b *dfa, op operation, limit int, work *budget) (*dfa, bool) {
	needA, needB := op(0, 1) == 0, op(1, 0) == 0 // once it is dead, so is the pair
	type pair struct{ a, b state }
	d := newDFA()
	pairs := []pair{{}}
	numbers := map[pair]state{}
	number := func(p pair) state {
		if p.a == dead && (needA || p.b == dead) || p.b == dead && needB {
			return dead
		}
		s, ok := numbers[p]
		if !ok {
			s = d.add(op(a.accept[p.a], b.accept[p.b]))
			numbers[p] = s
			pairs = append(pairs, p)
		}
		return s
	}
	number(pair{start, start})
	for s := start; int(s) < len(pairs); s++ {
		if len(pairs) > limit || !work.spend(numSymbols) {
			return nil, false
		}
		p := pairs[s]
		for symbol := range numSymbols {
			next := number(pair{a.step(p.a, symbol), b.step(p.b, symbol)})
			d.next[int(s)*numSymbols+symbol] = next
		}
	}
	if d.isEmpty() {
		return emptyDFA(), true
	}
	return d.minimize(), true
}

// A budget bounds how much work the compilation of one policy may be, whatever its regexps look like.
type budget struct{ left int }

// spend takes n steps off, and reports whether they were there.
func (b *budget) spend(n int) bool {
	b.left -= n
	return b.left >= 0
}
