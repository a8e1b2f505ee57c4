//go:build !race

package otelcors

import (
	"context"
	"testing"
	"time"

	"github.com/corselet/corselet/core"
)

// nothing is an observer that does nothing. It measures what core needs for an event.
type nothing struct{}

func (nothing) Observe(context.Context, core.Event) {}

// What an observer costs is the difference to the same request under "alone":
//
//	go test -run '^$' -bench . -cpu 1
func BenchmarkDecide(b *testing.B) {
	silent, err := New()
	if err != nil {
		b.Fatal(err)
	}
	counting, _ := newCounting(b, outcome{kind: core.KindActual})
	for kind, r := range map[string]*core.Request{
		"request":          newRequest("GET", app),
		"with preflight":   newRequest("PUT", app),
		"denied request":   newRequest("GET", other),
		"preflight":        newPreflight("PUT", app),
		"denied preflight": newPreflight("PUT", other),
	} {
		for name, o := range map[string]core.Observer{
			"alone": nil, "nothing": nothing{}, "no SDK": silent, "metrics": counting,
		} {
			cors, err := core.New(appPolicy, core.WithObserver(o), core.WithName("api"))
			if err != nil {
				b.Fatal(err)
			}
			b.Run(kind+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					cors.Decide(context.Background(), r)
				}
			})
		}
	}
}

// BenchmarkCounter is what a counter costs by itself.
func BenchmarkCounter(b *testing.B) {
	_, add := newCounting(b, outcome{kind: core.KindActual})
	b.ReportAllocs()
	for b.Loop() {
		add()
	}
}

func BenchmarkMark(b *testing.B) {
	c := newPreflightCache()
	b.ReportAllocs()
	for b.Loop() {
		c.mark(&someKey, time.Second)
	}
}

func BenchmarkTake(b *testing.B) {
	c := newPreflightCache()
	b.ReportAllocs()
	for b.Loop() {
		c.take(&someKey, time.Second)
	}
}
