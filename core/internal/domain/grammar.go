package domain

import (
	"sync"

	"github.com/corselet/corselet/core/internal/automaton"
	"github.com/corselet/corselet/core/internal/origin"
)

// Serialized origins, and kinds of them, as regexps that are compiled by the same machinery. They
// are as exact as automata of a reasonable size can be: only origin.Parse knows the lengths, and
// which spelling of an IPv6 address is the canonical one. It always runs first; what is examined
// here may be too much, never too little.
const (
	schemeRegexp = `[a-z][a-z0-9+.-]*`
	labelRegexp  = `[a-z0-9_-]+`
	nameRegexp   = `(?:` + labelRegexp + `\.)*` + labelRegexp
	opaqueRegexp = `[a-z0-9._-]+` // regexps see the lower-case ones only
	octetRegexp  = `(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])`
	ipv4Regexp   = `(?:` + octetRegexp + `\.){3}` + octetRegexp
	ipv6Regexp   = `\[[0-9a-f:]{2,39}\]`
	portRegexp   = `(?::(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|` +
		`655[0-2][0-9]|6553[0-5]))?`
	numberRegexp  = `(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)` // such a host is an address, or invalid
	defaultRegexp = `http://.*:80|https://.*:443`
	localRegexp   = `(?:` + labelRegexp + `\.)*localhost`
	local4Regexp  = `127(?:\.` + octetRegexp + `){3}`
	local6Regexp  = `\[::1\]`
)

// alphabet is what serialized origins are made of, in the order in which examples prefer it.
var alphabet = automaton.NewAlphabet(
	"abcdefghijklmnopqrstuvwxyz0123456789-_.:/+[]", origin.MaxLength)

// A grammar holds the automata that regexps are compared with.
type grammar struct {
	// shape is the outline of an origin: cheap to carry along, and enough to tell where a host
	// begins and ends.
	shape *automaton.DFA

	loopback  map[string]*automaton.DFA // http and https on this machine, by domain
	names     *automaton.DFA            // http and https on domain names, without localhost
	addresses *automaton.DFA            // http and https on IP addresses, without loopback
	others    *automaton.DFA            // any other scheme
	insecure  *automaton.DFA            // http, without localhost and loopback
}

// Shape returns the outline of serialized origins, for the compilation of regexps.
func Shape() *automaton.DFA { return originGrammar().shape }

var originGrammar = sync.OnceValue(func() *grammar {
	outline := schemeRegexp + `://(?:` + opaqueRegexp + `|\[[0-9a-f:]+\])(?::[1-9][0-9]*)?`
	shape := mustCompile(outline, automaton.Anything(alphabet))
	compile := func(expr string) *automaton.DFA { return mustCompile(expr, shape) }
	on := func(host string) *automaton.DFA {
		return compile(`https?://(?:` + host + `)` + portRegexp)
	}

	loopback := on(localRegexp + `|` + local4Regexp + `|` + local6Regexp)
	numbers := compile(`[^/]*://` + numberRegexp + `(?::.*)?`)
	names := subtract(on(nameRegexp), numbers, loopback)
	addresses := subtract(on(ipv4Regexp+`|`+ipv6Regexp), loopback)
	ports := compile(defaultRegexp)
	names, addresses = subtract(names, ports), subtract(addresses, ports)

	foreign := func(host string) *automaton.DFA {
		all := compile(schemeRegexp + `://(?:` + host + `)` + portRegexp)
		return subtract(all, compile(`https?://.*`))
	}
	others := foreign(opaqueRegexp + `|` + ipv6Regexp)
	foreignToMachine := mustCombine(names, addresses, automaton.Either)
	return &grammar{
		shape: shape, names: names, addresses: addresses, others: others,
		loopback: map[string]*automaton.DFA{
			"localhost":  subtract(on(localRegexp), ports),
			loopbackIPv4: subtract(on(local4Regexp), ports),
			"[::1]":      subtract(on(local6Regexp), ports),
		},
		insecure: mustCombine(foreignToMachine, compile(`http://.*`), automaton.Both),
	}
})

// The regexps of the grammar are constants, and small: a panic here is a mistake in this file that
// every test finds.

const grammarWork = 100_000_000 // steps

func mustCompile(expr string, within *automaton.DFA) *automaton.DFA {
	r, err := automaton.Parse(expr)
	if err != nil {
		panic(err)
	}
	d, ok := r.Compile(1, within, &automaton.Budget{Left: grammarWork})
	if !ok {
		panic("cors: grammar too large: " + expr)
	}
	return d
}

func mustCombine(a, b *automaton.DFA, op automaton.Operation) *automaton.DFA {
	d, ok := automaton.Combine(a, b, op, automaton.MaxStates, &automaton.Budget{Left: grammarWork})
	if !ok {
		panic("cors: grammar too large")
	}
	return d
}

func subtract(d *automaton.DFA, others ...*automaton.DFA) *automaton.DFA {
	for _, other := range others {
		d = mustCombine(d, other, automaton.Without)
	}
	return d
}
