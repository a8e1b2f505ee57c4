package benchmarks

import (
	"errors"
	"flag"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

var matrix = flag.Bool("matrix", false, "benchmark every scenario under every policy in every mode; takes hours")

// mainPolicy is the one under which all scenarios run. One origin is where contenders that search lists do best.
var mainPolicy = ExactPolicy(1)

// growthScenarios run under all policies; the others only with -matrix.
var growthScenarios = []string{AllowedGet, DeniedGet, AllowedPreflight, DeniedPreflight}

func BenchmarkAlone(b *testing.B)  { scenarios(b, Alone, sequential) }
func BenchmarkRouter(b *testing.B) { scenarios(b, Router, sequential) }

func BenchmarkParallel(b *testing.B) { scenarios(b, Router, parallel) }

func BenchmarkGCBusy(b *testing.B) {
	defer KeepGCBusy()()
	scenarios(b, Router, sequential)
}

// BenchmarkPolicies shows how cost grows with the number of origins.
func BenchmarkPolicies(b *testing.B) {
	for _, policy := range Policies {
		p := policy()
		for _, name := range growthScenarios {
			bench(b, p, ScenarioNamed(name), Router, sequential)
		}
	}
}

// BenchmarkMatrix is everything: scenarios × policies × ways of being called.
func BenchmarkMatrix(b *testing.B) {
	if !*matrix {
		b.Skip("without -matrix")
	}
	for _, policy := range Policies {
		p := policy()
		for i := range Scenarios {
			b.Run("alone", func(b *testing.B) { bench(b, p, &Scenarios[i], Alone, sequential) })
			b.Run("router", func(b *testing.B) { bench(b, p, &Scenarios[i], Router, sequential) })
			b.Run("parallel", func(b *testing.B) { bench(b, p, &Scenarios[i], Router, parallel) })
			b.Run("gc", func(b *testing.B) {
				defer KeepGCBusy()()
				bench(b, p, &Scenarios[i], Router, sequential)
			})
		}
	}
}

// loop is the timed part of a benchmark.
type loop func(b *testing.B, app App, requests []Request)

func sequential(b *testing.B, app App, requests []Request) {
	client := app.Client(requests)
	client.Do()
	for b.Loop() {
		client.Do()
	}
}

func parallel(b *testing.B, app App, requests []Request) {
	b.RunParallel(func(pb *testing.PB) {
		client := app.Client(requests)
		for pb.Next() {
			client.Do()
		}
	})
}

func scenarios(b *testing.B, mode Mode, timed loop) {
	for i := range Scenarios {
		bench(b, mainPolicy, &Scenarios[i], mode, timed)
	}
}

// bench runs all contenders one after another. For numbers to quote use the report, which interleaves them.
func bench(b *testing.B, p Policy, s *Scenario, mode Mode, timed loop) {
	if !s.Applies(&p) {
		return
	}
	for _, framework := range Frameworks {
		contenders := []Contender{*Baseline(framework, !s.Preflight)}
		for _, c := range Contenders {
			if c.Framework == framework && c.Supports(&p) && (c.Name != Observed || s.Observer) {
				contenders = append(contenders, c)
			}
		}
		for _, c := range contenders {
			b.Run(benchName(p.Name, s.Name, framework, c.Name), func(b *testing.B) { one(b, &c, p, s, mode, timed) })
		}
	}
}

func one(b *testing.B, c *Contender, p Policy, s *Scenario, mode Mode, timed loop) {
	app, err := c.Open(p, mode)
	if errors.Is(err, ErrUnsupported) {
		b.Skip(err)
	}
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.ResetTimer()
	timed(b, app, s.Requests(&p))
}

// BenchmarkOTel shows requests with otelcors for an observer, and without.
func BenchmarkOTel(b *testing.B) {
	p := TypicalPolicy()
	for _, s := range OTelScenarios {
		for _, c := range slices.Concat([]Contender{netHTTPCorselet}, OTel, []Contender{CounterAdd}) {
			b.Run(benchName(p.Name, s.Name, c.Name), func(b *testing.B) { one(b, &c, p, s, Alone, sequential) })
		}
	}
}

// benchName joins words so that -bench can select by each of them.
func benchName(words ...string) string {
	replacer := strings.NewReplacer("/", "-", " ", "_", ",", "", "'", "")
	for i, word := range words {
		words[i] = replacer.Replace(word)
	}
	return strings.Join(words, "/")
}

func TestGCIsKeptBusy(t *testing.T) {
	stop := KeepGCBusy()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for start := time.Now(); time.Since(start) < 10*time.Second; {
		time.Sleep(time.Millisecond)
		if runtime.ReadMemStats(&after); after.NumGC > before.NumGC+2 {
			break
		}
	}
	stop()
	if after.NumGC <= before.NumGC+2 {
		t.Errorf("%d collections while it was to be busy, want more than 2", after.NumGC-before.NumGC)
	}
}

// The runtime allocates now and then by itself, so that fractions are no fault.
func TestAllocationsAreCountedOnceWarm(t *testing.T) {
	for _, p := range []Policy{ExactPolicy(1), ExactPolicy(1000)} {
		for _, c := range []Contender{fiberCorselet, fiberV3Corselet} {
			app, err := c.Open(p, Router)
			if err != nil {
				t.Fatal(err)
			}
			requests := ScenarioNamed(AllowedGet).Requests(&p)
			if allocs, bytes := CountAllocs(app.Client(requests)); math.Round(allocs) != 0 || bytes > 2 {
				t.Errorf("%s, policy %s: %v allocations, %v bytes, want none", c.Framework, p.Name, allocs, bytes)
			}
		}
	}
	app, err := netHTTPCorselet.Open(mainPolicy, Alone)
	if err != nil {
		t.Fatal(err)
	}
	allocs, bytes := CountAllocs(app.Client(ScenarioNamed(AllowedGet).Requests(&mainPolicy)))
	if math.Round(allocs) != 1 || math.Abs(bytes-32) > 2 {
		t.Errorf("net/http: %v allocations, %v bytes, want 1 of 32", allocs, bytes)
	}
}

// interrupted is a client whose first requests are disturbed.
type interrupted struct{ requests int }

func (c *interrupted) Do() {
	if c.requests++; c.requests <= 2 {
		time.Sleep(2 * time.Millisecond)
	}
}

func (c *interrupted) Answer() Answer { return Answer{} }

func TestCalibrationIgnoresAnInterruption(t *testing.T) {
	if n := Calibrate(new(interrupted), time.Millisecond); n < 1000 {
		t.Errorf("%d requests that do nothing in a millisecond, want thousands", n)
	}
}
