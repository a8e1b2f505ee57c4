// Package domain knows who owns a host: public suffixes, registrable domains, the domains that an
// automaton of origins covers, and the check that these are few and known.
//
// It may know the packages origin and automaton, and the public suffix list.
//
//	publicsuffix.go    which domain a host belongs to, and where others can register names
//	grammar.go         serialized origins, as automata
//	coverage.go        which domains a regexp covers, and whether it is pinned to them
//	everyone.go        whether it trusts every domain there is
//	names.go           the registrable domains among these
//	enumerate.go       origins that an automaton accepts, the shortest first
//	counterexamples.go those that show what is wrong with a regexp
package domain
