package benchmarks

import (
	"maps"
	"math"
	"testing"
)

func TestCorseletAnswersRightlyUnderOtelcors(t *testing.T) {
	p := TypicalPolicy()
	for _, c := range OTel {
		app, err := c.Open(p, Alone)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range OTelScenarios {
			requests := s.Requests(&p)
			found := c.Judge(&p, s, requests, app.Client(requests))
			if len(found.Wrong) > 0 || len(found.Less) > 0 {
				t.Errorf("%s, %s: got %+v, want nothing wrong and nothing less", c.Name, s.Name, found)
			}
		}
	}
}

// With other attributes the bare counter would not be what otelcors is held against.
func TestTheBareCounterHasTheAttributesOfTheRequests(t *testing.T) {
	p := TypicalPolicy()
	for _, test := range []struct {
		scenario string
		want     map[string]string
	}{
		{AllowedGet, map[string]string{"cors.request.type": "actual", "cors.verdict": "allowed"}},
		{AllowedPut, map[string]string{
			"cors.request.type": "actual", "cors.verdict": "allowed", "cors.preflight.cache.status": "hit"}},
		{DeniedGet, map[string]string{
			"cors.request.type": "actual", "cors.verdict": "denied", "cors.denial.reason": "origin_not_allowed"}},
		{AllowedPreflight, map[string]string{"cors.request.type": "preflight", "cors.verdict": "allowed"}},
		{DeniedPreflight, map[string]string{
			"cors.request.type": "preflight", "cors.verdict": "denied", "cors.denial.reason": "origin_not_allowed"}},
	} {
		for _, s := range OTelScenarios {
			if s.Name != test.scenario {
				continue
			}
			set, err := countedAs(p, Alone, s.Requests(&p))
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]string{}
			for _, kv := range set.ToSlice() {
				got[string(kv.Key)] = kv.Value.AsString()
			}
			test.want["cors.policy.name"] = "api"
			if !maps.Equal(got, test.want) {
				t.Errorf("%s: got %v, want %v", s.Name, got, test.want)
			}
		}
	}
}

func TestRequestsThatAreCountedUnlikeHaveNoBareCounter(t *testing.T) {
	p := TypicalPolicy()
	requests := append(ScenarioNamed(AllowedGet).RequestsOf(&p, 1), ScenarioNamed(DeniedGet).RequestsOf(&p, 1)...)
	if set, err := countedAs(p, Alone, requests); err == nil {
		t.Errorf("got %v, want an error", set.ToSlice())
	}
}

func TestOtelcorsAllocatesForEventsOnly(t *testing.T) {
	p := TypicalPolicy()
	count := func(c *Contender, s *Scenario) float64 {
		app, err := c.Open(p, Alone)
		if err != nil {
			t.Fatal(err)
		}
		allocs, _ := CountAllocs(app.Client(s.Requests(&p)))
		return math.Round(allocs)
	}
	for _, s := range OTelScenarios {
		alone := count(&netHTTPCorselet, s)
		for _, c := range OTel {
			if got := count(&c, s) - alone; got != 0 { // denials in a tight loop are over the limit of events
				t.Errorf("%s, %s: got %v allocations more than without, want none", c.Name, s.Name, got)
			}
		}
		allocs, _, err := CountEventAllocs(p, s)
		if isDenial := s.Outcome == DeniedOrigin; isDenial != (err == nil) {
			t.Errorf("%s: counting the allocations of its events: %v", s.Name, err)
		} else if got := math.Round(allocs) - alone; isDenial && (got < 1 || got > 6) {
			t.Errorf("%s: got %v allocations for an event, want 1 to 6", s.Name, got)
		}
	}
}
