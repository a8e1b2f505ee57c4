package corstest

import (
	"maps"
	"net/http"
	"slices"
	"sync"
	"testing"
)

// checkSharing looks for memory that two responses share: a handler that changes a value in place,
// as in h["Vary"][0] = x, must change only its own response. For every case of the policy it
// overwrites all values of CORS fields and Vary in an answer, and requires the next answer to be
// equal to the first. Several clients do this at once, for the race detector.
func (b *bench) checkSharing(t *testing.T, suite *Suite, policy string) {
	var clients sync.WaitGroup
	for range 4 {
		clients.Go(func() {
			for _, c := range suite.Cases {
				if c.Policy == policy && len(c.Outer) == 0 {
					for _, problem := range b.overwrite(&c) {
						t.Errorf("%s: %s", c.Name, problem)
					}
				}
			}
		})
	}
	clients.Wait()
}

// overwrite returns a sentence for each way in which the case's answer shares memory with another.
func (b *bench) overwrite(c *Case) (problems []string) {
	wrong := problemList{&problems}
	first := b.rawHeader(c)
	want := first.Clone()
	for name, lines := range first {
		if _, ok := c.Want.Fields[name]; !ok && name != "Vary" {
			continue // the framework's own: gin shares a Content-Type, for example
		}
		if cap(lines) > len(lines) {
			wrong.add("%s has spare capacity: appending to it may overwrite another field", name)
		}
		for i := range lines {
			lines[i] = "overwritten"
		}
	}
	if got := b.rawHeader(c); !maps.EqualFunc(got, want, slices.Equal) {
		wrong.add("after the previous response's header was overwritten: got %q, want %q",
			got, want)
	}
	return problems
}

// rawHeader returns the header of an answer itself, not a copy.
func (b *bench) rawHeader(c *Case) http.Header {
	w := sink{header: http.Header{}}
	b.handler.ServeHTTP(&w, c.Request.HTTP())
	return w.header
}

// sink is a response writer that keeps only the header.
type sink struct{ header http.Header }

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) Write(p []byte) (int, error) { return len(p), nil }
func (s *sink) WriteHeader(int)             {}
