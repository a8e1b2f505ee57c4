package automaton

import "strings"

// A Table matches whole texts. States and bytes are numbers into it; bytes that no state tells
// apart share a column. State 0 is dead.
type Table struct {
	prefix  string      // every match starts with it; it is compared at once
	suffix  string      // every match ends with it; the table is for what is between the two
	columns [256]uint32 // by byte: where its column starts in next
	next    []uint16    // by column and state
	accept  []uint32    // by state: the number of the regexp that matched, from 1; 0 for none
}

// Match returns the number of the first regexp that matches all of text, from 1, or 0. It does not
// stop in the dead state: texts are short, and one look-up has to wait for the other, so that a
// test between them costs more.
func (t *Table) Match(text string) uint32 {
	rest, ok := strings.CutPrefix(text, t.prefix)
	if !ok || !strings.HasSuffix(rest, t.suffix) {
		return 0
	}
	rest = rest[:len(rest)-len(t.suffix)]
	state := uint32(Start)
	for i := 0; i < len(rest); i++ {
		state = uint32(t.next[t.columns[rest[i]]+state])
	}
	return t.accept[state]
}

// newTable lays f out as a table.
func newTable(f frame) Table {
	d := f.dfa
	t := Table{prefix: f.prefix, suffix: f.suffix, accept: d.accept}
	n := d.NumStates()
	offsets := map[string]uint32{} // by the text of a column, to share equal ones
	add := func(column []uint16) uint32 {
		key := new(strings.Builder)
		for _, s := range column {
			key.WriteByte(byte(s >> 8))
			key.WriteByte(byte(s))
		}
		offset, ok := offsets[key.String()]
		if !ok {
			offset = uint32(len(t.next))
			offsets[key.String()] = offset
			t.next = append(t.next, column...)
		}
		return offset
	}
	dead := add(make([]uint16, n)) // for bytes that are no symbols
	for b := range t.columns {
		t.columns[b] = dead
	}
	for symbol := range d.alphabet.Size() {
		column := make([]uint16, n)
		for s := range column {
			column[s] = uint16(d.step(State(s), symbol))
		}
		t.columns[d.alphabet.Symbol(symbol)] = add(column)
	}
	return t
}

// Size returns the number of states, the dead one included, and of bytes that the table takes up.
func (t *Table) Size() (states, bytes int) {
	return len(t.accept),
		len(t.prefix) + len(t.suffix) + 4*len(t.columns) + 2*len(t.next) + 4*len(t.accept)
}
