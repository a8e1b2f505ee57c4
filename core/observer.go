package core

import (
	"context"
	"time"
)

// An Observer is told of every request that carries Origin, once it is decided and before the
// handler runs. It is called while the request waits, and concurrently.
type Observer interface {
	Observe(ctx context.Context, e Event)
}

// An EnabledObserver is an [Observer] that is not called where its Enabled reports false. To ask
// takes less time than to make an [Event].
type EnabledObserver interface {
	Observer
	// Enabled reports whether Observe would do anything for a request with this context. It is
	// called for every request that carries Origin, concurrently.
	Enabled(ctx context.Context) bool
}

// A ReloadObserver is an [Observer] that is also told of every [CORS.Reconfigure], after the fact.
type ReloadObserver interface {
	Observer
	ObserveReload(ctx context.Context, r Reload)
}

// A LookupObserver is an [Observer] that is also told of every call of [Config.OriginFunc], after
// it returned.
type LookupObserver interface {
	Observer
	ObserveLookup(ctx context.Context, l Lookup)
}

// Reload is the outcome of one [CORS.Reconfigure].
type Reload struct {
	PolicyName string // see [WithName]
	Err        error  // why the new policy was refused, or nil; see [ConfigErrors]
}

// Lookup is the outcome of one call of [Config.OriginFunc].
type Lookup struct {
	PolicyName string // see [WithName]
	Request    OriginRequest
	Duration   time.Duration
	Allowed    bool
	Err        error // if not nil, the origin was denied
}
