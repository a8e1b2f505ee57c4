package automaton

import "slices"

// A frame is an automaton without what all accepted texts start and end with, which is compared at
// once.
type frame struct {
	prefix, suffix string
	dfa            *DFA
}

// newFrame cuts off the common prefix and suffix of d. More of the suffix was cut off before.
func newFrame(d *DFA, suffix string, work *Budget) frame {
	prefix, behind := d.commonPrefix()
	d = d.startingAt(behind).minimize(work)
	more := d.commonSuffix(work)
	return frame{prefix, more + suffix, d.endingBefore(more).minimize(work)}
}

// commonPrefix returns what every accepted text starts with, and the state behind it.
func (d *DFA) commonPrefix() (prefix string, end State) {
	end = Start
	for !d.IsFinal(end) {
		only := -1
		for symbol, next := range d.Row(end) {
			if next == Dead {
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
		prefix, end = prefix+d.alphabet.text(only), d.step(end, only)
	}
	return prefix, end
}

// commonSuffix returns what every accepted text ends with. d must be minimal.
func (d *DFA) commonSuffix(work *Budget) string {
	back := &work.scratch().reverse
	back.fill(d)
	work.Spend(len(d.next))
	var set []State // from which the suffix leads to acceptance
	for s := range d.accept {
		if d.IsFinal(State(s)) {
			set = append(set, State(s))
		}
	}
	for suffix := ""; ; {
		only, before := -1, []State(nil)
		for symbol := range d.alphabet.Size() {
			for _, s := range set {
				if from := back.Sources(s, symbol); len(from) > 0 {
					if only >= 0 && only != symbol {
						return suffix
					}
					only, before = symbol, append(before, from...)
				}
			}
		}
		if only < 0 || slices.Contains(set, Start) {
			return suffix
		}
		slices.Sort(before)
		set, suffix = slices.Compact(before), d.alphabet.text(only)+suffix
	}
}

// endingBefore returns a copy of d that accepts what d accepts when suffix is added.
func (d *DFA) endingBefore(suffix string) *DFA {
	c := &DFA{alphabet: d.alphabet, next: d.next, accept: make([]uint32, d.NumStates())}
	for s := range c.accept {
		c.accept[s] = d.accept[d.Read(State(s), suffix)]
	}
	return c
}

// startingAt returns a copy of d whose start is s.
func (d *DFA) startingAt(s State) *DFA {
	c := &DFA{alphabet: d.alphabet, next: slices.Clone(d.next), accept: slices.Clone(d.accept)}
	if s == Start {
		return c
	}
	rowS, rowStart := c.Row(s), c.Row(Start)
	for i := range rowStart {
		rowStart[i], rowS[i] = rowS[i], rowStart[i]
	}
	c.accept[Start], c.accept[s] = c.accept[s], c.accept[Start]
	for i, next := range c.next {
		switch next {
		case s:
			c.next[i] = Start
		case Start:
			c.next[i] = s
		}
	}
	return c
}
