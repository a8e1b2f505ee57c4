package corstest

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/corselet/corselet/core"
)

// Run runs the conformance suite against applications with the adapter under test. newApp assembles
// one as [Spec] says; Run calls it for each policy, and for each case with a layer in front. newApp
// may register cleanups on t.
//
// Each case goes in process, over HTTP/1.1 and over HTTP/2, as far as the [App] and the case allow.
// Run checks the whole answer: the status, all Access-Control fields, Vary as a set, whether the
// handler ran, that refusals have neither body nor Content-Type, and what observers got. In
// applications made by [HTTP] it also looks for memory that two responses share.
func Run(t *testing.T, newApp func(t *testing.T, spec Spec) App) {
	suite, err := Conformance()
	if err != nil {
		t.Fatal(err)
	}
	apps := map[string]*bench{}
	for _, c := range suite.Cases {
		app := apps[c.Policy]
		if app == nil || len(c.Outer) > 0 {
			app = newBench(t, newApp, suite.Policies[c.Policy].Compilable(), c.Outer)
		}
		if len(c.Outer) == 0 {
			apps[c.Policy] = app
		}
		t.Run(c.Name, func(t *testing.T) {
			for _, transport := range app.transports(&c) {
				for _, problem := range app.try(transport, &c) {
					t.Errorf("%s: %s\nwhy it matters: %s", transport, problem, c.Why)
				}
			}
		})
	}
	for _, policy := range slices.Sorted(maps.Keys(apps)) {
		t.Run("no two responses share memory under "+policy, func(t *testing.T) {
			if apps[policy].handler != nil {
				apps[policy].checkSharing(t, suite, policy)
			}
		})
	}
}

// bench is an application under test.
type bench struct {
	server   string
	handler  http.Handler // nil if the application is not one
	clients  map[string]Client
	observer *recorder
}

func newBench(t *testing.T, newApp func(*testing.T, Spec) App, cfg core.Config,
	outer []Field) *bench {
	t.Helper()
	observer := new(recorder)
	cors, err := core.New(cfg, core.WithObserver(observer))
	if err != nil {
		t.Fatal(err)
	}
	app := newApp(t, Spec{CORS: cors, Outer: outer})
	if app.Do == nil {
		t.Fatal("App.Do is nil; it is required: some hostile requests can only be sent in process")
	}
	return &bench{server: app.Server, handler: app.handler, clients: app.Start(t),
		observer: observer}
}

// transports returns the transports that the case goes over.
func (b *bench) transports(c *Case) []string {
	return slices.DeleteFunc([]string{Process, HTTP1, HTTP2}, func(transport string) bool {
		return b.clients[transport] == nil || len(c.Over) > 0 && !slices.Contains(c.Over, transport)
	})
}

// try sends the case's request and returns a sentence for each mistake in the answer and the
// events.
func (b *bench) try(transport string, c *Case) []string {
	b.observer.reset()
	got, err := b.clients[transport](&c.Request)
	if status, ok := c.RefusedBy[b.server]; ok && transport != Process {
		return b.checkRefusal(got, err, status)
	}
	if err != nil {
		return []string{err.Error()}
	}
	return append(c.Want.Check(got), c.Event.check(b.observer.events())...)
}

// checkRefusal checks that the server itself refused the request, before any adapter or handler saw
// it.
func (b *bench) checkRefusal(got *RawResponse, err error, status int) (problems []string) {
	wrong := problemList{&problems}
	switch {
	case errors.Is(err, errNoAnswer):
	case err != nil:
		wrong.add("%v", err)
	case got.Status != status:
		wrong.add("status: got %d, want %d, with which %s itself refuses such a request",
			got.Status, status, b.server)
	case len(corsFields(got.Header)) > 0:
		wrong.add("the server's own refusal has CORS fields: %v", corsFields(got.Header))
	}
	if n := len(b.observer.events()); n > 0 {
		wrong.add("observers got a request that %s itself refuses", b.server)
	}
	return problems
}

// Check returns a sentence for each difference between got and the wanted answer.
func (want *Answer) Check(got *RawResponse) (problems []string) {
	wrong := problemList{&problems}
	wrong.compare("status", got.Status, want.Status)
	fields := corsFields(got.Header)
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if _, ok := want.Fields[name]; !ok {
			wrong.add("the answer has %s: %q, want no such field", name, fields[name])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(want.Fields)) {
		wrong.compareLists(name, fields[name], want.Fields[name])
	}
	wrong.compareLists("Vary as a set", varyNames(got.Header), sortedLower(want.Vary))
	wrong.compare("handler ran", got.Header.Get("X-Handler") == "hit", want.Hit)
	if want.Status == http.StatusForbidden || want.Status == http.StatusNoContent {
		wrong.compare("body", got.Body, "")
		wrong.compareLists("Content-Type", got.Header["Content-Type"], nil)
	}
	if want.Status == http.StatusNoContent {
		wrong.compareLists("Content-Length", got.Header["Content-Length"], nil)
	}
	return problems
}

// corsFields returns the fields whose names start with Access-Control-.
func corsFields(h http.Header) map[string][]string {
	fields := map[string][]string{}
	for name, lines := range h {
		if strings.HasPrefix(strings.ToLower(name), "access-control-") {
			fields[name] = lines
		}
	}
	return fields
}

// varyNames returns the names in all lines of Vary. It returns a name twice if it is there twice.
func varyNames(h http.Header) []string {
	var list []string
	for _, line := range h["Vary"] {
		for name := range strings.SplitSeq(line, ",") {
			list = append(list, strings.TrimSpace(name))
		}
	}
	return sortedLower(list)
}

func sortedLower(list []string) []string {
	var lower []string
	for _, name := range list {
		lower = append(lower, strings.ToLower(name))
	}
	slices.Sort(lower)
	return lower
}

// check compares what observers got with what they should have got.
func (want *Event) check(got []Event) (problems []string) {
	wrong := problemList{&problems}
	switch {
	case want == nil && len(got) > 0:
		wrong.add("observers got %+v for a request without Origin", got)
	case want != nil && len(got) != 1:
		wrong.add("observers got %d events, want one", len(got))
	case want != nil:
		wrong.compare("event", got[0], *want)
	}
	return problems
}

// recorder is an observer that records events.
type recorder struct {
	mu   sync.Mutex
	list []Event
}

func (r *recorder) Observe(_ context.Context, e core.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, NewEvent(&e))
}

// NewEvent copies the parts of an event that the suite compares.
func NewEvent(e *core.Event) Event {
	d, v := e.Decision(), e.Verdict()
	return Event{
		Kind:           d.Kind.String(),
		Pattern:        d.Pattern,
		Outcome:        v.Outcome.String(),
		Reason:         v.Reason.String(),
		Detail:         strings.Clone(v.Detail),
		NeedsPreflight: e.NeedsPreflight(),
		Blocked:        e.Blocked(),
	}
}

func (r *recorder) events() []Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.list)
}

func (r *recorder) reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = nil
}
