package otelcors

import (
	"maps"
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/corselet/corselet/core"
)

// The attributes that no semantic convention has.
const (
	requestTypeKey  = attribute.Key("cors.request.type")
	verdictKey      = attribute.Key("cors.verdict")
	denialReasonKey = attribute.Key("cors.denial.reason")
	denialDetailKey = attribute.Key("cors.denial.detail")
	cacheStatusKey  = attribute.Key("cors.preflight.cache.status")
	policyNameKey   = attribute.Key("cors.policy.name")
	originKey       = attribute.Key("http.request.header.origin")
)

// prebuilt has the attributes of one outcome under one policy, in the forms that metrics and spans
// take. Making them for each request would cost several allocations.
type prebuilt struct {
	list []attribute.KeyValue
	add  []metric.AddOption
}

// policyAttributes has the prebuilt attributes for one policy name.
type policyAttributes struct {
	given    string // the name that the application gave
	name     string // the name that leaves the process
	outcomes [numOutcomes]prebuilt
}

func newPolicyAttributes(given string) *policyAttributes {
	name := clean(given, maxName)
	p := &policyAttributes{given: given, name: name}
	for kind := core.KindPreflight; kind <= core.KindActual; kind++ {
		for reason := core.ReasonNone; reason <= core.ReasonHeaderNotAllowed; reason++ {
			for cache := cacheNone; cache <= cacheUnknown; cache++ {
				out := outcome{kind, reason, cache}
				if !out.isPossible() {
					continue
				}
				list := out.attributes(name)
				set := metric.WithAttributeSet(attribute.NewSet(list...))
				p.outcomes[out.index()] = prebuilt{list, []metric.AddOption{set}}
			}
		}
	}
	return p
}

// attributes returns the attributes of the counter.
func (o outcome) attributes(policyName string) []attribute.KeyValue {
	list := []attribute.KeyValue{requestTypeKey.String(o.kind.String())}
	if o.reason == core.ReasonNone {
		list = append(list, verdictKey.String(core.OutcomeAllowed.String()))
	} else {
		list = append(list, verdictKey.String(core.OutcomeDenied.String()),
			denialReasonKey.String(o.reason.String()))
	}
	if o.cache != cacheNone {
		list = append(list, cacheStatusKey.String(o.cache.String()))
	}
	if policyName != "" {
		list = append(list, policyNameKey.String(policyName))
	}
	return list[:len(list):len(list)]
}

// maxPolicies bounds the series that policy names can make. Further names share [otherPolicy].
const (
	maxPolicies = 100
	otherPolicy = "_OTHER"
)

// policies finds the attributes for a policy by its name. A new name makes a copy of the map, so a
// lookup takes no lock.
type policies struct {
	first  atomic.Pointer[policyAttributes] // most applications have one policy, which needs no map
	byName atomic.Pointer[map[string]*policyAttributes]
	other  *policyAttributes
	mu     sync.Mutex // of writers
}

func newPolicies() *policies {
	p := &policies{other: newPolicyAttributes(otherPolicy)}
	p.byName.Store(&map[string]*policyAttributes{})
	return p
}

func (p *policies) of(name string) *policyAttributes {
	if first := p.first.Load(); first != nil && first.given == name {
		return first
	}
	byName := *p.byName.Load()
	if known, ok := byName[name]; ok {
		return known
	}
	if len(byName) >= maxPolicies {
		return p.other
	}
	return p.add(name)
}

func (p *policies) add(name string) *policyAttributes {
	p.mu.Lock()
	defer p.mu.Unlock()
	byName := *p.byName.Load()
	if known, ok := byName[name]; ok {
		return known
	}
	if len(byName) >= maxPolicies {
		return p.other
	}
	byName = maps.Clone(byName)
	byName[name] = newPolicyAttributes(name)
	p.byName.Store(&byName)
	p.first.CompareAndSwap(nil, byName[name])
	return byName[name]
}
