package otelcors

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/trace"

	"github.com/corselet/corselet/core"
)

// contract is testdata/telemetry.json: everything that may leave the process. The README's tables are made from it.
type contract struct {
	Signals []struct {
		Signal, Name, Unit, Severity, When string
		Attributes                         []string // with "?" if not always there
	}
	Attributes []struct {
		Name, Type, Meaning string
		Of                  string   // the beginning of the signals' names, if there are several by this name
		Values              []string // all of them, if they are known
	}
}

func readContract(t *testing.T) (c contract) {
	t.Helper()
	data, err := os.ReadFile("testdata/telemetry.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

// emission is a point, event or span that left the process, with its attributes.
type emission struct {
	signal, name, unit, severity string
	attributes                   []attribute.KeyValue
}

// emissions returns everything that k has emitted.
func (k *telemetry) emissions(t *testing.T) (all []emission) {
	t.Helper()
	var metrics metricdata.ResourceMetrics
	if err := k.metrics.Collect(context.Background(), &metrics); err != nil {
		t.Fatal(err)
	}
	for _, scope := range metrics.ScopeMetrics {
		for _, m := range scope.Metrics {
			all = append(all, pointsOf(t, &m)...)
		}
	}
	for _, r := range k.events.records {
		e := emission{signal: "event", name: r.EventName(), severity: r.SeverityText()}
		if r.Severity().String() != r.SeverityText() || r.Body().AsString() == "" || r.Timestamp().IsZero() {
			t.Errorf("%s: got severity %v %s, body %q and time %v", e.name, r.Severity(), r.SeverityText(), r.Body(), r.Timestamp())
		}
		r.WalkAttributes(func(kv attribute.KeyValue) bool {
			e.attributes = append(e.attributes, kv)
			return true
		})
		if len(e.attributes) > 5 {
			t.Errorf("%s: got %d attributes, want at most 5", e.name, len(e.attributes))
		}
		all = append(all, e)
	}
	for _, s := range k.spans.Ended() {
		e := emission{signal: "span", name: s.Name(), attributes: s.Attributes()}
		if s.Name() == outerSpan {
			e.signal, e.name = "attributes", "of the current span"
		} else if s.SpanKind() != trace.SpanKindServer {
			t.Errorf("%s: got kind %v, want server", e.name, s.SpanKind())
		}
		all = append(all, e)
	}
	return all
}

func pointsOf(t *testing.T, m *metricdata.Metrics) (points []emission) {
	t.Helper()
	if m.Description == "" {
		t.Errorf("%s: got no description, want one", m.Name)
	}
	e := emission{name: m.Name, unit: m.Unit}
	switch data := m.Data.(type) {
	case metricdata.Sum[int64]:
		for _, point := range data.DataPoints {
			e.signal, e.attributes = "counter", point.Attributes.ToSlice()
			points = append(points, e)
		}
		if !data.IsMonotonic {
			t.Errorf("%s: got a sum that can fall, want a counter", m.Name)
		}
	case metricdata.Histogram[float64]:
		for _, point := range data.DataPoints {
			e.signal, e.attributes = "histogram", point.Attributes.ToSlice()
			points = append(points, e)
		}
	default:
		t.Errorf("%s: got %T, want a counter or a histogram", m.Name, data)
	}
	return points
}

const outerSpan = "GET /notes"

// everything makes an observer emit everything that it can.
func everything(t *testing.T) *telemetry {
	t.Helper()
	k := newTelemetry(t)
	blocking := appPolicy
	blocking.Block = true
	lookups := core.Config{OriginFunc: func(_ context.Context, r core.OriginRequest) (bool, error) {
		return true, map[string]error{"/timeout": context.DeadlineExceeded, "/canceled": context.Canceled,
			"/broken": errors.New("broken")}[r.Path]
	}}
	open := core.Config{Origins: []string{"*"}, Methods: []string{"*"}}
	unnamed := k.cors(t, appPolicy)
	requests := []*core.Request{
		newRequest("GET", app), newPreflight("PUT", app), newRequest("PUT", app), newRequest("PUT", app),
		newRequest("PUT", app, "Sec-Fetch-Mode", ""), newRequest("GET", "null"), newRequest("GET", "x"),
		newRequest("GET", app, "Cookie", ""), newPreflight("PATCH", app), newRequest("GET", other),
		newPreflight("PUT", app, "Sec-Fetch-Mode", ""), newPreflight("PATCH", app, "Sec-Fetch-Mode", ""),
		newPreflight("PUT", app, core.FieldRequestHeaders, "x-a"), newPreflight("PUT", other),
	}
	for _, method := range []string{"CONNECT", "DELETE", "GET", "HEAD", "PATCH", "POST", "PUT", "QUERY", "TRACE", "FROB"} {
		requests = append(requests, newRequest(method, other))
	}
	plain := newPreflight("PUT", other)
	sourceOf(plain).scheme = "http"
	twice := newRequest("GET", other)
	twice.Origin = "" // as of two lines
	twiceAsked := newPreflight("PUT", other)
	twiceAsked.Origin = twice.Origin
	requests = append(requests, plain, twice, twiceAsked)
	handles := []*core.CORS{unnamed, k.cors(t, blocking, core.WithName("api")), k.cors(t, blocking), k.cors(t, open)}
	for _, cors := range handles {
		for _, r := range requests {
			cors.Decide(context.Background(), r)
			ctx, span := k.tracers.Tracer("").Start(context.Background(), outerSpan)
			cors.Decide(ctx, r)
			span.End()
			k.now += 1e9
		}
	}
	for _, path := range []string{"/timeout", "/canceled", "/broken", "/good"} {
		r := newRequest("GET", app)
		sourceOf(r).path = path
		k.cors(t, lookups).Decide(context.Background(), r)
	}
	for reason := core.ConfigReason(1); reason.String() != "unknown"; reason++ {
		if reason == core.ConfigReasonMore {
			continue // always comes after others, and the first one counts
		}
		k.ObserveReload(context.Background(), core.Reload{Err: errors.Join(&core.ConfigError{Reason: reason})})
	}
	k.ObserveReload(context.Background(), core.Reload{PolicyName: "api", Err: errors.New("other")})
	if err := unnamed.Reconfigure(open); err != nil {
		t.Fatal(err)
	}
	return k
}

func TestEveryEmissionIsInTheContract(t *testing.T) {
	c := readContract(t)
	for _, e := range everything(t).emissions(t) {
		if problem := c.check(&e); problem != "" {
			t.Errorf("%s %s %v: %s", e.signal, e.name, asText(e.attributes), problem)
		}
	}
}

// check returns what is wrong with an emission.
func (c *contract) check(e *emission) string {
	for _, s := range c.Signals {
		if s.Signal != e.signal || s.Name != e.name {
			continue
		}
		if s.Unit != e.unit {
			return fmt.Sprintf("got unit %q, want %q", e.unit, s.Unit)
		}
		if e.signal == "event" && !strings.Contains(s.Severity, e.severity) {
			return fmt.Sprintf("got severity %s, want %s", e.severity, s.Severity)
		}
		got := map[string]bool{}
		for _, kv := range e.attributes {
			name := string(kv.Key)
			got[name] = true
			if !slices.Contains(s.Attributes, name) && !slices.Contains(s.Attributes, name+"?") {
				return "got attribute " + name + ", want none by that name"
			}
			if problem := c.checkAttribute(e.name, kv); problem != "" {
				return problem
			}
		}
		for _, name := range s.Attributes {
			if !strings.HasSuffix(name, "?") && !got[name] {
				return "got no attribute " + name + ", want one"
			}
		}
		return ""
	}
	return "got a signal by this name, want none"
}

func (c *contract) checkAttribute(signal string, kv attribute.KeyValue) string {
	for _, a := range c.Attributes {
		if a.Name != string(kv.Key) || !strings.HasPrefix(signal, a.Of) {
			continue
		}
		if got := typeName(kv.Value.Type()); got != a.Type {
			return fmt.Sprintf("got type %s of %s, want %s", got, kv.Key, a.Type)
		}
		if a.Values != nil && !slices.Contains(a.Values, kv.Value.String()) {
			return fmt.Sprintf("got %s of %s, want one of %v", kv.Value, kv.Key, a.Values)
		}
		return ""
	}
	return "got " + string(kv.Key) + ", which the list of attributes lacks"
}

// typeName returns the name of a type as semantic conventions write it.
func typeName(t attribute.Type) string {
	if t == attribute.STRINGSLICE {
		return "string[]"
	}
	return strings.ToLower(t.String())
}

func TestEverythingInTheContractIsEmitted(t *testing.T) {
	c := readContract(t)
	emitted := map[string]bool{}
	for _, e := range everything(t).emissions(t) {
		emitted[e.signal+" "+e.name] = true
		for _, kv := range e.attributes {
			emitted[fmt.Sprint(e.signal, " ", e.name, " ", kv.Key)] = true
			for _, a := range c.Attributes {
				if strings.HasPrefix(e.name, a.Of) {
					emitted[fmt.Sprint(a.Of, " ", kv.Key, "=", kv.Value)] = true
				}
			}
		}
	}
	for _, s := range c.Signals {
		for _, name := range s.Attributes {
			if what := s.Signal + " " + s.Name + " " + strings.TrimSuffix(name, "?"); !emitted[what] {
				t.Errorf("got no %s, want one", what)
			}
		}
	}
	for _, a := range c.Attributes {
		for _, value := range a.Values {
			// A request that is blocked has every method but those that only preflights have.
			if what := a.Of + " " + a.Name + "=" + value; !emitted[what] {
				t.Errorf("got no %s, want one", what)
			}
		}
	}
}

// An attribute that the contract calls optional must be absent somewhere.
func TestOptionalAttributesAreSometimesAbsent(t *testing.T) {
	c := readContract(t)
	emissions := everything(t).emissions(t)
	for _, s := range c.Signals {
		for _, name := range s.Attributes {
			name, optional := strings.CutSuffix(name, "?")
			if !optional || name == "url.scheme" { // absent only with an application's own source
				continue
			}
			if !slices.ContainsFunc(emissions, func(e emission) bool {
				return e.signal == s.Signal && e.name == s.Name && !slices.ContainsFunc(e.attributes,
					func(kv attribute.KeyValue) bool { return string(kv.Key) == name })
			}) {
				t.Errorf("%s %s: got %s everywhere, want it not to be called optional", s.Signal, s.Name, name)
			}
		}
	}
}

func TestREADMEShowsTheContract(t *testing.T) {
	data, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	c := readContract(t)
	for _, want := range []string{c.signalTable(), c.attributeTable()} {
		if !strings.Contains(string(data), "\n\n"+want+"\n") {
			t.Errorf("got a README without this table, want it:\n%s", want)
		}
	}
}

func (c *contract) signalTable() string {
	var b strings.Builder
	b.WriteString("| signal | name | unit or severity | attributes (? = not always) | when |\n|---|---|---|---|---|\n")
	for _, s := range c.Signals {
		unit := s.Severity
		if s.Unit != "" {
			unit = "`" + s.Unit + "`"
		}
		name := "`" + s.Name + "`"
		if s.Signal == "attributes" {
			name = s.Name
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", s.Signal, name, unit, inCode(s.Attributes), s.When)
	}
	return b.String()
}

func (c *contract) attributeTable() string {
	var b strings.Builder
	b.WriteString("| attribute | type | values | meaning |\n|---|---|---|---|\n")
	for _, a := range c.Attributes {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", a.Name, a.Type, inCode(a.Values), a.Meaning)
	}
	return b.String()
}

// inCode returns names as Markdown.
func inCode(names []string) string {
	var list []string
	for _, name := range names {
		name, optional := strings.CutSuffix(name, "?")
		name = "`" + name + "`"
		if optional {
			name += "?"
		}
		list = append(list, name)
	}
	return strings.Join(list, ", ")
}
