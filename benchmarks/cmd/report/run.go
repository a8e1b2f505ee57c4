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
	clients []benchmarks.Client // several: in parallel
	n       int                 // requests in one turn
	ns      []float64           // one value a round
	base    *job                // what is subtracted, or nil
}

// runner measures jobs.
type runner struct {
	rounds int
	turn   time.Duration
	log    func(format string, args ...any)
}

// turns is how often each contender has its turn in a round. Many short turns, close to one another, keep out what
// happens on a machine that is not idle: a disturbance hits all contenders, or few enough turns for the median to pass
// over.
const turns = 16

// run measures groups of jobs that are to be compared with one another, round after round.
func (r *runner) run(groups [][]*job) []Result {
	for _, group := range groups {
		for _, j := range group {
			j.n = benchmarks.Calibrate(j.clients[0], r.turn)
			j.result.Allocs, j.result.Bytes = benchmarks.CountAllocs(j.clients[0])
		}
	}
	for range r.rounds {
		for _, group := range groups {
			r.round(group)
		}
	}
	var results []Result
	for _, group := range groups {
		for _, j := range group {
			results = append(results, j.summary())
		}
	}
	return results
}

// round lets the jobs take turns. Collecting garbage first, and seldom afterwards (see measure), keeps one contender
// from paying for another's.
func (r *runner) round(group []*job) {
	times := make([][]float64, len(group))
	runtime.GC()
	for turn := range turns {
		for i, j := range group {
			if slow := j.n == 1; slow && turn > 0 {
				continue
			}
			times[i] = append(times[i], benchmarks.Time(j.clients, j.n))
		}
	}
	for i, j := range group {
		j.ns = append(j.ns, median(times[i]))
	}
}

func (j *job) summary() Result {
	result := j.result
	result.Ns, result.Spread = median(j.ns), spread(j.ns)
	result.Added = result.Ns
	if j.base != nil {
		result.Added = median(differences(j.ns, j.base.ns))
		result.Allocs -= j.base.result.Allocs
		result.Bytes -= j.base.result.Bytes
	}
	return result
}

// situation says what the contenders of some jobs have in common.
type situation struct {
	section  string
	policy   benchmarks.Policy
	scenario *benchmarks.Scenario
	mode     benchmarks.Mode
	parallel bool
}

// jobs opens every contender that takes part, and returns a group for each framework, with its baseline in front.
func (s *situation) jobs(contenders []benchmarks.Contender) (groups [][]*job, err error) {
	if !s.scenario.Applies(&s.policy) {
		return nil, nil
	}
	for _, framework := range benchmarks.Frameworks {
		base, err := s.job(benchmarks.Baseline(framework, !s.scenario.Preflight), nil)
		if errors.Is(err, benchmarks.ErrUnsupported) {
			continue
		}
		if err != nil {
			return nil, err
		}
		group := []*job{base}
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
			group = append(group, j)
		}
		if len(group) > 1 {
			groups = append(groups, group)
		}
	}
	return groups, nil
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
	parallel := 1
	if s.parallel {
		parallel = runtime.GOMAXPROCS(0)
	}
	for range parallel {
		j.clients = append(j.clients, app.Client(requests))
	}
	return j, nil
}
