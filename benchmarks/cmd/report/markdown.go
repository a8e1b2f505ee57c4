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
	r.writeNoise(&b)
	r.writeFrameworks(&b)
	r.writeBusy(&b)
	r.writeGrowth(&b)
	r.writeHostile(&b)
	r.writeCore(&b)
	r.writeOTel(&b)
	r.writeLoads(&b)
	return b.Bytes()
}

func (r *Report) writeSetup(b *bytes.Buffer) {
	s := &r.Setup
	fmt.Fprintf(b, "# Results\n\nWritten by the report command; do not edit. Take ratios from here, not nanoseconds: "+
		"those are this machine's.\n\n")
	if s.partial() {
		b.WriteString("**Numbers were left out: for a first look, not for quoting.**\n\n")
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
  part of both. Where the middleware answers by itself, as it does preflights, and a few do refused requests, it is
  compared with middleware that answers and does nothing else. Numbers are medians; what was measured in the same round
  is subtracted.
- **×** is a contender's added cost in relation to Corselet's in the same framework: 2.0× takes twice as long.
- **limit** sets the fields of Corselet's answer to an allowed origin, and to a request without Origin, without looking
  at anything else.
  **limit, shared memory** does so with slices that all responses share: whoever changes one changes them all.
- **corselet, observed** has an observer that asks for the verdict on every request.
- The policy lists three exact origins with credentials, five request headers, three methods beyond the simple ones, one
  exposed header and a max-age, unless a table says otherwise. Requests come from the origins in turn. Origins that are
  refused resemble those that are not: by how they begin or end, by all but the scheme, by all but the port.
- A contender is disqualified under each policy for which any of its answers, timed or not, would mislead a browser.
- Collections of garbage are made rarer (GOGC=400), so that what one contender leaves behind seldom costs another time;
  one section keeps the collector busy on purpose.

`)
}

func (r *Report) writeTargets(b *bytes.Buffer) {
	fmt.Fprintf(b, "## Targets\n\nSet before anything was built. The last columns show the same with one origin and no "+
		"credentials, and what the limit comes to: where its number is above the target, "+
		"no middleware that sends the same answer can meet it. For a refused origin the limit says too much, and is left "+
		"out. A result is within noise if it is no farther from the target than it may be off (see [Noise](#noise)). "+
		"What the misses are made of is told under [Where the time goes](README.md#where-the-time-goes).\n\n"+
		"| what | target | measured | | one origin | limit |\n|---|---:|---:|---|---:|---:|\n")
	for _, t := range r.targets() {
		verdict := t.verdict()
		if t.Note != "" {
			verdict += " (" + t.Note + ")"
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s |\n", t.What, t.bound(),
			t.measured(), verdict, t.optional(t.Bare), t.optional(t.Floor))
	}
	b.WriteString("\n")
}

func (t *Target) bound() string {
	if math.IsNaN(t.Bound) {
		return "–"
	}
	return fmt.Sprintf("≤ %.4g%s", t.Bound, t.Unit)
}

func (t *Target) measured() string {
	text := t.number(t.Got)
	if t.Noise > 0 {
		text += fmt.Sprintf(" ± %.2f", t.Noise)
	}
	return text
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

// disqualified stands where a number would.
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

// writeFindings says what each contender's numbers do not include, and who has none.
func (r *Report) writeFindings(b *bytes.Buffer, framework string) {
	b.WriteString("What was found when the answers were checked before timing:\n\n")
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
		fmt.Fprintf(b, "- %s: %s\n", c.Name, strings.Join(said, "; "))
	}
	b.WriteString("\n")
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
		"Added cost of an allowed GET, whose origin is a different one each time, of up to 256 busy ones: what they are " +
		"compared with stays in the processor's caches. [Core alone](#core-alone) shows what becomes of a decision when all " +
		"origins are as busy. The ratio is to Corselet with one entry, measured along with it; for `exact-1`, " +
		"`wildcard-1` and `regexp-1`, to Corselet itself a second time.\n\n")
	var policies []string
	for _, got := range r.Results {
		if got.Section == sectionGrowth && !slices.Contains(policies, got.Policy) {
			policies = append(policies, got.Policy)
		}
	}
	for _, framework := range benchmarks.Frameworks {
		contenders, _ := r.axes(sectionGrowth, "", framework)
		if contenders = slices.DeleteFunc(contenders, isLimit); len(contenders) == 0 {
			continue
		}
		fmt.Fprintf(b, "| %s | %s |\n|---|%s\n", framework, strings.Join(contenders, " | "),
			strings.Repeat("---:|", len(contenders)))
		for _, policy := range policies {
			fmt.Fprintf(b, "| %s |", policy)
			one := r.find(sectionGrowth, policy, benchmarks.AllowedGet, framework, benchmarks.Corselet+anchor)
			for _, contender := range contenders {
				got := r.find(sectionGrowth, policy, benchmarks.AllowedGet, framework, contender)
				fmt.Fprintf(b, " %s%s |", cell(got, one), regexpNote(got))
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

func (r *Report) writeHostile(b *bytes.Buffer) {
	b.WriteString("## Hostile input\n\n![Hostile input](charts/hostile.svg)\n\n" +
		"Preflights that no browser sends, beside an ordinary one from an origin that is not allowed.\n\n")
	for _, framework := range benchmarks.Frameworks {
		r.writeTable(b, sectionHostile, mainPolicy.Name, framework)
	}
}

func (r *Report) writeCore(b *bytes.Buffer) {
	b.WriteString("## Core alone\n\nNo framework, no response: `Policy.Decide`, and `Policy.Verdict` for those who ask. " +
		"`regexp.MatchString` is the standard library on the only regexp of the policy. " +
		"Where all origins are asked for evenly, the 100,000 requests are read from memory too, with one origin as with many. " +
		"`BenchmarkRegexp` is core's own, of matching an origin by the automaton that regexps become and nothing else; " +
		"`package regexp` in it is `regexp.MatchString` on the same origin and one of the same regexps.\n\n" +
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
		"Here the system calls weigh more than any middleware: differences of a few percent are noise. p99 tells how long a "+
		"request waited for a processor, which client, server and garbage collector share: it differs severalfold between "+
		"runs, and says nothing of middleware.\n\n"+
		"| framework | request | middleware | requests/s | rounds differ by | p50 | p99 |\n"+
		"|---|---|---|---:|---:|---:|---:|\n", connections)
	for _, l := range r.Loads {
		fmt.Fprintf(b, "| %s | %s | %s | %.0f | ± %.0f %% | %.0f µs | %.0f µs |\n",
			l.Framework, l.Scenario, l.Contender, l.PerSecond, 100*l.Spread/l.PerSecond, l.P50, l.P99)
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
			peer := r.find(sectionRouter, mainPolicy.Name, scenario, c.Framework, c.Name)
			ratio := added(peer, r.find(sectionRouter, mainPolicy.Name, scenario, c.Framework, benchmarks.Corselet))
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
	b.WriteString("\nSome of them do less for it: some share header memory between responses, some leave out `Vary`. " +
		"The results say who, and what is noise.\n\nAs the policy lists more origins, 256 busy ones send the requests; the " +
		"results show all of them sending evenly as well:\n\n" +
		"![Cost by number of origins, 256 of them busy](benchmarks/charts/growth.svg)\n\n" +
		"![Cost of hostile input](benchmarks/charts/hostile.svg)\n")
	return b.String()
}
