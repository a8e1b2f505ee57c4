package core

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// CORS is the live handle that adapters hold: a policy that can be replaced while requests are
// served, and the observers of what it decides. All methods may be called concurrently.
//
// The zero CORS allows no origin until Reconfigure gives it a policy; a nil one never does.
type CORS struct {
	policy    atomic.Pointer[Policy] // made by Compile, or nil
	reloads   queueOfReloads
	name      string
	observers []observer
}

// observer is an Observer, and its optional interface that is asked for every request.
type observer struct {
	Observer
	enabled EnabledObserver // nil: always
}

// Option changes what [New] makes. Only this package has options; nil is ignored.
type Option interface{ apply(*CORS) }

type optionFunc func(*CORS)

func (f optionFunc) apply(c *CORS) { f(c) }

// WithName names the policy for observers, to tell several of one process apart, such as
// "public-api".
func WithName(name string) Option { return optionFunc(func(c *CORS) { c.name = name }) }

// WithObserver adds an observer. Observers are called in the order in which they were added. Nil is
// ignored.
func WithObserver(o Observer) Option {
	return optionFunc(func(c *CORS) {
		if o != nil {
			enabled, _ := o.(EnabledObserver)
			c.observers = append(c.observers, observer{o, enabled})
		}
	})
}

// New compiles cfg and returns a handle on it. For errors see [Compile].
func New(cfg Config, opts ...Option) (*CORS, error) {
	p, err := Compile(cfg)
	if err != nil {
		return nil, err
	}
	c := new(CORS)
	c.policy.Store(p)
	for _, opt := range opts {
		if opt != nil {
			opt.apply(c)
		}
	}
	return c, nil
}

// Policy returns the policy in force.
func (c *CORS) Policy() *Policy {
	if c == nil {
		return denyAll
	}
	if p := c.policy.Load(); p != nil {
		return p
	}
	return denyAll
}

// AsksOriginFunc reports whether the policy in force has an OriginFunc, so that Decide may call the
// application. An adapter then sets Vary: Origin before: OriginFunc may panic.
func (c *CORS) AsksOriginFunc() bool { return c.Policy().config.OriginFunc != nil }

// Reconfigure compiles cfg and applies it to every request that starts afterwards; a request under
// way keeps the policy that it began with. On error the old policy still applies. Concurrent calls
// take effect in the order in which they began, however long each takes to compile. An OriginFunc
// is not carried over: cfg is the whole configuration. Observers that implement [ReloadObserver]
// are told of both outcomes. A nil CORS returns an error.
func (c *CORS) Reconfigure(cfg Config) error {
	if c == nil {
		return errors.New("cors: there is nothing to reconfigure: the CORS is nil; " +
			"make it with core.New")
	}
	err := c.replace(cfg)
	for _, o := range c.observers {
		if o, ok := o.Observer.(ReloadObserver); ok {
			o.ObserveReload(context.Background(), Reload{PolicyName: c.name, Err: err})
		}
	}
	return err
}

// replace compiles cfg, and puts it in force when all earlier calls have ended.
func (c *CORS) replace(cfg Config) error {
	earlier, done := c.reloads.join()
	defer close(done)
	p, err := Compile(cfg)
	<-earlier
	if err == nil {
		c.policy.Store(p)
	}
	return err
}

// A queueOfReloads keeps calls of Reconfigure in the order in which they began. Its zero value is
// empty.
type queueOfReloads struct {
	mu   sync.Mutex
	last chan struct{} // closed when the last call so far has ended
}

// join returns a channel that is closed when all earlier calls have ended, and one to close when
// this one has.
func (q *queueOfReloads) join() (earlier <-chan struct{}, done chan struct{}) {
	q.mu.Lock()
	defer q.mu.Unlock()
	previous := q.last
	if previous == nil {
		previous = make(chan struct{})
		close(previous)
	}
	q.last = make(chan struct{})
	return previous, q.last
}

// Decide says how to answer r, and is what adapters call: it asks OriginFunc if need be, with ctx,
// and tells the observers. Without OriginFunc and observers it does not allocate.
func (c *CORS) Decide(ctx context.Context, r *Request) (d Decision) {
	p := c.Policy()
	if !r.HasOrigin {
		d.carry(&p.answers.nonCORS)
		return d
	}
	p.answer(r, &d, c.judge(ctx, p, r))
	if c != nil && len(c.observers) > 0 {
		c.tell(ctx, p, r, &d)
	}
	return d
}

// tell tells the observers of a decision.
func (c *CORS) tell(ctx context.Context, p *Policy, r *Request, d *Decision) {
	for i := range c.observers {
		o := &c.observers[i]
		if o.enabled != nil && !o.enabled.Enabled(ctx) {
			continue
		}
		o.Observe(ctx, Event{
			policyName: c.name, policy: p, decision: *d, details: details{request: *r},
		})
	}
}

// AllowsOrigin reports whether the policy allows the origin, OriginFunc included: for checks
// outside of CORS that trust the same origins, such as WebSocket upgrades. It is false for
// malformed origins, and for null unless it is an entry, except that "*" allows everything. Mind
// that browsers send cookies with WebSocket upgrades whatever the policy says of credentials: under
// "*" any site can open such a connection as the user. [CORS.NamesOrigin] leaves that out, and
// httpcors.CheckOrigin is the whole check.
func (c *CORS) AllowsOrigin(ctx context.Context, origin string) bool {
	return c.judge(ctx, c.Policy(), &Request{Origin: origin}).allowed
}

// judge is what p makes of a request's origin, OriginFunc included. The policy is an argument,
// because c may get another one meanwhile.
func (c *CORS) judge(ctx context.Context, p *Policy, r *Request) judgement {
	j := p.judge(r.Origin)
	if j.lookup {
		j = c.lookUp(ctx, p, originRequest(r))
	}
	return j
}

// originRequest returns what OriginFunc is told of a request: copies that it may keep.
func originRequest(r *Request) OriginRequest {
	o := OriginRequest{Origin: strings.Clone(r.Origin)}
	if r.Source != nil {
		o.Host, o.Path = strings.Clone(r.Source.Host()), strings.Clone(r.Source.Path())
	}
	return o
}

// lookUp asks OriginFunc, and tells the observers that implement [LookupObserver].
func (c *CORS) lookUp(ctx context.Context, p *Policy, r OriginRequest) judgement {
	start := time.Now()
	allowed, err := p.config.OriginFunc(ctx, r)
	elapsed := time.Since(start)
	for _, o := range c.observers {
		if o, ok := o.Observer.(LookupObserver); ok {
			o.ObserveLookup(ctx, Lookup{c.name, r, elapsed, allowed, err})
		}
	}
	return judgement{allowed: allowed && err == nil, failed: err != nil}
}

// AllowsCredentials reports whether the policy allows the request's origin to send credentials:
// Config.Credentials is set and the origin is allowed, OriginFunc included. So it is never true for
// null or because of "*". It is for checks outside of CORS that trust the same pages to act as the
// user, such as protection against cross-site request forgery. Observers are not told of the
// request.
func (c *CORS) AllowsCredentials(ctx context.Context, r *Request) bool {
	p := c.Policy()
	return p.config.Credentials && c.judge(ctx, p, r).allowed
}

// NamesOrigin reports whether the policy allows the request's origin, OriginFunc included, by
// something that not every page on the web can match: not by "*", by a regexp that trusts every
// domain (the first one that matches counts) or as null. It is for requests that carry cookies
// whatever Config.Credentials says, such as WebSocket upgrades. Observers are not told of the
// request.
func (c *CORS) NamesOrigin(ctx context.Context, r *Request) bool {
	p := c.Policy()
	if p.origins.any || r.Origin == "null" {
		return false
	}
	j := c.judge(ctx, p, r)
	return j.allowed && !p.regexps.trustsEveryone(j.pattern)
}
