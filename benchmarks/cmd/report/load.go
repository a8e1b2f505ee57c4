package main

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/valyala/fasthttp"

	"github.com/corselet/corselet/benchmarks"
)

// Load is what a real server on loopback did under one contender: medians over all rounds.
type Load struct {
	Framework, Contender, Scenario string

	PerSecond float64 // requests
	Spread    float64 // how far PerSecond may be off, see center
	P50, P99  float64 // microseconds
}

// connections is how many keep-alive connections a server is loaded over.
const connections = 8

// server is one contender's server, and what was measured of it.
type server struct {
	load    Load
	stop    func() error
	client  *fasthttp.HostClient
	request benchmarks.Request

	perSecond, p50, p99 []float64
}

// measureLoads starts a server for each contender and loads one after another, round after round.
func measureLoads(r *runner, d time.Duration, timed []benchmarks.Contender) (loads []Load, err error) {
	for _, name := range busyNames {
		r.log("loopback servers: %s", name)
		more, err := measureLoad(r, d, timed, benchmarks.ScenarioNamed(name))
		if err != nil {
			return nil, err
		}
		loads = append(loads, more...)
	}
	return loads, nil
}

func measureLoad(
	r *runner, d time.Duration, timed []benchmarks.Contender, s *benchmarks.Scenario,
) (loads []Load, err error) {
	var servers []*server
	defer func() {
		for _, s := range servers {
			err = errors.Join(err, s.stop())
		}
	}()
	for _, framework := range frameworksOf(timed) {
		for _, c := range append([]benchmarks.Contender{*benchmarks.Baseline(framework, !s.Preflight)}, timed...) {
			if c.Framework != framework || c.Name == benchmarks.Observed || c.Name == benchmarks.Shared {
				continue
			}
			wrong, err := r.wrong(&c)
			if err != nil {
				return nil, err
			}
			if wrong {
				continue // the other tables say that it is disqualified
			}
			server, err := newServer(&c, s)
			if server != nil {
				servers = append(servers, server)
			}
			if err != nil {
				return nil, err
			}
		}
	}
	for range r.rounds {
		for _, s := range servers {
			if err := s.measure(d); err != nil {
				return nil, fmt.Errorf("%s, %s: %w", s.load.Framework, s.load.Contender, err)
			}
		}
	}
	for _, s := range servers {
		s.load.PerSecond, s.load.Spread = center(s.perSecond)
		s.load.P50, s.load.P99 = median(s.p50), median(s.p99)
		loads = append(loads, s.load)
	}
	return loads, nil
}

// wrong reports whether a contender is disqualified under the main policy.
func (r *runner) wrong(c *benchmarks.Contender) (bool, error) {
	if isLimit(c.Name) || c.Name == benchmarks.None || c.Name == benchmarks.Bare204 {
		return false, nil
	}
	found, err := r.found(c, &mainPolicy)
	return err == nil && len(found.Wrong) > 0, err
}

// frameworksOf returns the frameworks that have a contender, in their order.
func frameworksOf(contenders []benchmarks.Contender) (frameworks []string) {
	for _, c := range contenders {
		if !slices.Contains(frameworks, c.Framework) {
			frameworks = append(frameworks, c.Framework)
		}
	}
	return frameworks
}

func newServer(c *benchmarks.Contender, s *benchmarks.Scenario) (*server, error) {
	app, err := c.Open(mainPolicy, benchmarks.Router)
	if err != nil {
		return nil, err
	}
	made := &server{
		load:    Load{Framework: c.Framework, Contender: c.Name, Scenario: s.Name},
		request: s.Requests(&mainPolicy)[0],
	}
	addr, stop, err := benchmarks.Serve(app)
	made.stop = stop
	made.client = &fasthttp.HostClient{Addr: addr, MaxConns: connections}
	return made, err
}

// measure loads the server for d over all connections at once.
func (s *server) measure(d time.Duration) error {
	var wg sync.WaitGroup
	errs := make([]error, connections)
	latencies := make([]*hdrhistogram.Histogram, connections)
	start := time.Now()
	for i := range connections {
		latencies[i] = hdrhistogram.New(1, time.Minute.Nanoseconds(), 3)
		wg.Go(func() { errs[i] = s.askUntil(start.Add(d), latencies[i]) })
	}
	wg.Wait()
	elapsed := time.Since(start)
	if err := errors.Join(errs...); err != nil {
		return err
	}
	all := latencies[0]
	for _, more := range latencies[1:] {
		all.Merge(more)
	}
	s.perSecond = append(s.perSecond, float64(all.TotalCount())/elapsed.Seconds())
	s.p50 = append(s.p50, float64(all.ValueAtQuantile(50))/1e3)
	s.p99 = append(s.p99, float64(all.ValueAtQuantile(99))/1e3)
	return nil
}

// askUntil sends one request after the other until the time is over.
func (s *server) askUntil(end time.Time, latencies *hdrhistogram.Histogram) error {
	request, response := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(request)
	defer fasthttp.ReleaseResponse(response)
	s.request.Fill(request)
	for now := time.Now(); now.Before(end); {
		if err := s.client.Do(request, response); err != nil {
			return err
		}
		if status := response.StatusCode(); status < 200 || status > 299 {
			return fmt.Errorf("unexpected status %d", status)
		}
		then := time.Now()
		if err := latencies.RecordValue(then.Sub(now).Nanoseconds()); err != nil {
			return err
		}
		now = then
	}
	return nil
}
