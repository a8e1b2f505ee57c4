package automaton

import "slices"

// A State is the number of a state of a [DFA], which has at most 65,536 of them.
type State uint16

// The states that every DFA has.
const (
	Dead  State = 0 // nothing is accepted any more
	Start State = 1
)

// A DFA is a deterministic automaton, in the form in which it is built and examined.
type DFA struct {
	alphabet *Alphabet
	next     []State  // by state and symbol
	accept   []uint32 // by state: the number of the regexp that accepts, from 1; 0 for none
}

// newDFA returns an automaton with a dead state only.
func newDFA(a *Alphabet) *DFA {
	return &DFA{alphabet: a, next: make([]State, a.Size()), accept: make([]uint32, 1)}
}

// Nothing returns an automaton that accepts no text.
func Nothing(a *Alphabet) *DFA {
	d := newDFA(a)
	d.add(0)
	return d
}

// Anything returns an automaton that accepts every text over the symbols.
func Anything(a *Alphabet) *DFA {
	d := newDFA(a)
	s := d.add(1)
	for symbol := range a.Size() {
		d.Row(s)[symbol] = s
	}
	return d
}

// Alphabet returns the alphabet that d is over.
func (d *DFA) Alphabet() *Alphabet { return d.alphabet }

// NumStates returns the number of states, the dead one included.
func (d *DFA) NumStates() int { return len(d.accept) }

// IsFinal reports whether a text that leads to s is accepted.
func (d *DFA) IsFinal(s State) bool { return d.accept[s] != 0 }

// Row returns the states that follow s, by symbol. The caller must not change it.
func (d *DFA) Row(s State) []State {
	n := d.alphabet.Size()
	return d.next[int(s)*n:][:n]
}

func (d *DFA) step(s State, symbol int) State { return d.next[int(s)*d.alphabet.Size()+symbol] }

func (d *DFA) setStep(s State, symbol int, next State) {
	d.next[int(s)*d.alphabet.Size()+symbol] = next
}

// add appends a state from which all symbols lead to the dead one.
func (d *DFA) add(accept uint32) State {
	d.next = append(d.next, make([]State, d.alphabet.Size())...)
	d.accept = append(d.accept, accept)
	return State(len(d.accept) - 1)
}

// Read returns the state to which text leads from s.
func (d *DFA) Read(s State, text string) State {
	for _, b := range []byte(text) {
		symbol := d.alphabet.Number(b)
		if symbol < 0 {
			return Dead
		}
		s = d.step(s, symbol)
	}
	return s
}

// Accepts reports whether d accepts text.
func (d *DFA) Accepts(text string) bool { return d.IsFinal(d.Read(Start, text)) }

// IsEmpty reports whether d accepts nothing. All states of a DFA can be reached.
func (d *DFA) IsEmpty() bool {
	return !slices.ContainsFunc(d.accept, func(n uint32) bool { return n != 0 })
}

// A Reverse tells from which states a symbol leads to a state.
type Reverse struct {
	size    int // of the alphabet
	from    []State
	offsets []int32 // by state and symbol: where its sources start in from
}

// Reverse returns the reverse of d.
func (d *DFA) Reverse() *Reverse {
	r := new(Reverse)
	r.fill(d)
	return r
}

// fill makes r the reverse of d. It sorts all steps by where they lead: counts come two places
// behind, so that after the sums and the placing each offset is where it belongs.
func (r *Reverse) fill(d *DFA) {
	n := d.alphabet.Size()
	r.size = n
	r.from, r.offsets = resize(r.from, len(d.next)), resize(r.offsets, len(d.next)+2)
	for i, target := range d.next {
		r.offsets[int(target)*n+i%n+2]++
	}
	for i := range d.next {
		r.offsets[i+2] += r.offsets[i+1]
	}
	for i, target := range d.next {
		place := &r.offsets[int(target)*n+i%n+1]
		r.from[*place] = State(i / n)
		*place++
	}
}

// Sources returns the states from which symbol leads to s. The caller must not change them.
func (r *Reverse) Sources(s State, symbol int) []State {
	key := int(s)*r.size + symbol
	return r.from[r.offsets[key]:r.offsets[key+1]]
}
