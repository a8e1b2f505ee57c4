package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
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
	Spread float64 // how far Added may be off, see center

	Wrong []string `json:",omitempty"` // what is wrong with its answers, for which reason nothing was measured
}

// job is one thing to measure, again and again.
type job struct {
	result   Result
	requests []benchmarks.Request
	clients  []benchmarks.Client // several: in parallel
	n        int                 // requests in one turn
	ns       []float64           // one value a round
	base     *job                // what is subtracted, or nil
}

func (j *job) disqualified() bool { return len(j.result.Wrong) > 0 }

// runner measures jobs.
type runner struct {
	rounds int
	turn   time.Duration
	log    func(format string, args ...any)

	findings []Found
}

// turns is how often each contender has its turn in a round. Many short turns, close to one another, keep out what
// happens on a machine that is not idle: a disturbance hits all contenders, or few enough turns for the median to pass
// over.
const turns = 16

// run measures groups of jobs that are to be compared with one another, round after round.
func (r *runner) run(groups [][]*job) []Result {
	timed := make([][]*job, len(groups))
	for i, group := range groups {
		timed[i] = slices.DeleteFunc(slices.Clone(group), (*job).disqualified)
		for _, j := range timed[i] {
			runtime.GC() // or the first requests work off what the contender before has left
			j.n = benchmarks.Calibrate(j.clients[0], r.turn)
			j.result.Allocs, j.result.Bytes = benchmarks.CountAllocs(j.clients[0])
		}
	}
	for range r.rounds {
		for _, group := range timed {
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

// round lets the jobs take turns, each time in another order: a contender that always followed one that fills the caches
// and leaves garbage would pay for it. Collecting garbage first, and seldom afterwards (see measure), does the rest.
func (r *runner) round(group []*job) {
	times := make([][]float64, len(group))
	runtime.GC()
	for turn := range turns {
		for _, i := range rand.Perm(len(group)) {
			j := group[i]
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
	result, added := j.result, j.ns
	if j.base != nil {
		added = differences(j.ns, j.base.ns)
		result.Allocs -= j.base.result.Allocs
		result.Bytes -= j.base.result.Bytes
	}
	result.Ns = median(j.ns)
	result.Added, result.Spread = center(added)
	return result
}

// situation says what the contenders of some jobs have in common.
type situation struct {
	section  string
	policy   benchmarks.Policy
	scenario *benchmarks.Scenario
	mode     benchmarks.Mode
	parallel bool
	requests int  // how many different ones; 0: as many as usual
	again    bool // measure Corselet a second time, to see how far two measurements of the same differ
}

// jobs opens every contender that takes part, and returns a group for each framework.
func (s *situation) jobs(r *runner, contenders []benchmarks.Contender) (groups [][]*job, err error) {
	if !s.scenario.Applies(&s.policy) {
		return nil, nil
	}
	for _, framework := range frameworksOf(contenders) {
		g := group{}
		for _, c := range contenders {
			if c.Framework != framework || !c.Supports(&s.policy) ||
				c.Name == benchmarks.Observed && !s.scenario.Observer {
				continue
			}
			if _, err := g.add(r, s, &c); err != nil {
				return nil, err
			}
		}
		if s.again && len(g.jobs) > 0 {
			j, err := g.add(r, s, corseletIn(framework))
			if err != nil {
				return nil, err
			}
			j.result.Contender = again
		}
		if len(g.jobs) > 0 {
			groups = append(groups, g.jobs)
		}
	}
	return groups, nil
}

// group holds jobs of one framework that take turns, with what is subtracted from them among them.
type group struct {
	jobs  []*job
	bases map[bool]*job // by whether the handler runs
}

// add opens a contender, judges its clients' answers and finds its baseline. It returns no job if the contender cannot
// be driven that way.
func (g *group) add(r *runner, s *situation, c *benchmarks.Contender) (*job, error) {
	j, err := s.open(c)
	if errors.Is(err, benchmarks.ErrUnsupported) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if !isLimit(c.Name) {
		if err := r.judge(j, s, c); err != nil {
			return nil, err
		}
	}
	if c.Framework != benchmarks.Core && !j.disqualified() {
		j.clients[0].Do()
		if j.base, err = g.base(s, c.Framework, j.clients[0].Answer().HandlerRan); err != nil {
			return nil, err
		}
	}
	g.jobs = append(g.jobs, j)
	return j, nil
}

// base returns the job that is subtracted, and opens it if it is the first to need it.
func (g *group) base(s *situation, framework string, handlerRan bool) (*job, error) {
	if j := g.bases[handlerRan]; j != nil {
		return j, nil
	}
	j, err := s.open(benchmarks.Baseline(framework, handlerRan))
	if err != nil {
		return nil, err
	}
	if g.bases == nil {
		g.bases = map[bool]*job{}
	}
	g.bases[handlerRan] = j
	g.jobs = append(g.jobs, j)
	return j, nil
}

// together joins groups, framework by framework, so that their jobs take turns with one another.
func together(groups ...[][]*job) (joined [][]*job) {
	index := map[string]int{}
	for _, more := range groups {
		for _, jobs := range more {
			framework := jobs[0].result.Framework
			i, ok := index[framework]
			if !ok {
				i = len(joined)
				index[framework], joined = i, append(joined, nil)
			}
			joined[i] = append(joined[i], jobs...)
		}
	}
	return joined
}

// open makes a job of a contender whose answers were not checked.
func (s *situation) open(c *benchmarks.Contender) (*job, error) {
	app, err := c.Open(s.policy, s.mode)
	if err != nil {
		return nil, fmt.Errorf("%s, %s, policy %s: %w", c.Framework, c.Name, s.policy.Name, err)
	}
	j := &job{requests: s.scenario.Requests(&s.policy), result: Result{
		Section: s.section, Policy: s.policy.Name, Scenario: s.scenario.Name, Framework: c.Framework, Contender: c.Name,
	}}
	if s.requests > 0 {
		j.requests = s.scenario.RequestsOf(&s.policy, s.requests)
		j.result.Scenario += evenly
	}
	parallel := 1
	if s.parallel {
		parallel = runtime.GOMAXPROCS(0)
	}
	for range parallel {
		j.clients = append(j.clients, app.Client(j.requests))
	}
	return j, nil
}
