package automaton

import (
	"cmp"
	"slices"
)

// minimize returns the smallest automaton that accepts the same, without states that cannot be
// reached, or from which nothing is accepted. Its states are numbered in the order of a
// breadth-first walk, so that a walk over a text mostly goes forward in memory.
//
// The algorithm is Hopcroft's. Start with one block of states for each regexp that is accepted. As
// long as there is a block and a symbol such that some states of another block go there by that
// symbol and others do not, split the other block. Of a block that was split only the smaller half
// has to be looked at again: what the whole could tell apart, either half tells apart. At the end
// no state of a block differs from the others.
func (d *DFA) minimize(work *Budget) *DFA {
	m := work.scratch()
	m.reverse.fill(d)
	work.Spend(len(d.next))
	p := &m.blocks
	p.reset(d)
	for len(p.pending) > 0 && work.Left >= 0 {
		by := p.pending[len(p.pending)-1]
		p.pending = p.pending[:len(p.pending)-1]
		work.Spend(p.splitBy(by, &m.reverse))
	}
	return d.merged(p, m)
}

// merged returns the automaton whose states are the blocks of d's.
func (d *DFA) merged(p *partition, m *memory) *DFA {
	numBlocks := len(p.first)
	numbers := resize(m.merged, numBlocks) // by block; Dead: none yet, or dead
	members := append(m.queue[:0], Dead)   // by number: a state of the block
	m.merged = numbers
	result := &DFA{
		alphabet: d.alphabet, accept: make([]uint32, 1, numBlocks),
		next: make([]State, d.alphabet.Size(), numBlocks*d.alphabet.Size()),
	}
	number := func(s State) State {
		block := p.block[s]
		if block == p.block[Dead] {
			return Dead
		}
		if numbers[block] == Dead {
			numbers[block] = result.add(d.accept[s])
			members = append(members, s)
		}
		return numbers[block]
	}
	if number(Start) == Dead {
		return Nothing(d.alphabet)
	}
	for s := Start; int(s) < len(members); s++ {
		for symbol, next := range d.Row(members[s]) {
			n := number(next)
			result.setStep(s, symbol, n)
		}
	}
	m.queue = members
	return result
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

	touched []int32 // of splitBy
	sources []State // of splitBy
}

// A splitter is a block and a symbol by which others are yet to be split.
type splitter struct {
	block  int32
	symbol int32
}

// reset makes p the partition of d by the regexp that is accepted.
func (p *partition) reset(d *DFA) {
	n := d.NumStates()
	p.symbols = d.alphabet.Size()
	p.members, p.place, p.block = resize(p.members, n), resize(p.place, n), resize(p.block, n)
	p.first, p.end, p.marked, p.pending = p.first[:0], p.end[:0], p.marked[:0], p.pending[:0]
	for s := range p.members {
		p.members[s] = State(s)
	}
	slices.SortStableFunc(p.members, func(a, b State) int {
		return cmp.Compare(d.accept[a], d.accept[b])
	})
	for i, s := range p.members {
		if i == 0 || d.accept[s] != d.accept[p.members[i-1]] {
			p.addBlock(int32(i), int32(i))
		}
		b := int32(len(p.first) - 1)
		p.place[s], p.block[s], p.end[b] = int32(i), b, int32(i+1)
	}
}

func (p *partition) addBlock(first, end int32) int32 {
	b := int32(len(p.first))
	p.first, p.end, p.marked = append(p.first, first), append(p.end, end), append(p.marked, 0)
	for symbol := range p.symbols {
		p.pending = append(p.pending, splitter{b, int32(symbol)})
	}
	return b
}

// splitBy splits every block of which only a part goes to the splitter's block by its symbol. It
// returns how many states it looked at.
func (p *partition) splitBy(by splitter, back *Reverse) (steps int) {
	touched, sources := p.touched[:0], p.sources[:0]
	members := p.members[p.first[by.block]:p.end[by.block]]
	for _, s := range members { // before marking, which moves members
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
	p.touched, p.sources = touched, sources
	return len(members) + len(sources)
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
