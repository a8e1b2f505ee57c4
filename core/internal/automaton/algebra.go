package automaton

// An Operation says what two automata accept together, given the number of the regexp by which
// each of them accepts, or 0.
type Operation func(a, b uint32) uint32

// Both accepts what a and b accept, in the name of a.
func Both(a, b uint32) uint32 {
	if b == 0 {
		return 0
	}
	return a
}

// Either accepts what a or b accepts, in the name of the first regexp.
func Either(a, b uint32) uint32 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// Without accepts what a accepts and b does not.
func Without(a, b uint32) uint32 {
	if b != 0 {
		return 0
	}
	return a
}

// Combine walks a and b side by side: its states are pairs of theirs. It fails if that takes more
// than limit states, or the work runs out. The result is minimal.
func Combine(a, b *DFA, op Operation, limit int, work *Budget) (*DFA, bool) {
	d, ok := product(a, b, op, limit, work)
	if !ok {
		return nil, false
	}
	if d.IsEmpty() {
		return Nothing(a.alphabet), true
	}
	d = d.minimize(work)
	return d, work.Left >= 0
}

// Overlap reports whether some text is accepted by both a and b, and true if the work runs out.
func Overlap(a, b *DFA, work *Budget) bool {
	m, size := work.scratch(), a.alphabet.Size()
	m.numbers.reset()
	m.pairs = append(m.pairs[:0], pair{uint32(Start), uint32(Start)})
	for i := 0; i < len(m.pairs); i++ {
		p := m.pairs[i]
		if a.IsFinal(State(p.a)) && b.IsFinal(State(p.b)) || !work.Spend(size) {
			return true
		}
		rowA, rowB := a.Row(State(p.a)), b.Row(State(p.b))
		for symbol := range size {
			next := pair{uint32(rowA[symbol]), uint32(rowB[symbol])}
			if next.a == uint32(Dead) || next.b == uint32(Dead) {
				continue
			}
			if m.numbers.find(next).state == Dead {
				m.numbers.set(next, Start)
				m.pairs = append(m.pairs, next)
			}
		}
	}
	return false
}

// product is Combine without making the result minimal. It is a draft.
func product(a, b *DFA, op Operation, limit int, work *Budget) (*DFA, bool) {
	needA, needB := op(0, 1) == 0, op(1, 0) == 0 // once it is dead, so is the pair
	m, size, dead := work.scratch(), a.alphabet.Size(), uint32(Dead)
	d := m.newDraft(a.alphabet)
	m.numbers.reset()
	m.pairs = append(m.pairs[:0], pair{}) // by state
	number := func(p pair) State {
		if p.a == dead && (needA || p.b == dead) || p.b == dead && needB {
			return Dead
		}
		s := m.numbers.find(p).state
		if s == Dead {
			s = d.add(op(a.accept[p.a], b.accept[p.b]))
			m.numbers.set(p, s)
			m.pairs = append(m.pairs, p)
		}
		return s
	}
	number(pair{uint32(Start), uint32(Start)})
	for s := Start; int(s) < len(m.pairs); s++ {
		if len(m.pairs) > limit || !work.Spend(2*size) {
			return nil, false
		}
		p := m.pairs[s]
		rowA, rowB := a.Row(State(p.a)), b.Row(State(p.b))
		for symbol := range size {
			next := number(pair{uint32(rowA[symbol]), uint32(rowB[symbol])})
			d.setStep(s, symbol, next)
		}
	}
	return d, true
}
