package core

// minimize returns the smallest automaton that accepts the same, without states that cannot be reached, or from which
// nothing is accepted. Its states are numbered in the order of a breadth-first walk, so that a walk over an origin
// mostly goes forward in memory.
//
// The algorithm is Hopcroft's. Start with one block of states for each regexp that is accepted. As long as there is a
// block and a symbol such that some states of another block go there by that symbol and others do not, split the other
// block. What was split has to be looked at again, but only the smaller half: whatever the whole could tell apart, the
// two halves are told apart by either. At the end no state of a block differs from the others.
func (d *dfa) minimize() *dfa {
	p := newPartition(d)
	back := newReverse(d)
	for len(p.pending) > 0 {
		splitter := p.pending[len(p.pending)-1]
		p.pending = p.pending[:len(p.pending)-1]
		p.splitBy(splitter, back)
	}
	return d.merged(p.block)
}

// merged returns the automaton whose states are the blocks of d's.
func (d *dfa) merged(block []int32) *dfa {
	m := newDFA()
	numbers := map[int32]state{block[dead]: dead}
	var members []state // by number: one of the block
	members = append(members, dead)
	number := func(s state) state {
		n, ok := numbers[block[s]]
		if !ok {
			n = m.add(d.accept[s])
			numbers[block[s]] = n
			members = append(members, s)
		}
		return n
	}
	if number(start) == dead {
		return emptyDFA()
	}
	for s := start; int(s) < len(members); s++ {
		for symbol, next := range d.row(members[s]) {
			n := number(next)
			m.next[int(s)*numSymbols+symbol] = n
		}
	}
	return m
}

// A partition divides the states of an automaton into blocks. The states of a block stand side by side in members; its
// marked ones stand first.
type partition struct {
	members []state
	place   []int32 // by state: its index in members
	block   []int32 // by state
	first   []int32 // by block: where it begins
	end     []int32 // by block: where it ends
	marked  []int32 // by block: how many are marked
	pending []splitter
}

// A splitter is a block and a symbol by which others are yet to be split.
type splitter struct {
	block  int32
	symbol int32
}

func newPartition(d *dfa) *partition {
	n := d.numStates()
	p := &partition{place: make([]int32, n), block: make([]int32, n)}
	byAccept := map[uint32][]state{}
	var order []uint32
	for s, accept := range d.accept {
		if byAccept[accept] == nil {
			order = append(order, accept)
		}
		byAccept[accept] = append(byAccept[accept], state(s))
	}
	for _, accept := range order {
		b := p.addBlock(int32(len(p.members)), int32(len(p.members)+len(byAccept[accept])))
		for _, s := range byAccept[accept] {
			p.place[s], p.block[s] = int32(len(p.members)), b
			p.members = append(p.members, s)
		}
	}
	return p
}

func (p *partition) addBlock(first, end int32) int32 {
	b := int32(len(p.first))
	p.first, p.end, p.marked = append(p.first, first), append(p.end, end), append(p.marked, 0)
	for symbol := range numSymbols {
		p.pending = append(p.pending, splitter{b, int32(symbol)})
	}
	return b
}

// splitBy splits every block of which only a part goes to the splitter's block by its symbol.
func (p *partition) splitBy(by splitter, back *reverse) {
	var touched []int32
	var sources []state // collected first, because marking moves members
	for _, s := range p.members[p.first[by.block]:p.end[by.block]] {
		sources = append(sources, back.sources(s, int(by.symbol))...)
	}
	for _, s := range sources {
		b := p.block[s]
		if p.marked[b] == 0 {
			touched = append(touched, b)
		}
		p.mark(s)
	}
	for _, b := range touched {
		middle := p.first[b] + p.marked[b]
		p.marked[b] = 0
		if middle == p.end[b] {
			continue
		}
		p.split(b, middle)
	}
}

// mark moves a state to the marked ones of its block.
func (p *partition) mark(s state) {
	b := p.block[s]
	to := p.first[b] + p.marked[b]
	other := p.members[to]
	p.members[p.place[s]], p.place[other] = other, p.place[s]
	p.members[to], p.place[s] = s, to
	p.marked[b]++
}

// split makes the smaller side of middle a block of its own.
func (p *partition) split(b, middle int32) {
	first, end := p.first[b], p.end[b]
	if middle-first <= end-middle {
		p.first[b], end = middle, middle
	} else {
		p.end[b], first = middle, middle
	}
	added := p.addBlock(first, end)
	for _, s := range p.members[first:end] {
		p.block[s] = added
	}
}

// A reverse tells from which states a symbol leads to a state.
type reverse struct {
	from    []state
	offsets []int32 // by state and symbol: where its sources start in from
}

func newReverse(d *dfa) *reverse {
	r := &reverse{from: make([]state, len(d.next)), offsets: make([]int32, len(d.next)+1)}
	for i, target := range d.next {
		r.offsets[int(target)*numSymbols+i%numSymbols+1]++
	}
	for i := range d.next {
		r.offsets[i+1] += r.offsets[i]
	}
	fill := make([]int32, len(d.next))
	for i, target := range d.next {
		key := int(target)*numSymbols + i%numSymbols
		r.from[r.offsets[key]+fill[key]] = state(i / numSymbols)
		fill[key]++
	}
	return r
}

// sources returns the states from which symbol leads to s.
func (r *reverse) sources(s state, symbol int) []state {
	key := int(s)*numSymbols + symbol
	return r.from[r.offsets[key]:r.offsets[key+1]]
}
