package core

import (
	"regexp/syntax"
	"sync"
)

// Serialized origins, and kinds of them, written as regexps and compiled by the same machinery. They are as exact as
// automata of a reasonable size can be: lengths, and which of the spellings of an IPv6 address is the canonical one,
// is for parseOrigin alone to say. It always runs first; what is examined here may only ever be too much, never too
// little.
const (
	schemeRegexp  = `[a-z][a-z0-9+.-]*`
	labelRegexp   = `[a-z0-9_-]+`
	nameRegexp    = `(?:` + labelRegexp + `\.)*` + labelRegexp
	octetRegexp   = `(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])`
	ipv4Regexp    = `(?:` + octetRegexp + `\.){3}` + octetRegexp
	ipv6Regexp    = `\[[0-9a-f:]{2,39}\]`
	portRegexp    = `(?::(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?`
	numberRegexp  = `(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)` // a host that ends like this is an address or nothing
	defaultRegexp = `http://.*:80|https://.*:443`
	localRegexp   = `(?:` + labelRegexp + `\.)*localhost`
	local4Regexp  = `127(?:\.` + octetRegexp + `){3}`
	local6Regexp  = `\[::1\]`
)

// grammar holds the automata that regexps are compared with.
type grammar struct {
	// shape is the outline of an origin: cheap to carry along, and enough to tell where a host begins and ends.
	shape *dfa

	loopback  map[string]*dfa // http and https on this machine, by domain
	names     *dfa            // http and https on domain names, but for localhost and those below it
	addresses *dfa            // http and https on IP addresses, but for loopback ones
	others    *dfa            // any other scheme
	insecure  *dfa            // http, but for localhost and loopback addresses
}

var originGrammar = sync.OnceValue(func() *grammar {
	shape := grammarDFA(schemeRegexp+`://(?:`+nameRegexp+`|\[[0-9a-f:]+\])(?::[1-9][0-9]*)?`, anything())
	compile := func(expr string) *dfa { return grammarDFA(expr, shape) }
	on := func(host string) *dfa { return compile(`https?://(?:` + host + `)` + portRegexp) }

	loopback := on(localRegexp + `|` + local4Regexp + `|` + local6Regexp)
	numbers := compile(`[^/]*://` + numberRegexp + `(?::.*)?`)
	names := subtract(on(nameRegexp), numbers, loopback)
	addresses := subtract(on(ipv4Regexp+`|`+ipv6Regexp), loopback)
	ports := compile(defaultRegexp)
	names, addresses = subtract(names, ports), subtract(addresses, ports)

	foreign := func(host string) *dfa {
		return subtract(compile(schemeRegexp+`://(?:`+host+`)`+portRegexp), compile(`https?://.*`))
	}
	others := grammarCombine(subtract(foreign(nameRegexp), numbers), foreign(ipv4Regexp+`|`+ipv6Regexp), either)
	return &grammar{
		shape: shape, names: names, addresses: addresses, others: others,
		loopback: map[string]*dfa{
			"localhost":  subtract(on(localRegexp), ports),
			loopbackIPv4: subtract(on(local4Regexp), ports),
			"[::1]":      subtract(on(local6Regexp), ports),
		},
		insecure: grammarCombine(grammarCombine(names, addresses, either), compile(`http://.*`), both),
	}
})

// anything returns an automaton that accepts every text over symbols.
func anything() *dfa {
	d := newDFA()
	s := d.add(1)
	for symbol := range numSymbols {
		d.row(s)[symbol] = s
	}
	return d
}

// The regexps of the grammar are constants, and small: a panic here is a mistake in this file that no test can miss.

func grammarDFA(expr string, within *dfa) *dfa {
	re, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		panic(err)
	}
	prog, err := syntax.Compile(re.Simplify())
	if err != nil {
		panic(err)
	}
	d, ok := determinize(prog, 1, within, maxStates, &budget{maxWork})
	if !ok {
		panic("cors: grammar too large: " + expr)
	}
	return d
}

func grammarCombine(a, b *dfa, op operation) *dfa {
	d, ok := combine(a, b, op, maxStates, &budget{maxWork})
	if !ok {
		panic("cors: grammar too large")
	}
	return d
}

func subtract(d *dfa, others ...*dfa) *dfa {
	for _, other := range others {
		d = grammarCombine(d, other, without)
	}
	return d
}
