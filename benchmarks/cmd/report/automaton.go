package main

import "github.com/corselet/corselet/benchmarks"

// Under these names core's own benchmark of matching is reported.
const (
	automatonPolicy   = "BenchmarkRegexp"
	automatonScenario = "an allowed origin"
)

// The parts of that benchmark.
const (
	packageRegexp = "package regexp"
	oneRegexp     = "1 regexp"
	manyRegexps   = "100 regexps"
)

// measureAutomaton runs core's own benchmark of matching an origin by regexps and by regexp.MatchString, which nothing
// outside of core can: Policy.Decide, which all others measure, also parses the origin and decides on an answer. Its
// parts take short turns, as all contenders do.
func measureAutomaton(r *runner) ([]Result, error) {
	r.log("matching regexps in core")
	var jobs []*job
	for _, part := range []string{packageRegexp, oneRegexp, manyRegexps} {
		jobs = append(jobs, &job{result: Result{
			Section: sectionCore, Policy: automatonPolicy, Scenario: automatonScenario, Framework: benchmarks.Core,
			Contender: part,
		}})
	}
	return runOwn(r, "core", "^BenchmarkRegexp$/^(package_regexp|1_regexp|100_regexps)$", "BenchmarkRegexp/", jobs)
}
