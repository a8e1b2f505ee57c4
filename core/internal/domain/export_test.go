package domain

import "github.com/corselet/corselet/core/internal/automaton"

// Kinds returns the parts that the grammar divides origins into, by name.
func Kinds() map[string]*automaton.DFA {
	g := originGrammar()
	kinds := map[string]*automaton.DFA{"names": g.names, "addresses": g.addresses, "others": g.others}
	for domain, d := range g.loopback {
		kinds[domain] = d
	}
	return kinds
}

// Insecure returns the grammar of insecure origins.
func Insecure() *automaton.DFA { return originGrammar().insecure }

// MaxDomains is how many domains a pinned regexp may cover.
const MaxDomains = maxDomains
