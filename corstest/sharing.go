package corstest

import (
	"maps"
	"net/http"
	"slices"
	"sync"
	"testing"
)

// checkSharing looks for memory that two responses share: a handler that changes a value in place, by h["Vary"][0] = x,
// must change its own response only. It has every case of the policy answered, overwrites every value of its CORS
// fields and Vary, and requires the next answer to be what the first was. Several clients do so at once, so that the
// race detector sees what a single one might miss.
func (b *bench) checkSharing(t *testing.T, suite *Suite, policy string) {
	var clients sync.WaitGroup
	for range 4 {
		clients.Go(func() {
			for _, c := range suite.Cases {
				if c.Policy == policy && len(c.Outer) == 0 {
					for _, problem := range b.vandalise(&c) {
						t.Errorf("%s: %s", c.Name, problem)
					}
				}
			}
		})
	}
	clients.Wait()
}

// vandalise returns a sentence for everything by which the case's answer reaches into another.
func (b *bench) vandalise(c *Case) (problems []string) {
	wrong := problemList{&problems}
	first := b.rawHeader(c)
	want := first.Clone()
	for name, lines := range first {
		if _, ok := c.Want.Fields[name]; !ok && name != "Vary" {
			continue // the framework's own; gin, for one, shares a Content-Type
		}
		if cap(lines) > len(lines) {
			wrong.add("%s has room behind its last line: appending to it may reach into another field", name)
		}
		for i := range lines {
			lines[i] = "vandalised"
		}
	}
	if got := b.rawHeader(c); !maps.EqualFunc(got, want, slices.Equal) {
		wrong.add("after the last response's header was overwritten: got %q, want %q", got, want)
	}
	return problems
}

// rawHeader returns the header of an answer as the application left it, not a copy.
func (b *bench) rawHeader(c *Case) http.Header {
	w := sink{header: http.Header{}}
	b.handler.ServeHTTP(&w, c.Request.HTTP())
	return w.header
}

// sink is a response writer that keeps nothing but the header.
type sink struct{ header http.Header }

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) Write(p []byte) (int, error) { return len(p), nil }
func (s *sink) WriteHeader(int)             {}
