package automaton

import (
	"container/heap"
	"slices"
)

// A Search finds texts in the order of their length, those of equal length in the order of symbols:
// the best examples come first. It goes through an automaton forward or backward. The shortest
// candidate is always tried next, so that nothing is expanded that does not lead to a result soon.
//
// The work is bounded; a search that gives up says so.
type Search struct {
	Alphabet *Alphabet
	// Expand calls push with each candidate that is one symbol longer than c.
	Expand func(c Candidate, push func(Candidate))
}

// A Candidate is a beginning of a text, or, if the search goes backward, an end.
type Candidate struct {
	Read   string  // numbers of the symbols in the order of reading
	States []State // to which they lead
	Least  int     // length of the shortest result that starts like this
}

// Bounds of one search.
const (
	maxSearch = 20_000  // candidates that are looked at
	maxQueue  = 100_000 // candidates that wait
)

// Run calls yield for first and each candidate that follows from it, the shortest first, until
// yield returns false. It reports whether it has seen all, or yield has ended it.
func (s *Search) Run(first Candidate, work *Budget, yield func(c Candidate) bool) (done bool) {
	m := work.scratch()
	queue := m.candidates[:0]
	m.candidates = nil // not for a search that yield begins
	defer func() { m.candidates = queue }()
	push := func(c Candidate) {
		heap.Push(&queue, c)
		work.Spend(64 + len(c.Read)) // what is kept of it
	}
	push(first)
	for tried := 0; queue.Len() > 0; tried++ {
		c := heap.Pop(&queue).(Candidate)
		steps := s.Alphabet.Size() * len(c.States)
		if tried == maxSearch || queue.Len() > maxQueue || !work.Spend(steps) {
			return false
		}
		if !yield(c) {
			return true
		}
		s.Expand(c, push)
	}
	return true
}

type queue []Candidate

func (q queue) Len() int      { return len(q) }
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q queue) Less(i, j int) bool {
	if q[i].Least != q[j].Least {
		return q[i].Least < q[j].Least
	}
	return q[i].Read < q[j].Read
}
func (q *queue) Push(c any) { *q = append(*q, c.(Candidate)) }
func (q *queue) Pop() any {
	old := *q
	c := old[len(old)-1]
	*q = old[:len(old)-1]
	return c
}

// Then returns the candidate that follows from c by a symbol. distance is how many more symbols the
// shortest result takes.
func (c *Candidate) Then(symbol int, states []State, distance int) Candidate {
	return Candidate{c.Read + string(rune(symbol)), states, len(c.Read) + 1 + distance}
}

// Text returns what was read, forward.
func (a *Alphabet) Text(c *Candidate) string {
	b := []byte(c.Read)
	for i := range b {
		b[i] = a.symbols[b[i]]
	}
	return string(b)
}

// Reversed returns what was read, backward.
func (a *Alphabet) Reversed(c *Candidate) string {
	b := []byte(a.Text(c))
	slices.Reverse(b)
	return string(b)
}

// Unreachable is a distance that no path has.
const Unreachable = 1 << 30

// Distances returns, by state, how many symbols it takes to get to an accepting one.
func (d *DFA) Distances(work *Budget) []int {
	back := &work.scratch().reverse
	back.fill(d)
	work.Spend(len(d.next))
	distance := make([]int, d.NumStates())
	var queue []State
	for s := range distance {
		distance[s] = Unreachable
		if d.IsFinal(State(s)) {
			distance[s] = 0
			queue = append(queue, State(s))
		}
	}
	for ; len(queue) > 0; queue = queue[1:] {
		s := queue[0]
		for symbol := range d.alphabet.Size() {
			for _, from := range back.Sources(s, symbol) {
				if distance[from] == Unreachable {
					distance[from] = distance[s] + 1
					queue = append(queue, from)
				}
			}
		}
	}
	return distance
}

// Shortest returns the shortest text that leads from s to acceptance, given d's distances. There
// must be one.
func (d *DFA) Shortest(s State, distance []int) string {
	text := ""
	for distance[s] > 0 {
		for symbol, next := range d.Row(s) {
			if distance[next] == distance[s]-1 {
				text, s = text+d.alphabet.text(symbol), next
				break
			}
		}
	}
	return text
}
