package core

import (
	"cmp"
	"slices"
	"strings"
)

// surveyNames finds the registrable domains of the names that a regexp matches over http and https.
//
// Who decides about a name is written from the right, so names are read from the right, label by label. behind(w) is
// the set of states from which the rest of a host is exactly w. At each step one of three things is true:
//
//   - whatever stands in front of w belongs to the same domain, so w settles the matter;
//   - only few labels can stand in front of w: go on with each of them;
//   - too many can: the regexp is open there. A few of them are still looked at, for the sake of examples.
//
// Where a host can end and start, and which states lie between, is found by going forward once. Going back through
// those states only, every step back is one that some host takes.
type hostNames struct {
	*dfa
	survey   *survey
	starts   []state  // behind http:// and https://
	inside   []bool   // by state: some host leads there
	ends     []state  // those at which a host is complete
	back     *reverse // by state: where it comes from
	toLabel  []int    // by state: least symbols back to where its label starts
	words    []string // by state: the shortest beginning of an origin that leads there
	distance []int    // by state: least symbols to acceptance
	labels   int      // how many were looked at
}

// Bounds of the survey of names.
const (
	maxLabels   = 2_000 // labels looked at
	maxBranches = 256   // labels in front of a name that may all belong to one domain
)

// commonSuffixes are tried where every suffix is allowed: an example on a well-known one is the most telling.
var commonSuffixes = []string{"com", "net", "org", "dev", "io", "app"}

func (s *survey) surveyNames() {
	d := s.within(originGrammar().names)
	if d.isEmpty() {
		return
	}
	h := &hostNames{dfa: d, survey: s, back: newReverse(d), distance: d.distances(),
		inside: make([]bool, d.numStates()), words: make([]string, d.numStates())}
	for _, scheme := range []string{"https://", "http://"} {
		if first := d.read(start, scheme); first != dead {
			h.starts = append(h.starts, first)
			h.goForward(first, scheme)
		}
	}
	for i, inside := range h.inside {
		if inside && (d.accept[i] != 0 || d.read(state(i), ":") != dead) {
			h.ends = append(h.ends, state(i))
		}
	}
	h.measureLabels()
	h.examine("", h.ends)
	if s.problem == openDomains {
		h.recordLonger()
	}
}

// goForward marks the states inside of hosts, and notes the shortest way to each.
func (h *hostNames) goForward(first state, scheme string) {
	if h.inside[first] {
		return
	}
	h.inside[first], h.words[first] = true, scheme
	for queue := []state{first}; len(queue) > 0; queue = queue[1:] {
		for symbol, next := range h.row(queue[0]) {
			if next != dead && isHostSymbol(symbol) && !h.inside[next] {
				h.inside[next], h.words[next] = true, h.words[queue[0]]+symbols[symbol:symbol+1]
				queue = append(queue, next)
			}
		}
	}
}

func isHostSymbol(symbol int) bool {
	return symbols[symbol] == '.' || classes[symbols[symbol]]&classHost != 0
}

// before returns the states inside of hosts from which symbol leads into set.
func (h *hostNames) before(set []state, symbol int) []state {
	var list []state
	for _, s := range set {
		for _, from := range h.back.sources(s, symbol) {
			if h.inside[from] {
				list = append(list, from)
			}
		}
	}
	slices.Sort(list)
	h.survey.work.spend(len(set) + len(list))
	return slices.Compact(list)
}

// measureLabels works out toLabel.
func (h *hostNames) measureLabels() {
	h.toLabel = make([]int, h.numStates())
	var queue []state
	for i := range h.toLabel {
		h.toLabel[i] = unreachable
		s := state(i)
		if h.inside[i] && (slices.Contains(h.starts, s) || len(h.before([]state{s}, dot)) > 0) {
			h.toLabel[i] = 0
			queue = append(queue, s)
		}
	}
	for ; len(queue) > 0; queue = queue[1:] {
		for symbol, next := range h.row(queue[0]) {
			if isHostSymbol(symbol) && h.toLabel[next] == unreachable && next != dead {
				h.toLabel[next] = h.toLabel[queue[0]] + 1
				queue = append(queue, next)
			}
		}
	}
}

var dot = int(symbolOf['.'])

// examine looks at the hosts that are name, or end with a dot and name. behind holds the states from which the rest of
// a host is exactly name.
func (h *hostNames) examine(name string, behind []state) {
	s := h.survey
	if h.labels++; h.labels > maxLabels || s.work.left < 0 {
		s.raise(tooHard)
		return
	}
	front := behind
	if name != "" {
		if slices.ContainsFunc(h.starts, func(first state) bool { return slices.Contains(behind, first) }) {
			h.record(name, h.example(name, h.starts, behind))
		}
		if front = h.before(behind, dot); len(front) == 0 {
			return
		}
		if settles(name) {
			h.record(name, h.longerExample(name, front))
			return
		}
	}
	if name != "" && !isPublicSuffix(name) {
		h.branchOwned(name, front)
		return
	}
	labels, all := h.firstLabels(front, maxDomains)
	if !all {
		h.survey.raise(openDomains)
		h.survey.matches = true
		if name == "" {
			labels = append(labels, h.fitting(front, commonSuffixes)...)
		}
	}
	h.examineAll(name, labels)
}

// branchOwned examines what can stand in front of a name that belongs to someone, but has public suffixes below it.
// Only the labels that lead to these matter: whatever else stands there belongs to the same one.
func (h *hostNames) branchOwned(name string, front []state) {
	labels, all := h.firstLabels(front, maxBranches)
	if all {
		h.examineAll(name, labels)
		return
	}
	toSuffixes := labelsToSuffixes(name)
	before := h.survey.problem
	h.survey.problem = pinned
	switch {
	case len(toSuffixes) == 0 || slices.Contains(toSuffixes, "*"): // each label makes a public suffix
		h.survey.raise(ownedSuffix)
		h.examineAll(name, labels[:min(2, len(labels))])
	default:
		h.record(name, h.longerExample(name, front))
		for _, l := range h.fitting(front, toSuffixes) {
			if h.survey.problem == pinned { // one is enough
				h.examine(l.text+"."+name, l.behind)
			}
		}
	}
	if h.survey.problem != pinned {
		h.survey.problem = ownedSuffix
	}
	h.survey.raise(before)
}

// A label is what can stand in front of a name.
type label struct {
	text   string
	behind []state // from which the rest of a host is exactly the label and the name
}

// examineAll goes on with labels in front of name.
func (h *hostNames) examineAll(name string, labels []label) {
	for _, l := range labels {
		full := l.text
		if name != "" {
			full += "." + name
		}
		h.examine(full, l.behind)
	}
}

// firstLabels returns the labels that lead into front if they are at most limit, otherwise the shortest ones.
func (h *hostNames) firstLabels(front []state, limit int) (labels []label, all bool) {
	done := h.labelsBefore(front, func(text string, behind []state) bool {
		labels = append(labels, label{text, behind})
		return len(labels) <= limit
	})
	return labels, done && len(labels) <= limit
}

// fitting returns those of the texts that are labels which lead into front.
func (h *hostNames) fitting(front []state, texts []string) []label {
	var labels []label
	for _, text := range texts {
		if behind := h.behindLabel(front, text); len(behind) > 0 {
			labels = append(labels, label{text, behind})
		}
	}
	return labels
}

// labelsBefore finds the labels that lead into front, the shortest first.
func (h *hostNames) labelsBefore(front []state, yield func(text string, behind []state) bool) (done bool) {
	least := func(set []state) int {
		n := unreachable
		for _, s := range set {
			n = min(n, h.toLabel[s])
		}
		return n
	}
	s := search{queue: candidates{{states: front, least: least(front)}}}
	s.expand = func(c candidate, push func(candidate)) {
		for symbol := range numSymbols {
			if symbol == dot || !isHostSymbol(symbol) || len(c.read) == maxLabel {
				continue // no label is longer
			}
			if set := h.before(c.states, symbol); len(set) > 0 {
				push(candidate{c.read + string(rune(symbol)), set, len(c.read) + 1 + least(set)})
			}
		}
	}
	return s.run(h.survey.work, func(c candidate) bool {
		if c.read == "" || least(c.states) > 0 {
			return true
		}
		return yield(c.reversed(), c.states)
	})
}

// behindLabel returns the states from which text leads into front, if a label can start there.
func (h *hostNames) behindLabel(front []state, text string) []state {
	for i := len(text) - 1; i >= 0; i-- {
		front = h.before(front, int(symbolOf[text[i]]))
	}
	if !slices.ContainsFunc(front, func(s state) bool { return h.toLabel[s] == 0 }) {
		return nil
	}
	return front
}

// record notes the domain to which name belongs.
func (h *hostNames) record(name, example string) {
	f := finding{domain: domainOfName(name), registrable: true, example: example}
	switch {
	case isPublicSuffix(name):
		f.domain, f.registrable, f.publicSuffix = name, false, true
	case isUnlisted(name):
		f.registrable = false
	}
	h.survey.add(f)
}

// example returns an origin whose host is name, for which starts and behind have a state in common.
func (h *hostNames) example(name string, starts, behind []state) string {
	for _, first := range starts {
		if slices.Contains(behind, first) {
			if text := h.survey.complete(h.dfa, h.words[first]+name); text != "" {
				return text
			}
		}
	}
	return ""
}

// recordLonger notes domains that come from a country behind a whole name, such as example.com.co for example.com:
// nothing shows better that the end is open.
func (h *hostNames) recordLonger() {
	var origins []string
	for _, end := range h.ends {
		if strings.Contains(h.words[end], ".") {
			origins = append(origins, h.words[end])
		}
	}
	slices.SortFunc(origins, func(a, b string) int { return cmp.Or(len(a)-len(b), compareSymbols(a, b)) })
	for _, origin := range origins[:min(len(origins), maxDomains)] {
		for _, country := range []string{".co", ".de"} {
			if text := h.survey.complete(h.dfa, origin+country); text != "" {
				_, host, _ := strings.Cut(origin, "://")
				h.record(host+country, text)
			}
		}
	}
}

// longerExample returns the shortest origin whose host ends with a dot and name. A dot and name lead from the states in
// front to the end of a host.
func (h *hostNames) longerExample(name string, front []state) string {
	best := front[0]
	for _, s := range front {
		if len(h.words[s]) < len(h.words[best]) {
			best = s
		}
	}
	return h.survey.complete(h.dfa, h.words[best]+"."+name)
}
