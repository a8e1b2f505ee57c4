package automaton

// An Alphabet says what texts look like: which bytes they consist of, and how long they get.
type Alphabet struct {
	symbols string
	index   [256]int8 // by byte: its place in symbols, or -1
	longest int
}

// NewAlphabet returns the alphabet of texts of at most longest bytes. The symbols are at most 64
// different bytes, in the order in which examples prefer them.
func NewAlphabet(symbols string, longest int) *Alphabet {
	a := &Alphabet{symbols: symbols, longest: longest}
	for b := range a.index {
		a.index[b] = -1
	}
	for i, b := range []byte(symbols) {
		a.index[b] = int8(i)
	}
	return a
}

// Size returns the number of symbols.
func (a *Alphabet) Size() int { return len(a.symbols) }

// Symbol returns the byte with a number from 0 to Size()-1.
func (a *Alphabet) Symbol(number int) byte { return a.symbols[number] }

// Number returns the number of a byte, or -1 if it is no symbol.
func (a *Alphabet) Number(b byte) int { return int(a.index[b]) }

// Longest returns how many bytes a text has at most.
func (a *Alphabet) Longest() int { return a.longest }

// Compare orders texts by the order of symbols.
func (a *Alphabet) Compare(x, y string) int {
	for i := 0; i < len(x) && i < len(y); i++ {
		if x[i] != y[i] {
			return int(a.index[x[i]]) - int(a.index[y[i]])
		}
	}
	return len(x) - len(y)
}

// text returns the symbol with a number, as a text.
func (a *Alphabet) text(number int) string { return a.symbols[number : number+1] }
