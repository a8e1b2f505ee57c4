package automaton

// minimize returns the smallest automaton that accepts the same, without states that cannot be
// reached, or from which nothing is accepted. Its states are numbered in the order of a
// breadth-first walk, so that a walk over a text mostly goes forward in memory.
//
// The algorithm is Hopcroft's. Start with one block of states for each regexp that is accepted. As
// long as there is a block and a symbol such that some states of another block go there by that
// symbol and others do not, split the other block. Of a block that was split only the smaller half
// has to be looked at again: what the whole could tell apart, either half tells apart. At the end
// no state of a block differs from the others.
func (d *DFA) minimize() *DFA {
	p := newPartition(d)
	back := d.Reverse()
	for len(p.pending) > 0 {
		splitter := p.pending[len(p.pending)-1]
		p.pending = p.pending[:len(p.pending)-1]
		p.splitBy(splitter, back)
	}
	return d.merged(p.block)
}

// merged returns the automaton whose states are the blocks of d's.
func (d *DFA) merged(block []int32) *DFA {
	m := newDFA(d.alphabet)
	numbers := map[int32]State{block[Dead]: Dead}
	var members []State // by number: one of the block
	members = append(members, Dead)
	number := func(s State) State {
		n, ok := numbers[block[s]]
		if !ok {
			n = m.add(d.accept[s])
			numbers[block[s]] = n
			members = append(members, s)
		}
		return n
	}
	if number(Start) == Dead {
		return Nothing(d.alphabet)
	}
	for s := Start; int(s) < len(members); s++ {
		for symbol, next := range d.Row(members[s]) {
			n := number(next)
			m.setStep(s, symbol, n)
		}
	}
	return m
}

// A partition divides the states of an automaton into blocks. The states of a block are neighbours
// in members, its marked ones first.
type partition struct {
	members []State
	place   []int32 // by state: its index in members
	block   []int32 // by state
	first   []int32 // by block: where it begins
	end     []int32 // by block: where it ends
	marked  []int32 // by block: how many are marked
	pending []splitter
	symbols int // how many the alphabet has
}

// A splitter is a block and a symbol by which others are yet to be split.
type splitter struct {
	block  int32
	symbol int32
}

func newPartition(d *DFA) *partition {
	n := d.NumStates()
	p := &partition{
		place: make([]int32, n), block: make([]int32, n), symbols: d.alphabet.Size(),
	}
	byAccept := map[uint32][]State{}
	var order []uint32
	for s, accept := range d.accept {
		if byAccept[accept] == nil {
			order = append(order, accept)
		}
		byAccept[accept] = append(byAccept[accept], State(s))
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
	for symbol := range p.symbols {
		p.pending = append(p.pending, splitter{b, int32(symbol)})
	}
	return b
}

// splitBy splits every block of which only a part goes to the splitter's block by its symbol.
func (p *partition) splitBy(by splitter, back *Reverse) {
	var touched []int32
	var sources []State // collected first, because marking moves members
	for _, s := range p.members[p.first[by.block]:p.end[by.block]] {
		sources = append(sources, back.Sources(s, int(by.symbol))...)
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
func (p *partition) mark(s State) {
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
