package main

import (
	"bytes"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strings"

	"github.com/corselet/corselet/benchmarks"
)

// markdown returns RESULTS.md.
func (r *Report) markdown() []byte {
	var b bytes.Buffer
	r.writeSetup(&b)
	r.writeTargets(&b)
	r.writeFrameworks(&b)
	r.writeBusy(&b)
	r.writeGrowth(&b)
	r.writeHostile(&b)
	r.writeCore(&b)
	r.writeLoads(&b)
	return b.Bytes()
}

func (r *Report) writeSetup(b *bytes.Buffer) {
	s := &r.Setup
	fmt.Fprintf(b, "# Results\n\nWritten by the report command; do not edit. Take ratios from here, not nanoseconds: "+
		"those are this machine's.\n\n")
	if s.Quick {
		b.WriteString("**Measured with -quick: for a first look, not for quoting.**\n\n")
	}
	fmt.Fprintf(b, "| | |\n|---|---|\n| date | %s |\n| machine | %s, %d processors |\n| Go | %s |\n| command | `%s` |\n"+
		"| rounds | %d, in each of which contenders take turns of %s, %d times |\n| took | %.0f s |\n| revision | %s |\n",
		s.Date, s.Machine, s.Processor, s.Go, s.Command, s.Rounds, s.Turn, turns, s.Seconds, s.Revision)
	for _, module := range slices.Sorted(maps.Keys(s.Modules)) {
		fmt.Fprintf(b, "| %s | %s |\n", module, s.Modules[module])
	}
	b.WriteString(`
How to read it:

- **Added cost** is the time of a request with the middleware, minus that of the same application without it. Routes,
  a handler that answers JSON, a new response header map and eight further request fields, as browsers send them, are
  part of both. A preflight is compared with middleware that answers 204 and does nothing else. Numbers are medians;
  what was measured in the same round is subtracted.
- **×** is a contender's added cost in relation to Corselet's in the same framework: 2.0× takes twice as long.
- **limit** sets the fields of Corselet's answer to an allowed origin without looking at anything.
  **limit, shared memory** does so with slices that all responses share: whoever changes one changes them all.
- **corselet, observed** has an observer that asks for the verdict on every request.
- The policy lists three exact origins with credentials, five request headers, three methods beyond the simple ones, one
  exposed header and a max-age, unless a table says otherwise. Requests come from the origins in turn.
- Collections of garbage are made rarer (GOGC=400), so that what one contender leaves behind seldom costs another time;
  one section keeps the collector busy on purpose.

`)
}

func (r *Report) writeTargets(b *bytes.Buffer) {
	fmt.Fprintf(b, "## Targets\n\nSet before anything was built. The last columns show the same with one origin and no "+
		"credentials, and what the limit comes to: where its number is above the target, "+
		"no middleware that sends the same answer can meet it.\n\n"+
		"| what | target | measured | | one origin | limit |\n|---|---:|---:|---|---:|---:|\n")
	for _, t := range r.targets() {
		verdict := t.verdict()
		if t.Note != "" {
			verdict += " (" + t.Note + ")"
		}
		fmt.Fprintf(b, "| %s | ≤ %.4g%s | %s | %s | %s | %s |\n", t.What, t.Bound, t.Unit,
			t.number(t.Got), verdict, t.optional(t.Bare), t.optional(t.Floor))
	}
	b.WriteString("\n")
}

func (t *Target) number(x float64) string {
	if math.IsNaN(x) {
		return "–"
	}
	return fmt.Sprintf("%.2f%s", x, t.Unit)
}

func (t *Target) optional(x float64) string {
	if x == 0 {
		return ""
	}
	return t.number(x)
}

func (r *Report) writeFrameworks(b *bytes.Buffer) {
	b.WriteString("## Added cost of a request\n\n" +
		"In nanoseconds, as a ratio, and the heap allocations that come with it.\n\n")
	for _, framework := range benchmarks.Frameworks {
		fmt.Fprintf(b, "### %s\n\n![Added cost in %s](charts/%s)\n\n", framework, framework, chartFile(framework))
		r.writeTable(b, sectionRouter, mainPolicy.Name, framework)
		r.writeTable(b, sectionRouter, barePolicy.Name, framework)
		r.writeFindings(b, framework)
	}
	b.WriteString("### The middleware alone\n\nWith one response header map that is used again and again. " +
		"Fiber's middleware cannot be called without fiber.\n\n")
	for _, framework := range benchmarks.Frameworks {
		r.writeTable(b, sectionAlone, mainPolicy.Name, framework)
	}
}

// writeTable writes scenarios × contenders of one framework.
func (r *Report) writeTable(b *bytes.Buffer, section, policy, framework string) {
	contenders, scenarios := r.axes(section, policy, framework)
	if len(contenders) == 0 {
		return
	}
	name := framework
	if policy == barePolicy.Name {
		name += ", one origin, no credentials"
	}
	fmt.Fprintf(b, "| %s | %s |\n|---|%s\n", name, strings.Join(contenders, " | "),
		strings.Repeat("---:|", len(contenders)))
	for _, scenario := range scenarios {
		fmt.Fprintf(b, "| %s |", scenario)
		ours := r.find(section, policy, scenario, framework, benchmarks.Corselet)
		for _, contender := range contenders {
			got := r.find(section, policy, scenario, framework, contender)
			fmt.Fprintf(b, " %s |", cell(got, ours))
		}
		b.WriteString("\n")
	}
	b.WriteString("\n")
}

// cell writes one measurement: nanoseconds, ratio, allocations.
func cell(got, ours *Result) string {
	if got == nil {
		return "–"
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

// memory writes allocations and bytes, which may be fewer than without the middleware where it answers by itself.
func memory(r *Result) string {
	return fmt.Sprintf("%.0f allocs, %.0f B", round(r.Allocs), round(r.Bytes))
}

// round makes no difference between 0 and -0.
func round(x float64) float64 { return math.Round(x) + 0 }

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

// writeFindings says what each contender's numbers do not include.
func (r *Report) writeFindings(b *bytes.Buffer, framework string) {
	b.WriteString("What was found when the answers were checked before timing:\n\n")
	for _, c := range benchmarks.Contenders {
		found, ok := r.Findings[framework+" "+c.Name]
		if c.Framework != framework || !ok || c.Name == benchmarks.Observed {
			continue
		}
		fmt.Fprintf(b, "- %s: ", c.Name)
		switch {
		case len(found.Wrong) > 0:
			fmt.Fprintf(b, "**disqualified**, because its answers are wrong: %s", strings.Join(found.Wrong, "; "))
		case len(found.Less) > 0:
			b.WriteString(strings.Join(summarize(found.Less), "; "))
		default:
			b.WriteString("nothing left out")
		}
		b.WriteString("\n")
	}
	b.WriteString("\n")
}

// summarize joins the findings about Vary into one.
func summarize(findings []string) []string {
	const prefix = "no Vary: "
	var others, where []string
	for _, finding := range findings {
		if scenario, ok := strings.CutPrefix(finding, prefix); ok {
			where = append(where, scenario)
		} else {
			others = append(others, finding)
		}
	}
	if len(where) > 0 {
		others = append(others, "sends no Vary: Origin with "+strings.Join(where, ", "))
	}
	return others
}

func (r *Report) writeBusy(b *bytes.Buffer) {
	for _, part := range []struct{ section, title string }{
		{sectionParallel, "## In parallel\n\nOn all processors at once; time is per request over all of them.\n\n"},
		{sectionGC, "## With the garbage collector busy\n\nIt marks a heap of 64 MiB again and again.\n\n"},
	} {
		if contenders, _ := r.axes(part.section, "", benchmarks.NetHTTP); len(contenders) == 0 {
			continue
		}
		b.WriteString(part.title)
		for _, framework := range benchmarks.Frameworks {
			r.writeTable(b, part.section, mainPolicy.Name, framework)
		}
	}
}

func (r *Report) writeGrowth(b *bytes.Buffer) {
	b.WriteString("## Growth with the number of origins\n\n![Growth](charts/growth.svg)\n\n" +
		"Added cost of an allowed GET, whose origin is a different one each time, of up to 256. " +
		"The ratio is to Corselet with one entry, measured along with it.\n\n")
	var policies []string
	for _, got := range r.Results {
		if got.Section == sectionGrowth && !slices.Contains(policies, got.Policy) {
			policies = append(policies, got.Policy)
		}
	}
	for _, framework := range benchmarks.Frameworks {
		contenders, _ := r.axes(sectionGrowth, "", framework)
		contenders = slices.DeleteFunc(contenders, isLimit)
		fmt.Fprintf(b, "| %s | %s |\n|---|%s\n", framework, strings.Join(contenders, " | "),
			strings.Repeat("---:|", len(contenders)))
		for _, policy := range policies {
			fmt.Fprintf(b, "| %s |", policy)
			one := r.find(sectionGrowth, policy, benchmarks.AllowedGet, framework, benchmarks.Corselet+anchor)
			for _, contender := range contenders {
				fmt.Fprintf(b, " %s |", cell(r.find(sectionGrowth, policy, benchmarks.AllowedGet, framework, contender), one))
			}
			b.WriteString("\n")
		}
		b.WriteString("\n")
	}
	b.WriteString("Compiling a policy:\n\n" +
		"| policy | time | heap, without the configuration's own strings |\n|---|---:|---:|\n")
	for _, c := range r.Compilations {
		fmt.Fprintf(b, "| %s | %.2f s | %.1f MiB |\n", c.Policy, c.Seconds, c.MiB)
	}
	b.WriteString("\n")
}

func (r *Report) writeHostile(b *bytes.Buffer) {
	b.WriteString("## Hostile input\n\n![Hostile input](charts/hostile.svg)\n\n" +
		"Preflights that no browser sends, beside an ordinary one from an origin that is not allowed.\n\n")
	for _, framework := range benchmarks.Frameworks {
		r.writeTable(b, sectionHostile, mainPolicy.Name, framework)
	}
}

func (r *Report) writeCore(b *bytes.Buffer) {
	b.WriteString("## Core alone\n\nNo framework, no response: `Policy.Decide`, and `Policy.Verdict` for those who ask. " +
		"`regexp.MatchString` is the standard library on the first regexp of the policy.\n\n" +
		"| policy | request | contender | time | |\n|---|---|---|---:|---|\n")
	for _, got := range r.Results {
		if got.Section == sectionCore {
			fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n",
				got.Policy, got.Scenario, got.Contender, duration(got.Ns), memory(&got))
		}
	}
	b.WriteString("\n")
}

func (r *Report) writeLoads(b *bytes.Buffer) {
	if len(r.Loads) == 0 {
		return
	}
	fmt.Fprintf(b, "## Real servers on loopback\n\n%d keep-alive connections, client and server on the same processors. "+
		"Here the system calls weigh more than any middleware: differences of a few percent are noise.\n\n"+
		"| framework | request | middleware | requests/s | p50 | p99 |\n|---|---|---|---:|---:|---:|\n", connections)
	for _, l := range r.Loads {
		fmt.Fprintf(b, "| %s | %s | %s | %.0f | %.0f µs | %.0f µs |\n",
			l.Framework, l.Scenario, l.Contender, l.PerSecond, l.P50, l.P99)
	}
}

const (
	blockBegin = "<!-- benchmarks:begin -->\n"
	blockEnd   = "<!-- benchmarks:end -->"
)

// updateREADME replaces what stands between the markers in the file, if it has them.
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

// block returns the few numbers that matter to the root's README.
func (r *Report) block() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Time that middleware adds to a request, in multiples of Corselet's "+
		"(%s, %d processors, %s; [all numbers, versions and how they came about](benchmarks/RESULTS.md)):\n\n",
		r.Setup.Machine, r.Setup.Processor, r.Setup.Go)
	fmt.Fprintf(&b, "| framework | middleware | %s |\n|---|---|%s\n", strings.Join(essential, " | "),
		strings.Repeat("---:|", len(essential)))
	for _, c := range benchmarks.Contenders {
		if !c.IsPeer() {
			continue
		}
		fmt.Fprintf(&b, "| %s | %s %s |", c.Framework, c.Name, r.Setup.Modules[c.Module])
		for _, scenario := range essential {
			ratio := added(r.find(sectionRouter, mainPolicy.Name, scenario, c.Framework, c.Name),
				r.find(sectionRouter, mainPolicy.Name, scenario, c.Framework, benchmarks.Corselet))
			if math.IsNaN(ratio) {
				b.WriteString(" – |")
			} else {
				fmt.Fprintf(&b, " %s |", times(ratio))
			}
		}
		b.WriteString("\n")
	}
	b.WriteString("\nSome of them do less for it: some share header memory between responses, some leave out `Vary`. " +
		"The results say who.\n\n![Cost by number of origins](benchmarks/charts/growth.svg)\n\n" +
		"![Cost of hostile input](benchmarks/charts/hostile.svg)\n")
	return b.String()
}
