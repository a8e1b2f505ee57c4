package automaton

// A Budget bounds the work for the regexps of one policy, whatever they look like: a step is one
// symbol of one state that is looked at, and takes some nanoseconds and bytes. It also keeps memory
// that one part of the work leaves to the next.
type Budget struct {
	Left int // steps; negative once it is spent

	memory *memory
}

// Spend takes n steps off, and reports whether they were left.
func (b *Budget) Spend(n int) bool {
	b.Left -= n
	return b.Left >= 0
}

// Reserve takes n steps off before they are done. Where they are not left it takes what is, so that
// nothing else is begun.
func (b *Budget) Reserve(n int) bool {
	if n > b.Left {
		b.Left = -1
		return false
	}
	return b.Spend(n)
}

// Part calls do with a budget of at most n steps of b, and takes off b what do has spent.
func (b *Budget) Part(n int, do func(part *Budget)) {
	given := min(b.Left, n)
	part := &Budget{given, b.scratch()}
	do(part)
	b.Spend(given - part.Left)
}

// memory is used again and again, because the work on most regexps is short.
type memory struct {
	draft   DFA
	reverse Reverse
	numbers numbering
	pairs   []pair
	depths  []int
	blocks  partition
	merged  []State
	queue   []State

	candidates queue
}

// newDraft returns an automaton with a dead state only, in memory that the next draft uses again:
// minimize it.
func (m *memory) newDraft(a *Alphabet) *DFA {
	m.draft = DFA{
		alphabet: a, next: resize(m.draft.next, a.Size()), accept: resize(m.draft.accept, 1),
	}
	return &m.draft
}

func (b *Budget) scratch() *memory {
	if b.memory == nil {
		b.memory = new(memory)
	}
	return b.memory
}

// resize returns n zero values, in the memory of buffer if it is large enough.
func resize[T any](buffer []T, n int) []T {
	if cap(buffer) < n {
		return make([]T, n)
	}
	buffer = buffer[:n]
	clear(buffer)
	return buffer
}

// A pair is a state of either of two automata, or of an automaton and a set.
type pair struct{ a, b uint32 }

// A numbering gives pairs the numbers of states. It is a hash table with open addressing, half of
// which is empty.
type numbering struct {
	slots []numbered
	count int
}

type numbered struct {
	pair  pair
	state State // Dead: the slot is empty
}

// reset empties the table. What it has grown to is used again as it grows again.
func (n *numbering) reset() { n.slots, n.count = resize(n.slots, 64), 0 }

// find returns the slot of a pair, or the empty one where it belongs.
func (n *numbering) find(p pair) *numbered {
	mask := uint64(len(n.slots) - 1)
	hash := (uint64(p.a)<<32 | uint64(p.b)) * 0x9e3779b97f4a7c15
	for at := hash >> 32 & mask; ; at = (at + 1) & mask {
		if slot := &n.slots[at]; slot.state == Dead || slot.pair == p {
			return slot
		}
	}
}

// set gives a pair that find did not find a number.
func (n *numbering) set(p pair, s State) {
	if n.count++; 2*n.count > len(n.slots) {
		old := append([]numbered(nil), n.slots...)
		n.slots = resize(n.slots, 2*len(n.slots))
		for _, slot := range old {
			if slot.state != Dead {
				*n.find(slot.pair) = slot
			}
		}
	}
	*n.find(p) = numbered{p, s}
}
