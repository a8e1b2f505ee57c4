package domain

import (
	"cmp"
	"slices"
	"strings"

	"github.com/corselet/corselet/core/internal/automaton"
	"github.com/corselet/corselet/core/internal/origin"
)

// A nameSurvey finds the registrable domains of the names that a regexp matches over http and
// https.
//
// The end of a name says who owns it, so names are read from the right, label by label. behind(w)
// is the set of states from which the rest of a host is exactly w. At each step one of three things
// is true:
//
//   - everything in front of w belongs to the same domain: w is a result;
//   - only few labels can be in front of w: go on with each of them;
//   - too many can: the regexp is open there. A few of them are still looked at, as examples.
//
// Where a host can end and start, and which states lie between, is found by going forward once.
// Going back through those states only, every step back is one that some host takes.
type nameSurvey struct {
	*automaton.DFA
	survey   *survey
	starts   []automaton.State  // behind http:// and https://
	inside   []bool             // by state: some host leads there
	ends     []automaton.State  // those at which a host is complete
	back     *automaton.Reverse // by state: where it comes from
	toLabel  []int              // by state: least symbols back to where its label starts
	words    []string           // by state: the shortest beginning of an origin that leads there
	distance []int              // by state: least symbols to acceptance
	labels   int                // how many were looked at
}

// Bounds of the survey of names.
const (
	maxLabels   = 2_000 // labels looked at
	maxBranches = 256   // labels in front of a name that may all belong to one domain
)

// commonSuffixes are tried where every suffix is allowed, because they make the best examples.
var commonSuffixes = []string{"com", "net", "org", "dev", "io", "app"}

func (s *survey) surveyNames() {
	names := originGrammar().names
	if !automaton.Overlap(s.regexp, names, s.work) {
		return
	}
	d := s.within(names)
	h := &nameSurvey{DFA: d, survey: s, back: d.Reverse(), distance: d.Distances(s.work),
		inside: make([]bool, d.NumStates()), words: make([]string, d.NumStates())}
	for _, scheme := range []string{"https://", "http://"} {
		if first := d.Read(automaton.Start, scheme); first != automaton.Dead {
			h.starts = append(h.starts, first)
			h.goForward(first, scheme)
		}
	}
	for i, inside := range h.inside {
		s := automaton.State(i)
		if inside && (d.IsFinal(s) || d.Read(s, ":") != automaton.Dead) {
			h.ends = append(h.ends, s)
		}
	}
	h.measureLabels()
	h.examine("", h.ends)
	if s.problem == openDomains {
		h.recordLonger()
	}
}

// goForward marks the states inside of hosts, and notes the shortest way to each.
func (h *nameSurvey) goForward(first automaton.State, scheme string) {
	if h.inside[first] {
		return
	}
	h.inside[first], h.words[first] = true, scheme
	for queue := []automaton.State{first}; len(queue) > 0; queue = queue[1:] {
		for symbol, next := range h.Row(queue[0]) {
			if next != automaton.Dead && isHostSymbol(symbol) && !h.inside[next] {
				h.inside[next] = true
				h.words[next] = h.words[queue[0]] + string(alphabet.Symbol(symbol))
				queue = append(queue, next)
			}
		}
	}
}

func isHostSymbol(symbol int) bool {
	return symbol == dot || origin.IsLabelByte(alphabet.Symbol(symbol))
}

// before returns the states inside of hosts from which symbol leads into set.
func (h *nameSurvey) before(set []automaton.State, symbol int) []automaton.State {
	var list []automaton.State
	for _, s := range set {
		for _, from := range h.back.Sources(s, symbol) {
			if h.inside[from] {
				list = append(list, from)
			}
		}
	}
	slices.Sort(list)
	h.survey.work.Spend(len(set) + len(list))
	return slices.Compact(list)
}

func (h *nameSurvey) followsDot(s automaton.State) bool {
	return len(h.before([]automaton.State{s}, dot)) > 0
}

// measureLabels works out toLabel.
func (h *nameSurvey) measureLabels() {
	h.toLabel = make([]int, h.NumStates())
	var queue []automaton.State
	for i := range h.toLabel {
		h.toLabel[i] = automaton.Unreachable
		s := automaton.State(i)
		if h.inside[i] && (slices.Contains(h.starts, s) || h.followsDot(s)) {
			h.toLabel[i] = 0
			queue = append(queue, s)
		}
	}
	for ; len(queue) > 0; queue = queue[1:] {
		for symbol, next := range h.Row(queue[0]) {
			if next != automaton.Dead && isHostSymbol(symbol) &&
				h.toLabel[next] == automaton.Unreachable {
				h.toLabel[next] = h.toLabel[queue[0]] + 1
				queue = append(queue, next)
			}
		}
	}
}

var dot = alphabet.Number('.')

// examine looks at the hosts that are name, or end with a dot and name. behind holds the states
// from which the rest of a host is exactly name.
func (h *nameSurvey) examine(name string, behind []automaton.State) {
	s := h.survey
	if h.labels++; h.labels > maxLabels || s.work.Left < 0 {
		s.raise(tooHard)
		return
	}
	front := behind
	if name != "" {
		isStart := func(s automaton.State) bool { return slices.Contains(h.starts, s) }
		if slices.ContainsFunc(behind, isStart) {
			h.record(name, h.example(name, behind))
		}
		if front = h.before(behind, dot); len(front) == 0 {
			return
		}
		if HasOneOwner(name) {
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

// branchOwned examines what can be in front of a name that belongs to someone, but has public
// suffixes below it. Only the labels that lead to these matter: the others belong to the same
// owner.
func (h *nameSurvey) branchOwned(name string, front []automaton.State) {
	labels, all := h.firstLabels(front, maxBranches)
	if all {
		h.examineAll(name, labels)
		return
	}
	toSuffixes := labelsToSuffixes(name)
	before := h.survey.problem
	h.survey.problem = pinned
	switch {
	case len(toSuffixes) == 0 || slices.Contains(toSuffixes, "*"):
		// Each label makes a public suffix.
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

// A label is what can be in front of a name.
type label struct {
	text   string
	behind []automaton.State // from which the rest of a host is exactly label and name
}

// examineAll goes on with labels in front of name.
func (h *nameSurvey) examineAll(name string, labels []label) {
	for _, l := range labels {
		full := l.text
		if name != "" {
			full += "." + name
		}
		h.examine(full, l.behind)
	}
}

// firstLabels returns the labels that lead into front if they are at most limit, otherwise the
// shortest ones.
func (h *nameSurvey) firstLabels(front []automaton.State, limit int) (labels []label, all bool) {
	done := h.labelsBefore(front, func(l label) bool {
		labels = append(labels, l)
		return len(labels) <= limit
	})
	return labels, done && len(labels) <= limit
}

// fitting returns those of the texts that are labels which lead into front.
func (h *nameSurvey) fitting(front []automaton.State, texts []string) []label {
	var labels []label
	for _, text := range texts {
		if behind := h.behindLabel(front, text); len(behind) > 0 {
			labels = append(labels, label{text, behind})
		}
	}
	return labels
}

// labelsBefore finds the labels that lead into front, the shortest first.
func (h *nameSurvey) labelsBefore(
	front []automaton.State, yield func(label) bool,
) (done bool) {
	least := func(set []automaton.State) int {
		n := automaton.Unreachable
		for _, s := range set {
			n = min(n, h.toLabel[s])
		}
		return n
	}
	s := automaton.Search{Alphabet: alphabet}
	s.Expand = func(c automaton.Candidate, push func(automaton.Candidate)) {
		for symbol := range alphabet.Size() {
			if symbol == dot || !isHostSymbol(symbol) || len(c.Read) == origin.MaxLabel {
				continue // no label is longer
			}
			if set := h.before(c.States, symbol); len(set) > 0 {
				push(c.Then(symbol, set, least(set)))
			}
		}
	}
	first := automaton.Candidate{States: front, Least: least(front)}
	return s.Run(first, h.survey.work, func(c automaton.Candidate) bool {
		if c.Read == "" || least(c.States) > 0 {
			return true
		}
		return yield(label{alphabet.Reversed(&c), c.States})
	})
}

// behindLabel returns the states from which text leads into front, if a label can start there.
func (h *nameSurvey) behindLabel(front []automaton.State, text string) []automaton.State {
	for i := len(text) - 1; i >= 0; i-- {
		front = h.before(front, alphabet.Number(text[i]))
	}
	if !slices.ContainsFunc(front, func(s automaton.State) bool { return h.toLabel[s] == 0 }) {
		return nil
	}
	return front
}

// record notes the domain that name belongs to.
func (h *nameSurvey) record(name, example string) {
	f := finding{domain: ofName(name), registrable: true, example: example}
	switch {
	case isPublicSuffix(name):
		f.domain, f.registrable, f.publicSuffix = name, false, true
	case isUnlisted(name):
		f.registrable = false
	}
	h.survey.add(f)
}

// example returns an origin whose host is name. behind has a start among its states.
func (h *nameSurvey) example(name string, behind []automaton.State) string {
	for _, first := range h.starts {
		if slices.Contains(behind, first) {
			if text := h.survey.complete(h.DFA, h.distance, h.words[first]+name); text != "" {
				return text
			}
		}
	}
	return ""
}

// recordLonger notes domains that come from a country behind a whole name, such as example.com.co
// for example.com: nothing shows better that the end is open.
func (h *nameSurvey) recordLonger() {
	var origins []string
	for _, end := range h.ends {
		if strings.Contains(h.words[end], ".") {
			origins = append(origins, h.words[end])
		}
	}
	slices.SortFunc(origins, func(a, b string) int {
		return cmp.Or(len(a)-len(b), alphabet.Compare(a, b))
	})
	for _, origin := range origins[:min(len(origins), maxDomains)] {
		for _, country := range []string{".co", ".de"} {
			if text := h.survey.complete(h.DFA, h.distance, origin+country); text != "" {
				_, host, _ := strings.Cut(origin, "://")
				h.record(host+country, text)
			}
		}
	}
}

// longerExample returns the shortest origin whose host ends with a dot and name. A dot and name
// lead from the states in front to the end of a host.
func (h *nameSurvey) longerExample(name string, front []automaton.State) string {
	best := front[0]
	for _, s := range front {
		if len(h.words[s]) < len(h.words[best]) {
			best = s
		}
	}
	return h.survey.complete(h.DFA, h.distance, h.words[best]+"."+name)
}
