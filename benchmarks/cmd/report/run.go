package main

import (
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/corselet/corselet/benchmarks"
)

// Result is what was measured of one contender in one situation: medians over all rounds.
type Result struct {
	Section   string
	Policy    string
	Scenario  string
	Framework string
	Contender string

	Ns     float64 // one request
	Added  float64 // Ns without what the request costs when the contender is absent
	Allocs float64 // of the middleware alone where there is something to subtract
	Bytes  float64
	Spread float64 // of Ns, see spread
}

// job is one thing to measure, again and again.
type job struct {
	result  Result
	client  benchmarks.Client
	clients []benchmarks.Client // instead of client: in parallel
	n       int
	samples []benchmarks.Sample
	base    *job // what is subtracted, or nil
}

// runner measures jobs.
type runner struct {
	rounds int
	sample time.Duration
	log    func(format string, args ...any)
}

// run measures all jobs in turn, round after round, so that whatever disturbs the machine disturbs them alike.
func (r *runner) run(jobs []*job) []Result {
	for _, j := range jobs {
		if j.clients != nil {
			j.n = benchmarks.Calibrate(j.clients[0], r.sample)
		} else {
			j.n = benchmarks.Calibrate(j.client, r.sample)
		}
	}
	for range r.rounds {
		for _, j := range jobs {
			if j.clients != nil {
				j.samples = append(j.samples, benchmarks.MeasureParallel(j.clients, j.n))
			} else {
				j.samples = append(j.samples, benchmarks.Measure(j.client, j.n))
			}
		}
	}
	var results []Result
	for _, j := range jobs {
		results = append(results, j.summary())
	}
	return results
}

func (j *job) summary() Result {
	ns, allocs, bytes := j.columns()
	result := j.result
	result.Ns, result.Spread = median(ns), spread(ns)
	result.Added, result.Allocs, result.Bytes = result.Ns, median(allocs), median(bytes)
	if j.base != nil {
		baseNs, baseAllocs, baseBytes := j.base.columns()
		result.Added = median(differences(ns, baseNs))
		result.Allocs = median(differences(allocs, baseAllocs))
		result.Bytes = median(differences(bytes, baseBytes))
	}
	return result
}

func (j *job) columns() (ns, allocs, bytes []float64) {
	for _, s := range j.samples {
		ns, allocs, bytes = append(ns, s.NsPerOp), append(allocs, s.Allocs), append(bytes, s.Bytes)
	}
	return ns, allocs, bytes
}

// situation says what the contenders of some jobs have in common.
type situation struct {
	section  string
	policy   benchmarks.Policy
	scenario *benchmarks.Scenario
	mode     benchmarks.Mode
	parallel bool
}

// jobs opens every contender of the frameworks that takes part, in front of each framework's baseline.
func (s *situation) jobs(contenders []benchmarks.Contender) ([]*job, error) {
	if !s.scenario.Applies(&s.policy) {
		return nil, nil
	}
	var jobs []*job
	for _, framework := range benchmarks.Frameworks {
		base, err := s.job(benchmarks.Baseline(framework, s.scenario), nil)
		if errors.Is(err, benchmarks.ErrUnsupported) {
			continue
		}
		if err != nil {
			return nil, err
		}
		start := len(jobs)
		jobs = append(jobs, base)
		for _, c := range contenders {
			if c.Framework != framework || !c.Supports(&s.policy) ||
				c.Name == benchmarks.Observed && !s.scenario.Observer {
				continue
			}
			j, err := s.job(&c, base)
			if errors.Is(err, benchmarks.ErrUnsupported) {
				continue
			}
			if err != nil {
				return nil, err
			}
			jobs = append(jobs, j)
		}
		if len(jobs) == start+1 {
			jobs = jobs[:start] // a baseline for nobody
		}
	}
	return jobs, nil
}

func (s *situation) job(c *benchmarks.Contender, base *job) (*job, error) {
	app, err := c.Open(s.policy, s.mode)
	if err != nil {
		return nil, fmt.Errorf("%s, %s, policy %s: %w", c.Framework, c.Name, s.policy.Name, err)
	}
	requests := s.scenario.Requests(&s.policy)
	j := &job{base: base, result: Result{
		Section: s.section, Policy: s.policy.Name, Scenario: s.scenario.Name, Framework: c.Framework, Contender: c.Name,
	}}
	if s.parallel {
		for range runtime.GOMAXPROCS(0) {
			j.clients = append(j.clients, app.Client(requests))
		}
	} else {
		j.client = app.Client(requests)
	}
	return j, nil
}
