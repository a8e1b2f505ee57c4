package core

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"time"
)

// CORS is the live handle that adapters hold: a policy that can be replaced while requests are served, and the
// observers of what it decides. All methods may be called concurrently.
//
// The zero CORS allows no origin until Reconfigure gives it a policy; a nil one never does.
type CORS struct {
	policy    atomic.Pointer[Policy]
	name      string
	observers []observer
}

// observer is an Observer, and what it is besides.
type observer struct {
	Observer
	enabled EnabledObserver // nil: always
}

// Option changes what [New] makes.
type Option func(*CORS)

// WithName names the policy for observers, to tell several of one process apart, such as "public-api".
func WithName(name string) Option { return func(c *CORS) { c.name = name } }

// WithObserver adds an observer. Observers are called in the order in which they were added. Nil is ignored.
func WithObserver(o Observer) Option {
	return func(c *CORS) {
		if o != nil {
			enabled, _ := o.(EnabledObserver)
			c.observers = append(c.observers, observer{o, enabled})
		}
	}
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
		opt(c)
	}
	return c, nil
}

// Policy returns the policy in force.
func (c *CORS) Policy() *Policy {
	if c == nil {
		return denyAll
	}
	return c.policy.Load().effective()
}

// Reconfigure compiles cfg and puts it in force for every request that starts afterwards; a request under way stays
// with the policy that it began with. On error the policy in force stays. An OriginFunc is not carried over: cfg is
// the whole configuration. Observers that implement [ReloadObserver] are told of both. A nil CORS returns an error.
func (c *CORS) Reconfigure(cfg Config) error {
	if c == nil {
		return errors.New("cors: there is nothing to reconfigure: the CORS is nil; make it with core.New")
	}
	p, err := Compile(cfg)
	if err == nil {
		c.policy.Store(p)
	}
	for _, o := range c.observers {
		if o, ok := o.Observer.(ReloadObserver); ok {
			o.ObserveReload(context.Background(), Reload{PolicyName: c.name, Err: err})
		}
	}
	return err
}

// Decide says how to answer r, and is what adapters call: it asks OriginFunc if need be, with ctx, and tells the
// observers. Without OriginFunc and observers it does not allocate.
func (c *CORS) Decide(ctx context.Context, r *Request) (d Decision) {
	p := c.Policy()
	p.decide(r, &d)
	if d.LookupNeeded {
		d = Decision{Kind: d.Kind}
		p.answer(r, &d, c.lookUp(ctx, p, r.Origins[0], r.Host, r.Path))
	}
	if d.Kind != KindNonCORS && c != nil {
		for _, o := range c.observers {
			if o.enabled != nil && !o.enabled.Enabled(ctx) {
				continue
			}
			o.Observe(ctx, Event{policyName: c.name, policy: p, request: *r, decision: d})
		}
	}
	return d
}

// AllowsOrigin reports whether the policy allows the origin, OriginFunc included: for checks outside of CORS that trust
// the same origins, such as WebSocket upgrades. It is false for malformed origins, and for null unless
// Unsafe.NullOrigin is set, except that "*" allows everything. Mind that browsers send cookies with WebSocket upgrades
// whatever the policy says of credentials: under "*" any site can open such a connection as the user.
func (c *CORS) AllowsOrigin(ctx context.Context, origin string) bool {
	p := c.Policy()
	j := judgement{}
	if !p.anyOrigin {
		j = p.judgeOrigin(origin)
	}
	if j.lookup {
		j = c.lookUp(ctx, p, origin, "", "")
	}
	return j.reason == ReasonNone
}

// lookUp asks OriginFunc, with copies that it may keep, and tells the observers that care.
func (c *CORS) lookUp(ctx context.Context, p *Policy, origin, host, path string) judgement {
	request := OriginRequest{strings.Clone(origin), strings.Clone(host), strings.Clone(path)}
	start := time.Now()
	allowed, err := p.config.OriginFunc(ctx, request)
	elapsed := time.Since(start)
	for _, o := range c.observers {
		if o, ok := o.Observer.(LookupObserver); ok {
			o.ObserveLookup(ctx, Lookup{c.name, request, elapsed, allowed, err})
		}
	}
	switch {
	case err != nil:
		return judgement{reason: ReasonOriginLookupFailed}
	case !allowed:
		return judgement{reason: ReasonOriginNotAllowed}
	}
	return judgement{}
}
