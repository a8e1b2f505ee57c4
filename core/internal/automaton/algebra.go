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
	needA, needB := op(0, 1) == 0, op(1, 0) == 0 // once it is dead, so is the pair
	type pair struct{ a, b State }
	size := a.alphabet.Size()
	d := newDFA(a.alphabet)
	pairs := []pair{{}}
	numbers := map[pair]State{}
	number := func(p pair) State {
		if p.a == Dead && (needA || p.b == Dead) || p.b == Dead && needB {
			return Dead
		}
		s, ok := numbers[p]
		if !ok {
			s = d.add(op(a.accept[p.a], b.accept[p.b]))
			numbers[p] = s
			pairs = append(pairs, p)
		}
		return s
	}
	number(pair{Start, Start})
	for s := Start; int(s) < len(pairs); s++ {
		if len(pairs) > limit || !work.Spend(size) {
			return nil, false
		}
		rowA, rowB := a.Row(pairs[s].a), b.Row(pairs[s].b)
		for symbol := range size {
			next := number(pair{rowA[symbol], rowB[symbol]})
			d.setStep(s, symbol, next)
		}
	}
	if d.IsEmpty() {
		return Nothing(a.alphabet), true
	}
	return d.minimize(), true
}
