// Package automaton turns regular expressions into deterministic automata, and computes with them.
//
// It may know regexp/syntax, and nothing of this module: not what the texts are that its automata
// read. Their bytes and their greatest length come with an [Alphabet], and the shape that all of
// them have comes as an automaton too. A match is one walk over a text, one look-up per byte,
// whatever the regexps look like and however many there are.
//
// The way of a regexp, by file:
//
//	parse.go       reads it, and refuses what an automaton cannot express
//	construct.go   says where in its text a mistake is
//	limits.go      how large automata may be, for one regexp and for all
//	size.go        estimates what it costs, before and after the fact
//	determinize.go turns it into a deterministic automaton, a DFA
//	minimize.go    makes that as small as possible
//	algebra.go     both, either, one without the other
//	search.go      the texts that a DFA accepts, the shortest first
//	union.go       brings the DFAs of many regexps together to one, or to a few
//	frame.go       cuts off what all accepted texts start and end with
//	table.go       the table that is left of each, and its match
//
// alphabet.go, dfa.go and budget.go hold what all of them use.
package automaton
