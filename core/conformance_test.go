package core_test

import (
	"context"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"testing"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
)

// TestConformance runs the suite for adapters straight against core, hostile bytes included, and
// requires that neither deciding nor judging allocates, whatever the request.
func TestConformance(t *testing.T) {
	suite, err := corstest.Conformance()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range suite.Cases {
		if len(c.Over) > 0 && !slices.Contains(c.Over, corstest.Process) {
			continue // it is about what servers make of the bytes
		}
		t.Run(c.Name, func(t *testing.T) {
			cfg := suite.Policies[c.Policy].Compilable()
			recorder := new(eventRecorder)
			cors, err := core.New(cfg, core.WithObserver(recorder))
			if err != nil {
				t.Fatal(err)
			}
			r := coreRequest(&c.Request)
			d := cors.Decide(context.Background(), r)
			if d.Kind != core.KindNonCORS {
				checkEvent(t, recorder, c.Event)
			}
			checkAnswer(t, r, &d, &c)

			p := cors.Policy()
			if got := testing.AllocsPerRun(10, func() { decisionSink = p.Decide(r) }); got != 0 {
				t.Errorf("Decide: got %v allocations, want 0", got)
			}
			if got := testing.AllocsPerRun(10, func() { verdictSink = p.Verdict(r, &d) }); got != 0 {
				t.Errorf("Verdict: got %v allocations, want 0", got)
			}
			if got := testing.AllocsPerRun(10, func() { boolSink = p.NeedsPreflight(r) }); got != 0 {
				t.Errorf("NeedsPreflight: got %v allocations, want 0", got)
			}
		})
	}
}

var (
	decisionSink core.Decision
	verdictSink  core.Verdict
	boolSink     bool
)

func checkAnswer(t *testing.T, r *core.Request, d *core.Decision, c *corstest.Case) {
	t.Helper()
	got := map[string][]string{}
	for i := range d.NumFields() {
		name, value := d.Field(i)
		got[name] = append(got[name], value)
	}
	for i := range d.NumVary() {
		got[core.FieldVary] = append(got[core.FieldVary], d.Vary(i))
	}
	repeat := func(repeats bool, name, from string) {
		lines := r.Source.Header(from)
		for i := 0; repeats && i < lines.Len(); i++ {
			got[name] = append(got[name], lines.At(i))
		}
	}
	repeat(d.RepeatsOrigin, core.FieldAllowOrigin, core.FieldOrigin)
	repeat(d.RepeatsMethod, core.FieldAllowMethods, core.FieldRequestMethod)
	repeat(d.RepeatsHeaders, core.FieldAllowHeaders, core.FieldRequestHeaders)
	if len(c.Outer) == 0 {
		vary := got[core.FieldVary]
		delete(got, core.FieldVary)
		if !slices.Equal(slices.Sorted(slices.Values(vary)), slices.Sorted(slices.Values(c.Want.Vary))) {
			t.Errorf("Vary: got %q, want %q", vary, c.Want.Vary)
		}
		if !maps.EqualFunc(got, c.Want.Fields, slices.Equal) {
			t.Errorf("fields: got %q, want %q", got, c.Want.Fields)
		}
	}
	if !d.NextHandler && d.Status != c.Want.Status || d.NextHandler && d.Status != 0 {
		t.Errorf("status: got %d (next handler: %v), want %d", d.Status, d.NextHandler, c.Want.Status)
	}
	if d.NextHandler != (c.Want.Hit || c.Want.Status == http.StatusNotFound) {
		t.Errorf("next handler: got %v, want hit: %v", d.NextHandler, c.Want.Hit)
	}
}

func checkEvent(t *testing.T, recorder *eventRecorder, want *corstest.Event) {
	t.Helper()
	if len(recorder.events) != 1 || want == nil {
		t.Fatalf("got %d events, want one: %v", len(recorder.events), want)
	}
	if recorder.events[0] != *want {
		t.Errorf("event:\n got %+v\nwant %+v", recorder.events[0], *want)
	}
}

type eventRecorder struct{ events []corstest.Event }

func (r *eventRecorder) Observe(_ context.Context, e core.Event) {
	r.events = append(r.events, corstest.NewEvent(&e))
}

// coreRequest does what an adapter does.
func coreRequest(r *corstest.RawRequest) *core.Request {
	s := fieldSource{path: r.Path, fields: map[string][]string{}}
	for _, f := range r.Fields {
		s.fields[f.Name] = append(s.fields[f.Name], f.Value)
	}
	origins := s.fields[core.FieldOrigin]
	request := &core.Request{
		Method: r.Method, HasOrigin: len(origins) > 0,
		HasRequestMethod: len(s.fields[core.FieldRequestMethod]) > 0, Source: &s,
	}
	if len(origins) == 1 {
		request.Origin = origins[0]
	}
	return request
}

// fieldSource is a core.Source that knows a path and header fields.
type fieldSource struct {
	path   string
	fields map[string][]string
}

func (s *fieldSource) Header(name string) core.Lines { return core.StringLines(s.fields[name]) }

func (s *fieldSource) AnyHeaderName(match func(string) bool) bool {
	for name := range s.fields {
		if match(name) {
			return true
		}
	}
	return false
}

func (s *fieldSource) Host() string           { return corstest.Host }
func (s *fieldSource) Path() string           { return s.path }
func (s *fieldSource) Scheme() string         { return "http" }
func (s *fieldSource) Query() string          { return "" }
func (s *fieldSource) ClientAddr() netip.Addr { return netip.Addr{} }
