package automaton

import (
	"encoding/binary"
	"regexp/syntax"
	"slices"
)

// A regexp becomes a deterministic automaton by the subset construction. The compiler of
// regexp/syntax turns it into instructions: read one of these symbols and go there, go to either of
// two, and so on. A state of the automaton is the set of instructions at which one could be after
// reading the same text.
//
// Two things keep the sets few. They are built together with the shape of texts, so that what no
// text leads to is never looked at; and states that are further from the start than texts are long
// are left out.
//
// ^, $, \A and \z are exact anywhere. The first instructions are followed through "at the start",
// and a set accepts if it leads to a match through "at the end". No alphabet has a newline, so that
// with (?m) the anchors mean the same.
type determinizer struct {
	instructions []instruction
	alphabet     *Alphabet
	class        []uint8 // by symbol; no instruction tells those of one class apart
	numClasses   int

	sets    [][]uint32       // by number: the instructions at which one may be, sorted
	numbers map[string]int32 // by the bytes of a set
	moves   []int32          // by set and class: the set that follows, or -1: not known yet
	final   []bool           // by set: it accepts at the end of the text
	stored  int              // instructions in all sets

	work   *Budget
	seen   []bool // by instruction: in the closure under way
	stack  []uint32
	before []uint32 // what next reads from
}

// An instruction is one of syntax.Prog, with the symbols that it reads as bits.
type instruction struct {
	op      syntax.InstOp
	out     uint32
	arg     uint32
	symbols uint64
}

// determinize returns the minimal automaton that accepts, as regexp number, what prog matches as a
// whole and shape accepts. It fails if it meets more than limit states on the way, or the work runs
// out.
func determinize(
	prog *syntax.Prog, number uint32, shape *DFA, limit int, work *Budget,
) (*DFA, bool) {
	a := shape.alphabet
	z := newDeterminizer(prog, a, work)
	m := work.scratch()
	d := m.newDraft(a)
	m.numbers.reset()
	m.pairs, m.depths = append(m.pairs[:0], pair{}), append(m.depths[:0], 0) // by state
	numberOf := func(set int32, g State, depth int) State {
		p := pair{uint32(set), uint32(g)}
		s := m.numbers.find(p).state
		if s == Dead && depth <= a.longest {
			s = d.add(0)
			if z.final[set] && shape.IsFinal(g) {
				d.accept[s] = number
			}
			m.numbers.set(p, s)
			m.pairs, m.depths = append(m.pairs, p), append(m.depths, depth)
		}
		return s // dead, where no text is that long
	}
	first := z.closure([]uint32{uint32(prog.Start)}, syntax.EmptyBeginText|syntax.EmptyBeginLine)
	numberOf(first, Start, 0)
	for s := Start; int(s) < len(m.pairs); s++ {
		if len(m.pairs) > limit || z.stored > maxStored || !work.Spend(2*a.Size()) {
			return nil, false
		}
		p, depth := m.pairs[s], m.depths[s]
		for symbol, g := range shape.Row(State(p.b)) {
			if g == Dead {
				continue
			}
			if set := z.move(int32(p.a), symbol); len(z.sets[set]) > 0 {
				next := numberOf(set, g, depth+1)
				d.setStep(s, symbol, next)
			}
		}
	}
	d = d.minimize(work)
	return d, work.Left >= 0
}

func newDeterminizer(prog *syntax.Prog, a *Alphabet, work *Budget) *determinizer {
	z := &determinizer{
		alphabet: a, numbers: map[string]int32{}, work: work, seen: make([]bool, len(prog.Inst)),
	}
	masks := map[uint64]bool{}
	for i := range prog.Inst {
		in := &prog.Inst[i]
		var mask uint64
		switch in.Op {
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
			for symbol, b := range []byte(a.symbols) {
				if in.MatchRune(rune(b)) {
					mask |= 1 << symbol
				}
			}
			masks[mask] = true
		}
		z.instructions = append(z.instructions, instruction{in.Op, in.Out, in.Arg, mask})
	}
	z.classify(masks)
	return z
}

// classify numbers the classes of symbols: two symbols share one if every instruction reads both or
// neither.
func (z *determinizer) classify(masks map[uint64]bool) {
	blocks := []uint64{1<<z.alphabet.Size() - 1}
	for mask := range masks {
		for _, block := range blocks {
			if inside := block & mask; inside != 0 && inside != block {
				blocks[slices.Index(blocks, block)] = inside
				blocks = append(blocks, block&^mask)
			}
		}
	}
	z.numClasses, z.class = len(blocks), make([]uint8, z.alphabet.Size())
	for class, block := range blocks {
		for symbol := range z.alphabet.Size() {
			if block&(1<<symbol) != 0 {
				z.class[symbol] = uint8(class)
			}
		}
	}
}

// move returns the set that follows when symbol is read.
func (z *determinizer) move(set int32, symbol int) int32 {
	at := int(set)*z.numClasses + int(z.class[symbol])
	if z.moves[at] >= 0 {
		return z.moves[at]
	}
	z.before = z.before[:0]
	for _, pc := range z.sets[set] {
		if in := &z.instructions[pc]; in.symbols&(1<<symbol) != 0 {
			z.before = append(z.before, in.out)
		}
	}
	z.work.Spend(len(z.sets[set]))
	next := z.closure(z.before, 0)
	z.moves[at] = next
	return next
}

// closure returns the set of instructions to which those in pcs lead without reading anything,
// where met holds the assertions that are true at this place.
func (z *determinizer) closure(pcs []uint32, met syntax.EmptyOp) int32 {
	all := z.follow(pcs, met)
	set := slices.DeleteFunc(all, func(pc uint32) bool {
		in := &z.instructions[pc]
		return in.symbols == 0 && in.op != syntax.InstMatch && in.op != syntax.InstEmptyWidth
	})
	set = slices.Clone(set) // what follow returns is longer
	slices.Sort(set)
	key := make([]byte, 0, 4*len(set))
	for _, pc := range set {
		key = binary.LittleEndian.AppendUint32(key, pc)
	}
	number, ok := z.numbers[string(key)]
	if ok {
		return number
	}
	number = int32(len(z.sets))
	z.numbers[string(key)] = number
	z.sets = append(z.sets, set)
	z.stored += len(set)
	z.work.Spend(4*len(set) + 2*z.numClasses) // what is kept of it
	for range z.numClasses {
		z.moves = append(z.moves, -1)
	}
	z.final = append(z.final, z.matchesAtEnd(set))
	return number
}

func (z *determinizer) matchesAtEnd(set []uint32) bool {
	atEnd := z.follow(set, syntax.EmptyEndText|syntax.EmptyEndLine)
	return slices.ContainsFunc(atEnd, func(pc uint32) bool {
		return z.instructions[pc].op == syntax.InstMatch
	})
}

// follow lists every instruction that can be reached from pcs without reading anything. Assertions
// that are not met are listed, but not passed.
func (z *determinizer) follow(pcs []uint32, met syntax.EmptyOp) []uint32 {
	z.stack = z.stack[:0]
	var reached []uint32
	push := func(pc uint32) {
		if !z.seen[pc] {
			z.seen[pc] = true
			z.stack, reached = append(z.stack, pc), append(reached, pc)
		}
	}
	for _, pc := range pcs {
		push(pc)
	}
	for len(z.stack) > 0 {
		in := &z.instructions[z.stack[len(z.stack)-1]]
		z.stack = z.stack[:len(z.stack)-1]
		switch in.op {
		case syntax.InstAlt, syntax.InstAltMatch:
			push(in.out)
			push(in.arg)
		case syntax.InstCapture, syntax.InstNop:
			push(in.out)
		case syntax.InstEmptyWidth:
			if syntax.EmptyOp(in.arg)&^met == 0 {
				push(in.out)
			}
		}
	}
	z.work.Spend(len(reached))
	for _, pc := range reached {
		z.seen[pc] = false
	}
	return reached
}
