package core

import "strings"

// Regexps are compiled, when a policy is, to automata: tables that say for a state and a byte which state comes next. A
// match is one walk over the origin, a look-up a byte, whatever the regexps look like and however many there are.
//
//	regexp.go      reads the regexps of a configuration and reports what is wrong with them
//	determinize.go turns one regexp into a deterministic automaton
//	dfa.go         the algebra of automata: both, either, one without the other, minimal
//	union.go       brings the automata of all regexps together to one, or to a few
//	automaton.go   the table that is left of each
//	grammar.go     serialized origins, as automata
//	coverage.go    which domains a regexp trusts, and the check that they are pinned

// An automaton is a table that matches whole origins. States and bytes are numbers into it; bytes that no state tells
// apart share a column. State 0 is dead.
type automaton struct {
	prefix  string      // what every match starts with, compared at once
	suffix  string      // what every match ends with; the table is for what stands between the two
	columns [256]uint32 // by byte: where its column starts in next
	next    []uint16    // by column and state
	accept  []uint32    // by state: the number of the regexp that matched, from 1; 0 for none
}

// match returns the number of the first regexp that matches all of origin, from 1, or 0. It does not stop in the dead
// state: origins are short, and one look-up has to wait for the other, so that a test between them costs more.
func (a *automaton) match(origin string) uint32 {
	rest, ok := strings.CutPrefix(origin, a.prefix)
	if !ok || !strings.HasSuffix(rest, a.suffix) {
		return 0
	}
	rest = rest[:len(rest)-len(a.suffix)]
	state := uint32(automatonStart)
	for i := 0; i < len(rest); i++ {
		state = uint32(a.next[a.columns[rest[i]]+state])
	}
	return a.accept[state]
}

const automatonStart = 1

// newAutomaton lays f out as a table.
func newAutomaton(f framed) automaton {
	d := f.dfa
	a := automaton{prefix: f.prefix, suffix: f.suffix, accept: d.accept}
	n := d.numStates()
	offsets := map[string]uint32{} // by the text of a column, to share equal ones
	add := func(column []uint16) uint32 {
		key := new(strings.Builder)
		for _, s := range column {
			key.WriteByte(byte(s >> 8))
			key.WriteByte(byte(s))
		}
		offset, ok := offsets[key.String()]
		if !ok {
			offset = uint32(len(a.next))
			offsets[key.String()] = offset
			a.next = append(a.next, column...)
		}
		return offset
	}
	dead := add(make([]uint16, n)) // for bytes that occur in no origin
	for b := range a.columns {
		a.columns[b] = dead
	}
	for symbol := range numSymbols {
		column := make([]uint16, n)
		for s := range column {
			column[s] = uint16(d.step(state(s), symbol))
		}
		a.columns[symbols[symbol]] = add(column)
	}
	return a
}

// size returns the number of states, the dead one included, and of bytes that the automaton takes up.
func (a *automaton) size() (states, bytes int) {
	return len(a.accept), len(a.prefix) + len(a.suffix) + 4*len(a.columns) + 2*len(a.next) + 4*len(a.accept)
}

// A regexpSet finds the first of many regexps that matches an origin.
type regexpSet struct {
	texts    []string // as configured, by number - 1
	automata []automaton
	coverage []coverage // by number - 1
}

// match returns the text of the first regexp that matches a serialized origin.
func (s *regexpSet) match(origin string) (text string, ok bool) {
	first := uint32(0)
	for i := range s.automata {
		first = either(first, s.automata[i].match(origin))
	}
	if first == 0 {
		return "", false
	}
	return s.texts[first-1], true
}

// AutomatonSize returns how many states the automata of the policy's regexps have together, and how many bytes of
// memory their tables take up. Both are 0 without regexps.
func (p *Policy) AutomatonSize() (states, bytes int) {
	p = p.effective()
	for i := range p.regexps.automata {
		s, b := p.regexps.automata[i].size()
		states, bytes = states+s, bytes+b
	}
	return states, bytes
}
