package domain

import (
	"strings"

	"github.com/corselet/corselet/core/internal/automaton"
	"github.com/corselet/corselet/core/internal/origin"
)

// origins finds what d accepts, the shortest first, and calls yield for what the parser accepts
// too. It reports whether it has seen all, or yield has ended it.
func origins(
	d *automaton.DFA, work *automaton.Budget, yield func(o origin.Origin) bool,
) (done bool) {
	distance := d.Distances(work)
	return walk(d, distance, work, nil, func(s automaton.State, text string) bool {
		return !d.IsFinal(s) || parsed(text, yield)
	})
}

// hosts does the same for each scheme://host once, whatever its ports. Such a text need not be
// accepted by d without a port.
func hosts(d *automaton.DFA, work *automaton.Budget, yield func(o origin.Origin) bool) (done bool) {
	distance := d.Distances(work)
	skip := func(text string, symbol byte) bool { return symbol == ':' && atHostEnd(text) }
	return walk(d, distance, work, skip, func(s automaton.State, text string) bool {
		complete := d.IsFinal(s) || atHostEnd(text) && d.Read(s, ":") != automaton.Dead
		return !complete || parsed(text, yield)
	})
}

// walk goes through d, the shortest texts first, and calls yield for each text on the way and the
// state to which it leads. It does not go where skip reports true.
func walk(
	d *automaton.DFA, distance []int, work *automaton.Budget,
	skip func(text string, symbol byte) bool, yield func(s automaton.State, text string) bool,
) (done bool) {
	if distance[automaton.Start] == automaton.Unreachable {
		return true
	}
	s := automaton.Search{Alphabet: alphabet}
	s.Expand = func(c automaton.Candidate, push func(automaton.Candidate)) {
		if len(c.Read) == origin.MaxLength {
			return // no origin is longer
		}
		text := alphabet.Text(&c)
		for symbol, next := range d.Row(c.States[0]) {
			if distance[next] == automaton.Unreachable ||
				skip != nil && skip(text, alphabet.Symbol(symbol)) {
				continue
			}
			push(c.Then(symbol, []automaton.State{next}, distance[next]))
		}
	}
	first := automaton.Candidate{
		States: []automaton.State{automaton.Start}, Least: distance[automaton.Start],
	}
	return s.Run(first, work, func(c automaton.Candidate) bool {
		return yield(c.States[0], alphabet.Text(&c))
	})
}

func parsed(text string, yield func(o origin.Origin) bool) bool {
	o, ok := origin.Parse(text)
	return !ok || yield(o)
}

// atHostEnd reports whether a colon behind text, the beginning of an origin, would start the port.
func atHostEnd(text string) bool {
	_, host, ok := strings.Cut(text, "://")
	return ok && host != "" && (host[0] != '[' || strings.HasSuffix(host, "]"))
}
