package core

// unite brings the automata of regexps together to as few as the limit on states allows: mostly to one. Typical regexps
// share their beginnings, so that the whole has fewer states than its parts. Some explode, such as several that have
// each a wildcard on both sides of a name: the whole would have to remember of each how far it is. Those stay apart.
//
// Neighbours are united in pairs, then the pairs, and so on, so that the automata keep the order of the configuration.
// It fails if they have more states than the limit, whatever is done.
func unite(regexps []compiledRegexp, work *budget) (unions []*dfa, ok bool) {
	for _, allowance := range []int{maxStates / 2, 0} {
		u := uniter{allowance: allowance, work: work}
		unions = u.unite(regexps)
		total := 0
		for _, d := range unions {
			total += d.numStates()
		}
		if total <= maxStates {
			return unions, work.left >= 0
		}
	}
	return nil, false
}

type uniter struct {
	allowance int // how many states unions may have more than their parts
	work      *budget
}

func (u *uniter) unite(regexps []compiledRegexp) []*dfa {
	switch len(regexps) {
	case 0:
		return nil
	case 1:
		return []*dfa{regexps[0].dfa}
	}
	half := len(regexps) / 2
	left, right := u.unite(regexps[:half]), u.unite(regexps[half:])
	last, first := left[len(left)-1], right[0]
	if merged, ok := u.merge(last, first); ok {
		left[len(left)-1] = merged
		right = right[1:]
	}
	return append(left, right...)
}

// merge unites two automata, unless that costs more than half of what is left of the allowance.
func (u *uniter) merge(a, b *dfa) (*dfa, bool) {
	sum := a.numStates() + b.numStates()
	d, ok := combine(a, b, either, 2*(sum+u.allowance/2), u.work)
	if !ok {
		return nil, false
	}
	growth := d.numStates() - sum
	if growth > u.allowance/2 {
		return nil, false
	}
	u.allowance -= max(0, growth)
	return d, true
}
