// Command report measures the contenders side by side and writes RESULTS.md, charts and the block of numbers in the
// root's README. Run it in the folder of the module:
//
//	GOWORK=off go run ./cmd/report
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/corselet/corselet/benchmarks"
)

type options struct {
	quick    bool
	count    int
	turn     time.Duration
	load     time.Duration
	sections string

	frameworks string
	out        string
	from       string
}

func main() {
	var o options
	flag.BoolVar(&o.quick, "quick", false, "measure less, for less time: for a first look, not for quoting")
	flag.IntVar(&o.count, "count", 15, "rounds, at least 6; the report takes medians")
	flag.DurationVar(&o.turn, "turn", time.Millisecond, "how long each contender is timed in each turn of a round")
	flag.DurationVar(&o.load, "load", 150*time.Millisecond, "how long each server is loaded in each round")
	flag.StringVar(&o.sections, "sections", allSections, "what to measure")
	flag.StringVar(&o.frameworks, "frameworks", allFrameworks, "where to measure")
	flag.StringVar(&o.out, "out", "", "folder for RESULTS.md, results.json and charts; empty: those of the repository, "+
		"and the block of its README")
	flag.StringVar(&o.from, "from", "", "write the report from this results.json instead of measuring")
	flag.Parse()
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "report:", err)
		os.Exit(1)
	}
}

// Report is everything that was measured.
type Report struct {
	Setup        Setup
	Findings     []Found
	Results      []Result
	Loads        []Load
	Compilations []Compilation
}

func run(o options) error {
	if o.count < 6 {
		return fmt.Errorf("-count %d: take at least 6 rounds", o.count)
	}
	var report *Report
	var err error
	if o.from != "" {
		report, err = read(o.from)
	} else {
		if setup := newSetup(o); o.out == "" && setup.partial() {
			return errors.New("-quick, -sections and -frameworks leave numbers out: " + elsewhere)
		}
		report, err = measure(o)
	}
	if err != nil {
		return err
	}
	if o.out != "" {
		return report.write(o.out)
	}
	if report.Setup.partial() {
		return errors.New(o.from + ": holds no whole report: " + elsewhere)
	}
	return errors.Join(report.write("."), report.updateREADME(filepath.Join("..", "README.md")))
}

const elsewhere = "write elsewhere with -out; the repository's RESULTS.md and README show whole reports only"

func read(file string) (*Report, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	report := new(Report)
	if err := json.Unmarshal(data, report); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return report, nil
}

func measure(o options) (*Report, error) {
	if o.quick {
		o.count, o.turn, o.load = 6, o.turn/2, o.load/3
	}
	chosen, err := choose("-sections", o.sections, strings.Split(allSections, ","))
	if err != nil {
		return nil, err
	}
	frameworks, err := choose("-frameworks", o.frameworks, benchmarks.Frameworks)
	if err != nil {
		return nil, err
	}
	start := time.Now()
	r := &runner{rounds: o.count, turn: o.turn, log: func(format string, args ...any) {
		fmt.Fprintf(os.Stderr, "%5.0fs  "+format+"\n", append([]any{time.Since(start).Seconds()}, args...)...)
	}}
	report := &Report{Setup: newSetup(o)}
	timed := slices.DeleteFunc(slices.Clone(benchmarks.Contenders), func(c benchmarks.Contender) bool {
		return !frameworks[c.Framework]
	})
	if err := checkAll(r, timed); err != nil {
		return nil, err
	}
	if chosen[sectionGrowth] {
		if report.Compilations, err = measureCompilation(o.quick); err != nil {
			return nil, err
		}
	}
	// A collection that one contender's garbage causes should seldom fall into the time of another.
	percent := debug.SetGCPercent(400)
	if report.Results, err = measureAll(r, timed, o.quick, chosen); err != nil {
		return nil, err
	}
	debug.SetGCPercent(percent)
	if chosen[sectionLoad] {
		if report.Loads, err = measureLoads(r, o.load, timed); err != nil {
			return nil, err
		}
	}
	report.Findings = r.findings
	report.Setup.Seconds = time.Since(start).Seconds()
	return report, nil
}

// checkAll checks all contenders under the policies with which most is measured. The others are checked when their turn
// comes.
func checkAll(r *runner, timed []benchmarks.Contender) error {
	for _, p := range []benchmarks.Policy{mainPolicy, barePolicy} {
		for _, c := range timed {
			if isLimit(c.Name) {
				continue
			}
			if _, err := r.found(&c, &p); err != nil {
				return err
			}
		}
	}
	return nil
}

// allSections is the default of -sections.
const allSections = "router,alone,parallel,gc,hostile,growth,core,otel,load"

// allFrameworks is the default of -frameworks.
var allFrameworks = strings.Join(benchmarks.Frameworks, ",")

// choose returns the elements of a list, each of which must be one of known.
func choose(option, list string, known []string) (map[string]bool, error) {
	chosen := map[string]bool{}
	for name := range strings.SplitSeq(list, ",") {
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("%s: %q is none of %s", option, name, strings.Join(known, ","))
		}
		chosen[name] = true
	}
	return chosen, nil
}

func isLimit(name string) bool { return name == benchmarks.Limit || name == benchmarks.Shared }

// write writes all files into dir.
func (r *Report) write(dir string) error {
	charts := filepath.Join(dir, "charts")
	if err := os.MkdirAll(charts, 0o755); err != nil {
		return err
	}
	data, err := json.MarshalIndent(r, "", "\t")
	if err != nil {
		return err
	}
	files := map[string][]byte{
		filepath.Join(dir, "results.json"): append(data, '\n'),
		filepath.Join(dir, "RESULTS.md"):   r.markdown(),
	}
	drawn, err := r.charts()
	if err != nil {
		return err
	}
	for name, svg := range drawn {
		files[filepath.Join(charts, name)] = svg
	}
	for name, content := range files {
		err = errors.Join(err, os.WriteFile(name, content, 0o644))
	}
	return err
}
