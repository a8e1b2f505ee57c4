package automaton

// A Budget bounds the work for the regexps of one policy, whatever they look like.
type Budget struct {
	Left int // steps; negative once it is spent
}

// Spend takes n steps off, and reports whether they were left.
func (b *Budget) Spend(n int) bool {
	b.Left -= n
	return b.Left >= 0
}

// Part calls do with a budget of at most n steps of b, and takes off b what do has spent.
func (b *Budget) Part(n int, do func(part *Budget)) {
	given := min(b.Left, n)
	part := &Budget{given}
	do(part)
	b.Spend(given - part.Left)
}
