package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// runOwn runs benchmarks that a package of the repository has itself, of what nothing outside of it can measure: one
// for each job, named by its contender.
func runOwn(r *runner, pkg, pattern, prefix string, jobs []*job) ([]Result, error) {
	dir, err := os.MkdirTemp("", "corselet-report-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	binary := filepath.Join(dir, "own.test")
	if err := buildTest(pkg, binary); err != nil {
		return nil, err
	}
	for range r.rounds {
		out, err := exec.Command(binary, "-test.run=^$", "-test.bench="+pattern, "-test.benchtime=10ms",
			"-test.benchmem").Output()
		if err == nil {
			err = readBenchmarks(string(out), prefix, jobs)
		}
		if err != nil {
			return nil, fmt.Errorf("benchmarks in %s: %w", pkg, err)
		}
	}
	var results []Result
	for _, j := range jobs {
		results = append(results, j.summary())
	}
	return results, nil
}

// buildTest builds the tests of a package of the repository, as this module sees it.
func buildTest(pkg, binary string) error {
	alone := append(os.Environ(), "GOWORK=off")
	list := exec.Command("go", "list", "-f", "{{.Dir}}", "github.com/corselet/corselet/"+pkg)
	list.Env = alone
	dir, err := list.Output()
	if err != nil {
		return fmt.Errorf("where %s is: %w", pkg, err)
	}
	build := exec.Command("go", "test", "-c", "-o", binary, ".")
	build.Dir, build.Env, build.Stderr = strings.TrimSpace(string(dir)), alone, os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("building the tests of %s: %w", pkg, err)
	}
	return nil
}

// readBenchmarks adds one round to the jobs from what benchmarks print: name, iterations, and numbers with their units.
// The name of a job's contender is behind the prefix.
func readBenchmarks(out, prefix string, jobs []*job) error {
	seen := 0
	for line := range strings.Lines(out) {
		fields := strings.Fields(line)
		if len(fields) < 8 || fields[3] != "ns/op" || fields[5] != "B/op" || fields[7] != "allocs/op" {
			continue
		}
		name, _, _ := strings.Cut(strings.TrimPrefix(fields[0], prefix), "-") // the number of processors
		name = strings.ReplaceAll(name, "_", " ")
		i := slices.IndexFunc(jobs, func(j *job) bool { return j.result.Contender == name })
		if i < 0 {
			continue
		}
		var values [3]float64
		for k, field := range []string{fields[2], fields[4], fields[6]} {
			var err error
			if values[k], err = strconv.ParseFloat(field, 64); err != nil {
				return fmt.Errorf("%q: %w", line, err)
			}
		}
		jobs[i].ns = append(jobs[i].ns, values[0])
		jobs[i].result.Bytes, jobs[i].result.Allocs = values[1], values[2]
		seen++
	}
	if seen != len(jobs) {
		return fmt.Errorf("%d of %d benchmarks printed anything:\n%s", seen, len(jobs), out)
	}
	return nil
}
