package automaton

import (
	"cmp"
	"slices"
)

// Unite brings the automata of regexps together in as few tables as the limit on states allows:
// mostly in one. Typical regexps share their beginnings, so that the whole has fewer states than
// its parts. What they share at the end is cut off before: the whole has to remember which regexp
// it is that matches, so that each would need a copy of it.
//
// Some explode, such as several with a wildcard on both sides of a name each: the whole would have
// to remember for each of them how far it is. Those stay apart. So do, if necessary, those that
// end differently.
//
// It fails if they have more than [MaxStates] in any case, or the work runs out.
func Unite(regexps []*DFA, work *Budget) (tables []Table, ok bool) {
	all := bySuffix(regexps, work)
	var unions []frame
	tries := []struct {
		groups    []group
		allowance int
	}{{[]group{commonGroup(all)}, MaxStates / 2}, {alike(all), MaxStates / 2}, {alike(all), 0}}
	if tries[0].groups[0].copies() > MaxStates {
		tries = tries[1:] // the work would be for nothing
	}
	for _, try := range tries {
		u := uniter{allowance: try.allowance, work: work}
		if unions, ok = u.uniteGroups(try.groups); ok || work.Left < 0 {
			break
		}
	}
	if !ok || work.Left < 0 {
		return nil, false
	}
	for _, f := range unions {
		tables = append(tables, newTable(f))
	}
	return tables, true
}

// An ending is an automaton and what all that it accepts ends with.
type ending struct {
	*DFA
	suffix string
}

// A group is a list of automata and what all that they accept ends with.
type group struct {
	members []ending
	suffix  string
}

// bySuffix brings those together that end alike.
func bySuffix(regexps []*DFA, work *Budget) []ending {
	var list []ending
	for _, d := range regexps {
		if !d.IsEmpty() {
			list = append(list, ending{d, d.commonSuffix(work)})
		}
	}
	slices.SortStableFunc(list, func(a, b ending) int {
		return compareReversed(a.suffix, b.suffix)
	})
	return list
}

// compareReversed orders texts as if they were written backward.
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

// commonGroup makes one group of all in a sorted list. What the first and the last end with, all
// do.
func commonGroup(list []ending) group {
	if len(list) == 0 {
		return group{}
	}
	last := list[len(list)-1].suffix
	return group{list, last[len(last)-sharedSuffix(list[0].suffix, last):]}
}

// copies returns how many states a union needs for the ends of its members that are not cut off:
// one for each byte, because no two that match different texts can share it.
func (g group) copies() (n int) {
	for _, member := range g.members {
		n += len(member.suffix) - len(g.suffix)
	}
	return n
}

// alike divides a sorted list into groups whose members share at least half of their suffix with
// the first.
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
	work      *Budget
	tooLarge  bool // a union has more states than the limit
}

// uniteGroups unites the members of each group. It fails if they exceed the limit on states.
func (u *uniter) uniteGroups(groups []group) (unions []frame, ok bool) {
	total := 0
	for _, g := range groups {
		for _, d := range u.unite(g) {
			f := newFrame(d, g.suffix, u.work)
			total += f.dfa.NumStates()
			unions = append(unions, f)
		}
		if u.tooLarge || total > MaxStates {
			return nil, false
		}
	}
	return unions, true
}

// unite cuts off what the members of a group share at the end. It unites neighbours in pairs, then
// the pairs, and so on.
func (u *uniter) unite(g group) []*DFA {
	switch {
	case u.tooLarge || u.work.Left < 0:
		return nil
	case len(g.members) == 0:
		return nil
	case len(g.members) == 1:
		return []*DFA{g.members[0].endingBefore(g.suffix).minimize(u.work)}
	}
	half := len(g.members) / 2
	left := u.unite(group{g.members[:half], g.suffix})
	right := u.unite(group{g.members[half:], g.suffix})
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
func (u *uniter) merge(a, b *DFA) (*DFA, bool) {
	sum := a.NumStates() + b.NumStates()
	d, ok := Combine(a, b, Either, 2*(sum+u.allowance/2), u.work)
	if !ok {
		return nil, false
	}
	growth := d.NumStates() - sum
	if growth > u.allowance/2 {
		return nil, false
	}
	u.allowance -= max(0, growth)
	// As many states as the longest text has bytes may still be cut off as a prefix.
	u.tooLarge = u.tooLarge || d.NumStates() > MaxStates+d.alphabet.longest
	return d, true
}
