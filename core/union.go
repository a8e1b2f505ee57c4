package core

import (
	"cmp"
	"slices"
)

// unite brings the automata of regexps together to as few as the limit on states allows: mostly to one. Typical regexps
// share their beginnings, so that the whole has fewer states than its parts. What they share at the end is cut off
// before: the whole has to remember which regexp it is that matches, so that each would need a copy of it.
//
// Some explode, such as several that have each a wildcard on both sides of a name: the whole would have to remember of
// each how far it is. Those stay apart. So do, if they have to, those that end differently.
//
// It fails if they have more states than the limit, whatever is done.
func unite(regexps []compiledRegexp, work *budget) (unions []framed, ok bool) {
	all := bySuffix(regexps)
	tries := []struct {
		groups    []group
		allowance int
	}{{[]group{commonGroup(all)}, maxStates / 2}, {alike(all), maxStates / 2}, {alike(all), 0}}
	for _, try := range tries {
		u := uniter{allowance: try.allowance, work: work}
		if unions, ok = u.uniteGroups(try.groups); ok || work.left < 0 {
			break
		}
	}
	return unions, ok && work.left >= 0
}

// An ending is an automaton and what all that it accepts ends with.
type ending struct {
	*dfa
	suffix string
}

// A group is a list of automata and what all that they accept ends with.
type group struct {
	members []ending
	suffix  string
}

// bySuffix brings those together that end alike.
func bySuffix(regexps []compiledRegexp) []ending {
	var list []ending
	for _, r := range regexps {
		if !r.dfa.isEmpty() {
			list = append(list, ending{r.dfa, r.dfa.commonSuffix()})
		}
	}
	slices.SortStableFunc(list, func(a, b ending) int { return compareReversed(a.suffix, b.suffix) })
	return list
}

// compareReversed orders texts as if they were read backward.
func compareReversed(a, b string) int {
	n := sharedSuffix(a, b)
	if n == len(a) || n == len(b) {
		return cmp.Compare(len(a), len(b))
	}
	return cmp.Compare(a[len(a)-1-n], b[len(b)-1-n])
}

// sharedSuffix returns the length of what both texts end with.
func sharedSuffix(a, b string) int {
	n := 0
	for n < min(len(a), len(b)) && a[len(a)-1-n] == b[len(b)-1-n] {
		n++
	}
	return n
}

// commonGroup makes one group of all in a sorted list. What the first and the last end with, all do.
func commonGroup(list []ending) group {
	if len(list) == 0 {
		return group{}
	}
	last := list[len(list)-1].suffix
	return group{list, last[len(last)-sharedSuffix(list[0].suffix, last):]}
}

// alike divides a sorted list into groups of which each member shares at least half of its suffix with the first.
func alike(list []ending) []group {
	var groups []group
	for first, end := 0, 1; end <= len(list); end++ {
		if end < len(list) {
			next := list[end].suffix
			if 2*sharedSuffix(list[first].suffix, next) >= max(len(next), len(list[first].suffix)) {
				continue
			}
		}
		groups = append(groups, commonGroup(list[first:end]))
		first = end
	}
	return groups
}

type uniter struct {
	allowance int // how many states unions may have more than their parts
	work      *budget
	tooLarge  bool // a union has more states than the limit
}

// uniteGroups unites the members of each group. It fails if the limit on states is exceeded.
func (u *uniter) uniteGroups(groups []group) (unions []framed, ok bool) {
	total := 0
	for _, g := range groups {
		for _, d := range u.unite(g) {
			f := frame(d, g.suffix)
			total += f.dfa.numStates()
			unions = append(unions, f)
		}
		if u.tooLarge || total > maxStates {
			return nil, false
		}
	}
	return unions, true
}

// unite cuts off what the members of a group share at the end. It unites neighbours in pairs, then the pairs, and so
// on.
func (u *uniter) unite(g group) []*dfa {
	switch {
	case u.tooLarge || u.work.left < 0:
		return nil
	case len(g.members) == 0:
		return nil
	case len(g.members) == 1:
		u.work.spend(g.members[0].numStates() * numSymbols)
		return []*dfa{g.members[0].endingBefore(g.suffix).minimize()}
	}
	half := len(g.members) / 2
	left, right := u.unite(group{g.members[:half], g.suffix}), u.unite(group{g.members[half:], g.suffix})
	if len(left) == 0 || len(right) == 0 {
		return append(left, right...)
	}
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
	u.tooLarge = u.tooLarge || d.numStates() > maxStates+maxOrigin // which is cut off as prefix at most
	return d, true
}

// A framed automaton is one of which is cut off what all that it accepts starts and ends with.
type framed struct {
	prefix, suffix string
	dfa            *dfa
}

// frame cuts off what all that d accepts starts and ends with. A suffix has been cut off before.
func frame(d *dfa, suffix string) framed {
	prefix, behind := d.commonPrefix()
	d = d.startingAt(behind).minimize()
	more := d.commonSuffix()
	return framed{prefix, more + suffix, d.endingBefore(more).minimize()}
}
