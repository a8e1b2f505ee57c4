package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/corselet/corselet/benchmarks"
)

// Load is what a real server on loopback did under one contender: medians over all rounds.
type Load struct {
	Framework, Contender, Scenario string

	PerSecond float64 // requests
	Spread    float64 // of PerSecond, see spread
	P50, P99  float64 // microseconds
}

// connections is how many keep-alive connections a server is loaded over.
const connections = 8

// server is one contender's server, and what was measured of it.
type server struct {
	load  Load
	addr  string
	stop  func() error
	wire  []byte
	conns []*connection

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
			err = errors.Join(err, s.close())
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
		s.load.PerSecond, s.load.P50, s.load.P99 = median(s.perSecond), median(s.p50), median(s.p99)
		s.load.Spread = spread(s.perSecond)
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
	request := s.Requests(&mainPolicy)[0]
	made := &server{
		load: Load{Framework: c.Framework, Contender: c.Name, Scenario: s.Name}, wire: request.Wire(),
	}
	if made.addr, made.stop, err = benchmarks.Serve(app); err != nil {
		return nil, err
	}
	for range connections {
		conn, err := net.Dial("tcp", made.addr)
		if err != nil {
			return made, err
		}
		made.conns = append(made.conns, &connection{conn: conn, r: bufio.NewReader(conn)})
	}
	return made, nil
}

func (s *server) close() (err error) {
	for _, c := range s.conns {
		err = errors.Join(err, c.conn.Close())
	}
	return errors.Join(err, s.stop())
}

// measure loads the server for d over all connections at once.
func (s *server) measure(d time.Duration) error {
	var wg sync.WaitGroup
	errs := make([]error, len(s.conns))
	start := time.Now()
	for i, c := range s.conns {
		wg.Go(func() { errs[i] = c.loop(s.wire, start.Add(d)) })
	}
	wg.Wait()
	elapsed := time.Since(start)
	var latencies []time.Duration
	for _, c := range s.conns {
		latencies = append(latencies, c.latencies...)
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	slices.Sort(latencies)
	n := len(latencies)
	s.perSecond = append(s.perSecond, float64(n)/elapsed.Seconds())
	s.p50 = append(s.p50, float64(latencies[n/2].Nanoseconds())/1000)
	s.p99 = append(s.p99, float64(latencies[n*99/100].Nanoseconds())/1000)
	return nil
}

// connection is a client that does as little as possible, because it takes its time from the same processors.
type connection struct {
	conn      net.Conn
	r         *bufio.Reader
	latencies []time.Duration
}

// loop sends the request and waits for the answer until the time is up.
func (c *connection) loop(wire []byte, until time.Time) error {
	c.latencies = c.latencies[:0]
	if err := c.conn.SetDeadline(until.Add(5 * time.Second)); err != nil {
		return err
	}
	for start := time.Now(); start.Before(until); {
		if _, err := c.conn.Write(wire); err != nil {
			return err
		}
		if err := c.skipResponse(); err != nil {
			return err
		}
		now := time.Now()
		c.latencies = append(c.latencies, now.Sub(start))
		start = now
	}
	return nil
}

var (
	contentLength = []byte("Content-Length: ")
	successful    = []byte("HTTP/1.1 20")
)

// skipResponse reads one response to its end.
func (c *connection) skipResponse() error {
	status, err := c.r.ReadSlice('\n')
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(status, successful) {
		return fmt.Errorf("unexpected answer: %q", status)
	}
	length := 0
	for {
		line, err := c.r.ReadSlice('\n')
		if err != nil {
			return err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		if value, ok := bytes.CutPrefix(line, contentLength); ok {
			if length, err = strconv.Atoi(string(value)); err != nil {
				return err
			}
		}
	}
	_, err = io.CopyN(io.Discard, c.r, int64(length))
	return err
}
