package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/corselet/corselet/benchmarks"
)

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
// outside of core can: Policy.Decide, which all others measure, parses the origin and decides on an answer besides. Its
// parts take short turns, as all contenders do.
func measureAutomaton(r *runner) ([]Result, error) {
	r.log("matching regexps in core")
	dir, err := os.MkdirTemp("", "corselet-report-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	binary := filepath.Join(dir, "core.test")
	if err := buildCoreTest(binary); err != nil {
		return nil, err
	}
	parts := []string{packageRegexp, oneRegexp, manyRegexps}
	jobs := map[string]*job{}
	for _, part := range parts {
		jobs[part] = &job{result: Result{
			Section: sectionCore, Policy: automatonPolicy, Scenario: automatonScenario, Framework: benchmarks.Core,
			Contender: part,
		}}
	}
	for range r.rounds {
		out, err := exec.Command(binary, "-test.run=^$", "-test.bench=^BenchmarkRegexp$/^(package_regexp|1_regexp|100_regexps)$",
			"-test.benchtime=10ms", "-test.benchmem").Output()
		if err != nil {
			return nil, fmt.Errorf("BenchmarkRegexp in core: %w", err)
		}
		if err := readBenchmark(string(out), jobs); err != nil {
			return nil, err
		}
	}
	var results []Result
	for _, part := range parts {
		results = append(results, jobs[part].summary())
	}
	return results, nil
}

// buildCoreTest builds the tests of the core that this module is built with.
func buildCoreTest(binary string) error {
	alone := append(os.Environ(), "GOWORK=off")
	list := exec.Command("go", "list", "-f", "{{.Dir}}", "github.com/corselet/corselet/core")
	list.Env = alone
	dir, err := list.Output()
	if err != nil {
		return fmt.Errorf("where core is: %w", err)
	}
	build := exec.Command("go", "test", "-c", "-o", binary, ".")
	build.Dir, build.Env, build.Stderr = strings.TrimSpace(string(dir)), alone, os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("building the tests of core: %w", err)
	}
	return nil
}

// readBenchmark adds one round to the jobs from what a benchmark prints: name, iterations, and numbers with their units.
func readBenchmark(out string, jobs map[string]*job) error {
	seen := 0
	for line := range strings.Lines(out) {
		fields := strings.Fields(line)
		_, part, ok := strings.Cut(line, "BenchmarkRegexp/")
		if !ok || len(fields) < 8 || fields[3] != "ns/op" || fields[5] != "B/op" || fields[7] != "allocs/op" {
			continue
		}
		part, _, _ = strings.Cut(strings.Fields(part)[0], "-") // the number of processors
		j := jobs[strings.ReplaceAll(part, "_", " ")]
		if j == nil {
			continue
		}
		var values [3]float64
		for i, field := range []string{fields[2], fields[4], fields[6]} {
			var err error
			if values[i], err = strconv.ParseFloat(field, 64); err != nil {
				return fmt.Errorf("%q: %w", line, err)
			}
		}
		j.ns = append(j.ns, values[0])
		j.result.Bytes, j.result.Allocs = values[1], values[2]
		seen++
	}
	if seen != len(jobs) {
		return fmt.Errorf("BenchmarkRegexp in core printed %d of %d parts:\n%s", seen, len(jobs), out)
	}
	return nil
}
