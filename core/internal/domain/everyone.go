package domain

import "github.com/corselet/corselet/core/internal/automaton"

// everyone returns the schemes, of https and http, with which a regexp trusts every registrable
// domain: behind some beginning it accepts all of two labels of letters, with or without a port.
// Such a regexp is "*" by another name. Where the work runs out it counts as one.
func everyone(d *automaton.DFA, work *automaton.Budget) (schemes []string) {
	for _, scheme := range []string{"https", "http"} {
		seen := map[automaton.State]bool{}
		waiting := []automaton.State{d.Read(automaton.Start, scheme+"://")}
		for len(waiting) > 0 {
			s := waiting[0] // at the start of a label
			waiting = waiting[1:]
			if s == automaton.Dead || seen[s] {
				continue
			}
			seen[s] = true
			if acceptsAllNames(d, s, work) {
				schemes = append(schemes, scheme)
				break
			}
			waiting = append(waiting, nextLabels(d, s, work)...)
		}
	}
	return schemes
}

// nextLabels returns the states behind the label that starts at s and a dot.
func nextLabels(d *automaton.DFA, s automaton.State, work *automaton.Budget) []automaton.State {
	var next []automaton.State
	seen := map[automaton.State]bool{s: true}
	for waiting := []automaton.State{s}; len(waiting) > 0 && work.Spend(alphabet.Size()); {
		at := waiting[0]
		waiting = waiting[1:]
		for _, b := range []byte("abcdefghijklmnopqrstuvwxyz0123456789-_") {
			if to := d.Row(at)[alphabet.Number(b)]; to != automaton.Dead && !seen[to] {
				seen[to] = true
				waiting = append(waiting, to)
			}
		}
		if at != s {
			next = append(next, d.Read(at, "."))
		}
	}
	return next
}

// How far a name of two labels has been read.
const (
	inNothing = iota
	inFirst
	behindDot
	inSecond
	complete // two letters of the second label
)

// acceptsAllNames reports whether d accepts from s every name of two labels of letters, the second
// of two letters or more, with or without a port. It reports true if the work runs out.
func acceptsAllNames(d *automaton.DFA, s automaton.State, work *automaton.Budget) bool {
	type place struct {
		state automaton.State
		read  int
	}
	seen := map[place]bool{}
	waiting := []place{{s, inNothing}}
	for len(waiting) > 0 {
		at := waiting[len(waiting)-1]
		waiting = waiting[:len(waiting)-1]
		if seen[at] {
			continue
		}
		seen[at] = true
		switch {
		case !work.Spend(alphabet.Size()):
			return true
		case at.state == automaton.Dead:
			return false
		case at.read == complete && !d.IsFinal(at.state) &&
			d.Read(at.state, ":") == automaton.Dead:
			return false
		}
		letters := map[int]int{inNothing: inFirst, inFirst: inFirst, behindDot: inSecond,
			inSecond: complete, complete: complete}[at.read]
		for b := byte('a'); b <= 'z'; b++ {
			waiting = append(waiting, place{d.Row(at.state)[alphabet.Number(b)], letters})
		}
		if at.read == inFirst {
			waiting = append(waiting, place{d.Read(at.state, "."), behindDot})
		}
	}
	return true
}
