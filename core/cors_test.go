package core

import (
	"context"
	"encoding"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unsafe"
)

// mustNew compiles a configuration that is known to be good.
func mustNew(t testing.TB, cfg Config, opts ...Option) *CORS {
	t.Helper()
	cors, err := New(cfg, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return cors
}

// fieldsOf returns the response fields that an adapter sets, the lines of one joined.
func fieldsOf(d *Decision, r *Request) map[string]string {
	fields := map[string]string{}
	for i := range d.NumFields() {
		name, value := d.Field(i)
		fields[name] = value
	}
	for name, from := range map[string]string{
		FieldAllowOrigin: FieldOrigin, FieldAllowMethods: FieldRequestMethod, FieldAllowHeaders: FieldRequestHeaders,
	} {
		repeats := map[string]bool{
			FieldAllowOrigin: d.RepeatsOrigin, FieldAllowMethods: d.RepeatsMethod, FieldAllowHeaders: d.RepeatsHeaders,
		}
		if !repeats[name] {
			continue
		}
		fields[name] = join(r.header(from))
	}
	if d.NumVary() > 0 {
		var names []string
		for i := range d.NumVary() {
			names = append(names, d.Vary(i))
		}
		fields[FieldVary] = strings.Join(names, "|")
	}
	return fields
}

func join(lines Lines) string {
	var list []string
	for i := range lines.Len() {
		list = append(list, lines.At(i))
	}
	return strings.Join(list, "|")
}

func TestZeroValuesTrustNobody(t *testing.T) {
	actual := message{Method: "POST", Origins: []string{"https://a.example"}}.request()
	preflight := message{Method: "OPTIONS", Origins: []string{"https://a.example"}, RequestMethods: []string{"PUT"}}.request()
	plain := message{Method: "GET"}.request()
	var nilCORS *CORS
	var nilPolicy *Policy
	decide := map[string]func(*Request) Decision{
		"a zero CORS":   func(r *Request) Decision { return new(CORS).Decide(context.Background(), r) },
		"a nil CORS":    func(r *Request) Decision { return nilCORS.Decide(context.Background(), r) },
		"a zero Policy": new(Policy).Decide,
		"a nil Policy":  nilPolicy.Decide,
	}
	for name, decide := range decide {
		for _, test := range []struct {
			request *Request
			status  int
			next    bool
		}{{actual, 0, true}, {preflight, 403, false}, {plain, 0, true}} {
			d := decide(test.request)
			fields := fieldsOf(&d, test.request)
			if d.OriginAllowed || d.Status != test.status || d.NextHandler != test.next || len(fields) != 1 || fields["Vary"] != "Origin" {
				t.Errorf("%s, %s: got %+v with %v", name, d.Kind, d, fields)
			}
		}
	}
	if nilCORS.AllowsOrigin(context.Background(), "https://a.example") || new(CORS).AllowsOrigin(context.Background(), "null") {
		t.Error("AllowsOrigin of a CORS without policy: got true")
	}
	if d := (Decision{}); d.NextHandler || d.OriginAllowed {
		t.Error("the zero Decision lets something pass")
	}
	if err := nilCORS.Reconfigure(Config{Origins: []string{"*"}}); err == nil {
		t.Error("Reconfigure of a nil CORS: got no error")
	}
	if v := nilPolicy.Verdict(actual, &Decision{Kind: KindActual}); v.Outcome != OutcomeDenied {
		t.Errorf("Verdict of a nil policy: got %v", v)
	}
}

// keeper is an OriginFunc that keeps what it is told.
type keeper struct {
	mu    sync.Mutex
	calls []OriginRequest
	err   error
}

func (k *keeper) allows(_ context.Context, r OriginRequest) (bool, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.calls = append(k.calls, r)
	return strings.HasPrefix(r.Origin, "https://tenant"), k.err
}

func TestOriginFuncMayKeepWhatItIsTold(t *testing.T) {
	k := new(keeper)
	cors := mustNew(t, Config{OriginFunc: k.allows})
	buffer := []byte("https://tenant.examplehost.example/path")
	text := unsafe.String(&buffer[0], len(buffer)) // as fasthttp hands strings out
	r := message{Method: "GET", Origins: []string{text[:22]}, Host: text[22:34], Path: text[34:]}
	d := cors.Decide(context.Background(), r.request())
	if !d.OriginAllowed || d.LookupNeeded || d.Pattern != "" {
		t.Errorf("got %+v", d)
	}
	copy(buffer, strings.Repeat("x", len(buffer)))
	want := []OriginRequest{{"https://tenant.example", "host.example", "/path"}}
	if !slices.Equal(k.calls, want) {
		t.Errorf("after the buffer was used again: got %q, want %q", k.calls, want)
	}
}

func TestOriginFuncIsAskedOnlyWhereNothingElseCanTell(t *testing.T) {
	tests := []struct {
		name, origin string
		cfg          Config
		asked        bool
	}{
		{"a well-formed origin", "https://tenant.example", Config{}, true},
		{"a listed origin", "https://listed.example", Config{}, false},
		{"null", "null", Config{}, false},
		{"a malformed origin", "https://tenant.example/", Config{}, false},
		{"an insecure origin", "http://tenant.example", Config{}, true},
		{"an insecure origin with credentials", "http://tenant.example", Config{Credentials: true}, false},
		{"an insecure origin with credentials by name", "http://tenant.example",
			Config{Credentials: true, Unsafe: Unsafe{InsecureLookups: true}}, true},
		{"a loopback origin with credentials", "http://127.0.0.1:3000", Config{Credentials: true}, true},
		{"an app's origin with credentials", "capacitor://localhost", Config{Credentials: true}, true},
	}
	for _, test := range tests {
		k := new(keeper)
		test.cfg.Origins, test.cfg.OriginFunc = []string{"https://listed.example"}, k.allows
		cors := mustNew(t, test.cfg)
		for _, method := range []string{"GET", "OPTIONS"} {
			k.calls = nil
			cors.Decide(context.Background(), message{Method: method, Origins: []string{test.origin}, RequestMethods: []string{"PUT"}}.request())
			if asked := len(k.calls) > 0; asked != test.asked || len(k.calls) > 1 {
				t.Errorf("%s, %s: got %d calls, want asked %v", test.name, method, len(k.calls), test.asked)
			}
		}
		if cors.AllowsOrigin(context.Background(), test.origin); len(k.calls) != 1 && len(k.calls) != 2 && test.asked {
			t.Errorf("%s: AllowsOrigin did not ask", test.name)
		}
	}
}

func TestPolicyDecideNeverCallsOriginFunc(t *testing.T) {
	p, err := Compile(Config{OriginFunc: func(context.Context, OriginRequest) (bool, error) {
		t.Error("OriginFunc was called")
		return true, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	d := p.Decide(message{Method: "OPTIONS", Origins: []string{"https://a.example"}, RequestMethods: []string{"PUT"}}.request())
	if !d.LookupNeeded || d.OriginAllowed || d.NextHandler || d.Status != 403 {
		t.Errorf("got %+v, want a refusal that needs a look-up", d)
	}
}

func TestAllowsOrigin(t *testing.T) {
	failing := &keeper{err: errors.New("down")}
	tests := []struct {
		name, origin string
		cfg          Config
		want         bool
	}{
		{"a listed origin", "https://a.example", Config{Origins: []string{"https://a.example"}}, true},
		{"another origin", "https://b.example", Config{Origins: []string{"https://a.example"}}, false},
		{"no origin", "", Config{Origins: []string{"https://a.example"}}, false},
		{"a malformed origin", "https://a.example/", Config{Origins: []string{"https://a.example"}}, false},
		{"null", "null", Config{Origins: []string{"https://a.example"}}, false},
		{"null by name", "null", Config{Origins: []string{"null"}, Unsafe: Unsafe{Accept: []string{"null"}}}, true},
		{"any origin under *", "https://b.example", Config{Origins: []string{"*"}}, true},
		{"an origin that is looked up", "https://tenant.example", Config{OriginFunc: new(keeper).allows}, true},
		{"an origin that a look-up refuses", "https://b.example", Config{OriginFunc: new(keeper).allows}, false},
		{"an origin whose look-up fails", "https://tenant.example", Config{OriginFunc: failing.allows}, false},
	}
	for _, test := range tests {
		if got := mustNew(t, test.cfg).AllowsOrigin(context.Background(), test.origin); got != test.want {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}

// watcher is an observer of everything.
type watcher struct {
	mu      sync.Mutex
	names   []string
	reloads []Reload
	lookups []Lookup
}

func (w *watcher) Observe(_ context.Context, e Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.names = append(w.names, e.PolicyName()+" "+e.Decision().Kind.String())
}
func (w *watcher) ObserveReload(_ context.Context, r Reload) { w.reloads = append(w.reloads, r) }
func (w *watcher) ObserveLookup(_ context.Context, l Lookup) { w.lookups = append(w.lookups, l) }

func TestObserversAreToldInOrderAndOncePerRequest(t *testing.T) {
	one, two := new(watcher), new(watcher)
	failure := errors.New("down")
	cors := mustNew(t, Config{OriginFunc: (&keeper{err: failure}).allows}, WithName("api"), WithObserver(one),
		WithObserver(nil), WithObserver(two))
	for _, r := range []message{
		{Method: "GET"},
		{Method: "GET", Origins: []string{"null"}},
		{Method: "OPTIONS", Origins: []string{"https://tenant.example"}, RequestMethods: []string{"PUT"}},
	} {
		cors.Decide(context.Background(), r.request())
	}
	for _, w := range []*watcher{one, two} {
		if want := []string{"api actual", "api preflight"}; !slices.Equal(w.names, want) {
			t.Errorf("events: got %q, want %q", w.names, want)
		}
		if len(w.lookups) != 1 {
			t.Fatalf("look-ups: got %d, want 1", len(w.lookups))
		}
		l := w.lookups[0]
		if l.PolicyName != "api" || l.Request.Origin != "https://tenant.example" || !l.Allowed || l.Err != failure || l.Duration < 0 {
			t.Errorf("look-up: got %+v", l)
		}
	}
}

// resting is an observer that wants requests only where the context says so.
type resting struct {
	watcher
	asked int
}

type wanted struct{}

func (r *resting) Enabled(ctx context.Context) bool {
	r.asked++
	return ctx.Value(wanted{}) != nil
}

func TestAnObserverThatIsNotEnabledIsNotCalled(t *testing.T) {
	rests, always := new(resting), new(watcher)
	cors := mustNew(t, Config{OriginFunc: new(keeper).allows}, WithObserver(rests), WithObserver(always))
	asking := context.WithValue(context.Background(), wanted{}, true)
	for _, ctx := range []context.Context{context.Background(), asking, context.Background()} {
		cors.Decide(ctx, message{Method: "GET", Origins: []string{"https://a.example"}}.request())
		cors.Decide(ctx, message{Method: "GET"}.request())
	}
	if len(rests.names) != 1 || rests.asked != 3 {
		t.Errorf("got %d events after %d questions, want 1 after 3", len(rests.names), rests.asked)
	}
	if len(always.names) != 3 {
		t.Errorf("the other observer got %d events, want 3", len(always.names))
	}
	if err := cors.Reconfigure(Config{}); err == nil || len(rests.reloads) != 1 || len(rests.lookups) != 3 {
		t.Errorf("got %d reloads and %d look-ups, want 1 and 3: Enabled speaks of requests", len(rests.reloads), len(rests.lookups))
	}
}

func TestABadConfigurationCannotReplaceAGoodOne(t *testing.T) {
	w := new(watcher)
	cors := mustNew(t, Config{Origins: []string{"https://a.example"}}, WithName("api"), WithObserver(w))
	before := cors.Policy()
	err := cors.Reconfigure(Config{Origins: []string{"https://b.example", "nonsense"}})
	if err == nil || cors.Policy() != before {
		t.Errorf("got error %v; policy replaced: %v", err, cors.Policy() != before)
	}
	if err := cors.Reconfigure(Config{Origins: []string{"https://b.example"}}); err != nil || cors.Policy() == before {
		t.Errorf("got error %v; policy kept: %v", err, cors.Policy() == before)
	}
	if !cors.AllowsOrigin(context.Background(), "https://b.example") || cors.AllowsOrigin(context.Background(), "https://a.example") {
		t.Error("the new policy is not in force")
	}
	if len(w.reloads) != 2 || w.reloads[0].Err != err || w.reloads[1] != (Reload{PolicyName: "api"}) {
		t.Errorf("reloads: got %+v", w.reloads)
	}
	var zero CORS
	if err := zero.Reconfigure(Config{Origins: []string{"*"}}); err != nil || !zero.AllowsOrigin(context.Background(), "https://a.example") {
		t.Errorf("a zero CORS cannot be configured: %v", err)
	}
}

// An older call that takes longer to compile must not undo a newer one, and a panic or an error must not hold up those
// that follow.
func TestReconfigureTakesEffectInTheOrderOfItsCalls(t *testing.T) {
	var slow Config
	for i := range 300 {
		slow.OriginRegexps = append(slow.OriginRegexps, fmt.Sprintf(`https://[a-z0-9-]+\.team%d\.example\.com`, i))
	}
	cors := mustNew(t, Config{Origins: []string{"https://first.example"}})
	joined := func() chan struct{} {
		cors.reloads.mu.Lock()
		defer cors.reloads.mu.Unlock()
		return cors.reloads.last
	}
	for _, test := range []struct {
		name         string
		older, newer Config
		want         string
	}{
		{"a slow one and a quick one", slow, Config{Origins: []string{"https://newer.example"}}, "https://newer.example"},
		{"a slow one and a bad one", slow, Config{}, "https://a.team7.example.com"},
	} {
		var calls sync.WaitGroup
		before := joined()
		calls.Go(func() {
			if err := cors.Reconfigure(test.older); err != nil {
				t.Error(err)
			}
		})
		for joined() == before {
			runtime.Gosched()
		}
		if err := cors.Reconfigure(test.newer); (err == nil) != (len(test.newer.Origins) > 0) {
			t.Errorf("%s: got error %v", test.name, err)
		}
		if !cors.AllowsOrigin(t.Context(), test.want) {
			t.Errorf("%s: once the newer call has returned, %s is not allowed", test.name, test.want)
		}
		calls.Wait()
		if !cors.AllowsOrigin(t.Context(), test.want) {
			t.Errorf("%s: once both calls have returned, %s is not allowed", test.name, test.want)
		}
	}
}

// An observer may answer a reload with another one.
func TestAnObserverMayReconfigure(t *testing.T) {
	var cors *CORS
	again := reloadFunc(func(r Reload) {
		if r.Err != nil {
			if err := cors.Reconfigure(Config{Origins: []string{"https://good.example"}}); err != nil {
				t.Error(err)
			}
		}
	})
	cors = mustNew(t, Config{Origins: []string{"https://a.example"}}, WithObserver(again))
	if err := cors.Reconfigure(Config{}); err == nil {
		t.Error("got no error, want one")
	}
	if !cors.AllowsOrigin(t.Context(), "https://good.example") {
		t.Error("got the old policy, want the observer's")
	}
}

type reloadFunc func(Reload)

func (reloadFunc) Observe(context.Context, Event)              {}
func (f reloadFunc) ObserveReload(_ context.Context, r Reload) { f(r) }

// TestEveryRequestSeesOnePolicy swaps two policies that differ in every field while requests are
// decided.
func TestEveryRequestSeesOnePolicy(t *testing.T) {
	const origin = "https://a.example"
	one := Config{Origins: []string{origin}, Credentials: true, Methods: []string{"ONE"}, RequestHeaders: []string{"One"}, MaxAge: time.Second}
	two := Config{Origins: []string{"https://*.example", "https://a.example"}, Methods: []string{"TWO"}, RequestHeaders: []string{"Two"}, MaxAge: 2 * time.Second}
	wantOne := map[string]string{FieldAllowOrigin: origin, FieldAllowCredentials: "true", FieldAllowMethods: "ONE",
		FieldAllowHeaders: "one", FieldMaxAge: "1", FieldVary: "Origin"}
	wantTwo := map[string]string{FieldAllowOrigin: origin, FieldAllowMethods: "TWO", FieldAllowHeaders: "two",
		FieldMaxAge: "2", FieldVary: "Origin"}
	equal := func(a, b map[string]string) bool {
		for name, value := range a {
			if b[name] != value {
				return false
			}
		}
		return len(a) == len(b)
	}

	verdicts := new(verdictChecker)
	cors := mustNew(t, one, WithObserver(verdicts))
	var clients sync.WaitGroup
	stop := make(chan struct{})
	for range 8 {
		clients.Go(func() {
			for range 2000 {
				r := message{Method: "OPTIONS", Origins: []string{origin}, RequestMethods: []string{"ONE"}}.request()
				d := cors.Decide(context.Background(), r)
				if got := fieldsOf(&d, r); !equal(got, wantOne) && !equal(got, wantTwo) {
					t.Errorf("an answer that belongs to neither policy: %v", got)
					return
				}
			}
		})
	}
	go func() {
		clients.Wait()
		close(stop)
	}()
	for swaps := 0; ; swaps++ {
		select {
		case <-stop:
			if swaps < 2 {
				t.Errorf("only %d swaps happened", swaps)
			}
			verdicts.check(t)
			return
		default:
			if err := cors.Reconfigure([]Config{two, one}[swaps%2]); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// verdictChecker requires that verdict and decision come from the same policy.
type verdictChecker struct {
	mu  sync.Mutex
	bad int
	n   int
}

func (c *verdictChecker) Observe(_ context.Context, e Event) {
	d := e.Decision()
	allowed := fieldsOf(&d, &e.request)[FieldAllowMethods] == "ONE"
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
	if (e.Verdict().Outcome == OutcomeAllowed) != allowed {
		c.bad++
	}
}

func (c *verdictChecker) check(t *testing.T) {
	if c.bad > 0 || c.n == 0 {
		t.Errorf("%d of %d verdicts belong to another policy than the decision", c.bad, c.n)
	}
}

// nothing is an observer that asks for all that an event can tell.
type nothing struct{}

func (nothing) Observe(_ context.Context, e Event) {
	verdictSink, boolSink = e.Verdict(), e.NeedsPreflight() || e.Blocked() || e.HasWellFormedOrigin()
	stringSink = e.Origin()
	stringSink = e.Method()
	stringSink = e.RequestedMethod()
	stringSink = e.Host() + e.Path() + e.Query() + e.Scheme() + e.PolicyName() + e.SecFetchMode()
	_, boolSink = e.Header("Cookie")
	boolSink = e.ClientAddr().IsValid()
}

var (
	verdictSink Verdict
	boolSink    bool
	stringSink  string
	sinkD       Decision
)

func TestDecidingWithAnObserverDoesNotAllocate(t *testing.T) {
	cors := mustNew(t, Config{Origins: []string{"https://a.example"}, Methods: []string{"PUT"}}, WithObserver(nothing{}))
	for _, m := range []message{
		{Method: "GET"},
		{Method: "POST", Origins: []string{"https://a.example"}},
		{Method: "POST", Origins: []string{"https://b.example"}},
		{Method: "OPTIONS", Origins: []string{"https://a.example"}, RequestMethods: []string{"PUT"}, RequestHeaders: []string{"x-a"}},
	} {
		ctx, r := context.Background(), m.request()
		if got := testing.AllocsPerRun(100, func() { sinkD = cors.Decide(ctx, r) }); got != 0 {
			t.Errorf("%s: got %v allocations, want 0", r.Method, got)
		}
	}
}

func TestSameOriginWithoutSecFetchSite(t *testing.T) {
	tests := []struct {
		origin, host string
		want         bool
	}{
		{"https://a.example", "a.example", true},
		{"https://a.example", "A.EXAMPLE", true},
		{"https://a.example", "a.example:443", true},
		{"http://a.example", "a.example:80", true},
		{"http://a.example", "a.example:443", false},
		{"https://a.example", "a.example:80", false},
		{"https://a.example", "a.example:8443", false},
		{"https://a.example:8443", "a.example:8443", true},
		{"https://a.example:8443", "a.example", false},
		{"https://a.example", "b.example", false},
		{"https://a.example", "", false},
		{"https://a.example/", "a.example", false},
		{"https://[::1]:8443", "[::1]:8443", true},
		{"https://[::1]", "[::1]:443", true},
		{"https://[::1]", "[::1]", true},
	}
	for _, test := range tests {
		r := message{Method: "POST", Host: test.host, Origins: []string{test.origin}}
		if got := (&details{request: *r.request()}).isSameOrigin(); got != test.want {
			t.Errorf("%s to %s: got %v, want %v", test.origin, test.host, got, test.want)
		}
	}
}

func TestEnumsHaveTheirTelemetryNames(t *testing.T) {
	for i, want := range []string{"non_cors", "preflight", "actual"} {
		if got := Kind(i).String(); got != want {
			t.Errorf("Kind(%d): got %q, want %q", i, got, want)
		}
	}
	for i, want := range []string{"not_applicable", "allowed", "denied"} {
		if got := Outcome(i).String(); got != want {
			t.Errorf("Outcome(%d): got %q, want %q", i, got, want)
		}
	}
	for i, want := range []string{"", "origin_not_allowed", "origin_null", "origin_malformed", "origin_lookup_failed",
		"credentials_not_allowed", "method_not_allowed", "header_not_allowed"} {
		if got := Reason(i).String(); got != want {
			t.Errorf("Reason(%d): got %q, want %q", i, got, want)
		}
	}
	for name, unknown := range map[string]interface {
		fmt.Stringer
		encoding.TextMarshaler
	}{"Kind": Kind(3), "Outcome": Outcome(3), "Reason": Reason(8), "TrustKind": TrustKind(9), "TrustKind 0": TrustKind(0),
		"ConfigReason": ConfigReason(len(configReasonNames)), "ConfigReason 0": ConfigReason(0)} {
		if text, err := unknown.MarshalText(); unknown.String() != "unknown" || string(text) != "unknown" || err != nil {
			t.Errorf("%s: got %q, %q and error %v, want unknown", name, unknown, text, err)
		}
	}
	seen := map[string]bool{}
	for r := ConfigReasonMalformed; int(r) < len(configReasonNames); r++ {
		if name := r.String(); name == "" || seen[name] || r.explain() == "" {
			t.Errorf("ConfigReason(%d): name %q, text %q", r, name, r.explain())
		}
		seen[r.String()] = true
	}
}
