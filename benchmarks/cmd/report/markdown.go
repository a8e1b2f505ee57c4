package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"text/template"

	"github.com/corselet/corselet/benchmarks"
)

//go:embed results.md.tmpl
var resultsTemplate string

// markdown returns RESULTS.md.
func (r *Report) markdown() []byte {
	t := template.Must(template.New("results.md").Funcs(r.functions()).Parse(resultsTemplate))
	var b bytes.Buffer
	if err := t.Execute(&b, r); err != nil {
		panic(err) // a mistake in the template, which tests find
	}
	return b.Bytes()
}

// functions are what the template calls.
func (r *Report) functions() template.FuncMap {
	return template.FuncMap{
		"partial": r.Setup.partial, "turns": func() int { return turns },
		"mainPolicy": func() string { return mainPolicy.Name },
		"barePolicy": func() string { return barePolicy.Name },
		"frameworks": func() []string { return benchmarks.Frameworks },
		"has": func(section string) bool {
			contenders, _ := r.axes(section, "", benchmarks.NetHTTP)
			return len(contenders) > 0
		},
		"chartFile": chartFile, "row": row, "duration": duration, "memory": memory,
		"percent":   func(part, whole float64) string { return fmt.Sprintf("± %.0f %%", 100*part/whole) },
		"plusMinus": func(x, off float64) string { return duration(x) + " ± " + duration(off) },
		"lower":     strings.ToLower, "connections": func() int { return connections },

		"targets": r.targets, "noise": r.measuredTwice, "again": func(got *Result) string {
			return times(r.twice(got))
		},
		"table": r.table, "findings": r.findingsOf, "growthTable": r.growthTable,
		"core": func() []*Result { return r.inSection(sectionCore) },

		"hasOTel":    func() bool { return r.otel(benchmarks.AllowedGet, benchmarks.Corselet) != nil },
		"otelEvents": func() string { return benchmarks.Events }, "otelBurst": func() string { return eventInBurst },
		"otelTable": r.otelTable, "marks": r.marks,
	}
}

// row returns a row of a table.
func row(cells ...any) string {
	var b strings.Builder
	b.WriteString("|")
	for _, cell := range cells {
		fmt.Fprintf(&b, " %v |", cell)
	}
	return b.String()
}

// grid returns a table whose first column and head are names, and whose cells are numbers.
func grid(corner string, heads, names []string, cell func(name, head string) string) string {
	if len(heads) == 0 {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "| %s | %s |\n|---|%s\n", corner, strings.Join(heads, " | "),
		strings.Repeat("---:|", len(heads)))
	for _, name := range names {
		cells := []any{name}
		for _, head := range heads {
			cells = append(cells, cell(name, head))
		}
		b.WriteString(row(cells...) + "\n")
	}
	return b.String() + "\n"
}

// inSection returns what was measured in a section.
func (r *Report) inSection(section string) (list []*Result) {
	for i := range r.Results {
		if r.Results[i].Section == section {
			list = append(list, &r.Results[i])
		}
	}
	return list
}

// table returns scenarios × contenders of one framework.
func (r *Report) table(section, policy, framework string) string {
	contenders, scenarios := r.axes(section, policy, framework)
	corner := framework
	if policy == barePolicy.Name {
		corner += ", one origin, no credentials"
	}
	return grid(corner, contenders, scenarios, func(scenario, contender string) string {
		return cell(r.find(section, policy, scenario, framework, contender),
			r.find(section, policy, scenario, framework, benchmarks.Corselet))
	})
}

// growthTable returns policies × contenders of one framework.
func (r *Report) growthTable(framework string) string {
	contenders, _ := r.axes(sectionGrowth, "", framework)
	contenders = slices.DeleteFunc(contenders, isLimit)
	var policies []string
	for _, got := range r.inSection(sectionGrowth) {
		if !slices.Contains(policies, got.Policy) {
			policies = append(policies, got.Policy)
		}
	}
	return grid(framework, contenders, policies, func(policy, contender string) string {
		find := func(name string) *Result {
			return r.find(sectionGrowth, policy, benchmarks.AllowedGet, framework, name)
		}
		got := find(contender)
		return cell(got, find(benchmarks.Corselet+anchor)) + regexpNote(got)
	})
}

// ShownBound returns the target's bound as text.
func (t *Target) ShownBound() string {
	if math.IsNaN(t.Bound) {
		return "–"
	}
	return fmt.Sprintf("≤ %.4g%s", t.Bound, t.Unit)
}

// Measured returns what was measured as text, and how far it may be off.
func (t *Target) Measured() string {
	text := t.number(t.Got)
	if t.Noise > 0 {
		text += fmt.Sprintf(" ± %.2f", t.Noise)
	}
	return text
}

// ShownVerdict returns the verdict and what to know about it.
func (t *Target) ShownVerdict() string {
	if t.Note == "" {
		return t.verdict()
	}
	return t.verdict() + " (" + t.Note + ")"
}

// Optional returns a number as text, or nothing for none.
func (t *Target) Optional(x float64) string {
	if x == 0 {
		return ""
	}
	return t.number(x)
}

func (t *Target) number(x float64) string {
	if math.IsNaN(x) {
		return "–"
	}
	return fmt.Sprintf("%.2f%s", x, t.Unit)
}

// disqualified is where a number would be.
const disqualified = "**disqualified**"

// cell writes one measurement: nanoseconds, ratio, allocations.
func cell(got, ours *Result) string {
	if got == nil {
		return "–"
	}
	if len(got.Wrong) > 0 {
		return disqualified
	}
	ratio := ""
	if ratioOf := added(got, ours); got != ours && !math.IsNaN(ratioOf) {
		ratio = fmt.Sprintf(" **%s**", times(ratioOf))
	}
	return fmt.Sprintf("%s%s<br>%s", duration(got.Added), ratio, memory(got))
}

func times(ratio float64) string {
	if ratio >= 10 {
		return fmt.Sprintf("%.0f×", ratio)
	}
	return fmt.Sprintf("%.2f×", ratio)
}

// duration writes nanoseconds with three digits.
func duration(ns float64) string {
	switch abs := math.Abs(ns); {
	case abs >= 1e6:
		return fmt.Sprintf("%.3g ms", ns/1e6)
	case abs >= 1e3:
		return fmt.Sprintf("%.3g µs", ns/1e3)
	}
	return fmt.Sprintf("%.0f ns", ns)
}

// memory writes allocations and bytes.
func memory(r *Result) string {
	return fmt.Sprintf("%.0f allocs, %.0f B", math.Round(r.Allocs)+0, math.Round(r.Bytes)+0)
}

// axes returns the contenders and scenarios that were measured under the policy, or under any if it is empty, in the
// order of their lists, baselines left out.
func (r *Report) axes(section, policy, framework string) (contenders, scenarios []string) {
	has := map[string]bool{}
	for _, got := range r.Results {
		if got.Section == section && got.Framework == framework && (policy == "" || got.Policy == policy) {
			has[got.Contender], has[got.Scenario] = true, true
		}
	}
	for _, c := range benchmarks.Contenders {
		if c.Framework == framework && has[c.Name] {
			contenders = append(contenders, c.Name)
		}
	}
	for _, s := range benchmarks.Scenarios {
		if has[s.Name] {
			scenarios = append(scenarios, s.Name)
		}
	}
	return contenders, scenarios
}

// regexpNote says what to know of a number under a policy of regexps.
func regexpNote(got *Result) string {
	if got == nil || len(got.Wrong) > 0 || !strings.HasPrefix(got.Policy, "regexp-") {
		return ""
	}
	for _, c := range benchmarks.Contenders {
		if c.Framework == got.Framework && c.Name == got.Contender && c.OnRegexps != "" {
			return "<br>" + c.OnRegexps
		}
	}
	return ""
}

// findingsOf says what the numbers of a framework's contenders do not include, and who has none.
func (r *Report) findingsOf(framework string) (list []string) {
	for _, c := range benchmarks.Contenders {
		wrong, less, checked := r.remarks(&c)
		if c.Framework != framework || !checked || c.Name == benchmarks.Observed && len(wrong) == 0 {
			continue
		}
		var said []string
		for _, m := range wrong {
			said = append(said, "**disqualified**, because of wrong answers: "+m.String())
		}
		for _, m := range less {
			said = append(said, m.String())
		}
		if len(said) == 0 {
			said = []string{"nothing left out"}
		}
		list = append(list, c.Name+": "+strings.Join(said, "; "))
	}
	return list
}

const (
	blockBegin = "<!-- benchmarks:begin -->\n"
	blockEnd   = "<!-- benchmarks:end -->"
)

// updateREADME replaces the text between the markers in the file, if it has them.
func (r *Report) updateREADME(file string) error {
	text, err := os.ReadFile(file)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return err
	}
	updated, ok := replaceBlock(string(text), r.block())
	if !ok || updated == string(text) {
		return nil
	}
	return os.WriteFile(file, []byte(updated), 0o644)
}

// replaceBlock puts block between the markers of text, and reports whether it has both.
func replaceBlock(text, block string) (string, bool) {
	before, rest, ok := strings.Cut(text, blockBegin)
	_, after, ok2 := strings.Cut(rest, blockEnd)
	if !ok || !ok2 {
		return text, false
	}
	return before + blockBegin + block + blockEnd + after, true
}

// lacks returns what a peer leaves out that Corselet does, under the main policy.
func (r *Report) lacks(c *benchmarks.Contender) (lacks []string) {
	for _, f := range r.Findings {
		if f.Framework == c.Framework && f.Contender == c.Name && f.Policy == mainPolicy.Name {
			lacks = append(lacks, summarize(f.Less)...)
		}
	}
	return lacks
}

// block returns the few numbers that matter to the root's README.
func (r *Report) block() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Time that middleware adds to a request, in multiples of Corselet's (%s, %d "+
		"processors, %s; [all numbers, versions, and how they were measured](benchmarks/RESULTS.md)). "+
		"More than 1 is slower than Corselet. * does less for it: shares header memory between "+
		"responses, or leaves out fields such as `Vary`.\n\n",
		r.Setup.Machine, r.Setup.Processor, r.Setup.Go)
	fmt.Fprintf(&b, "| framework | middleware | %s |\n|---|---|%s\n", strings.Join(essential, " | "),
		strings.Repeat("---:|", len(essential)))
	for _, c := range benchmarks.Contenders {
		if !c.IsPeer() {
			continue
		}
		less := ""
		if len(r.lacks(&c)) > 0 {
			less = " *"
		}
		fmt.Fprintf(&b, "| %s | %s %s%s |", c.Framework, c.Name, r.Setup.Modules[c.Module], less)
		for _, scenario := range essential {
			peer := r.router(mainPolicy, scenario, c.Framework, c.Name)
			ratio := added(peer, r.router(mainPolicy, scenario, c.Framework, benchmarks.Corselet))
			switch {
			case peer != nil && len(peer.Wrong) > 0:
				fmt.Fprintf(&b, " %s |", disqualified)
			case math.IsNaN(ratio):
				b.WriteString(" – |")
			default:
				fmt.Fprintf(&b, " %s |", times(ratio))
			}
		}
		b.WriteString("\n")
	}
	b.WriteString("\n")
	for _, framework := range benchmarks.Frameworks {
		if line := r.inOneLine(framework); line != "" {
			fmt.Fprintf(&b, "- %s\n", line)
		}
	}
	b.WriteString("\n![Cost by number of origins, 256 of them busy](benchmarks/charts/growth.svg)\n")
	return b.String()
}

// inOneLine says what the table says of a framework: from which to which share of a peer's time.
func (r *Report) inOneLine(framework string) string {
	var parts []string
	for _, c := range benchmarks.Contenders {
		if c.Framework != framework || !c.IsPeer() {
			continue
		}
		low, high := math.Inf(1), 0.0
		for _, scenario := range essential {
			peer := r.router(mainPolicy, scenario, framework, c.Name)
			ratio := added(r.router(mainPolicy, scenario, framework, benchmarks.Corselet), peer)
			if !math.IsNaN(ratio) {
				low, high = min(low, ratio), max(high, ratio)
			}
		}
		if high > 0 {
			parts = append(parts, fmt.Sprintf("%.0f to %.0f %% of the time of %s", 100*low, 100*high, c.Name))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return framework + ": Corselet takes " + strings.Join(parts, ", ")
}
