//go:build !race

package httpcors_test

import (
	"net/http"
	"testing"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/httpcors"
)

// TestAllocations holds the middleware to one allocation of at most 80 bytes a response; a second one only where an
// outer layer has set Vary.
func TestAllocations(t *testing.T) {
	suite, err := corstest.Conformance()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range suite.Cases {
		if len(c.Outer) > 0 || suite.Policies[c.Policy].Lookup != nil {
			continue
		}
		cors, err := core.New(suite.Policies[c.Policy].Compilable())
		if err != nil {
			t.Fatal(err)
		}
		h := httpcors.New(cors)(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		allocs, bytes := corstest.Allocations(h, c.Request.HTTP())
		if allocs > 1 || bytes > 81 {
			t.Errorf("%s: got %v allocations of %v bytes, want at most 1 of 80", c.Name, allocs, bytes)
		}
		if allocs != 1 && c.Want.Status != http.StatusForbidden {
			t.Errorf("%s: got %v allocations: is the middleware there at all?", c.Name, allocs)
		}
	}
}

func TestAVaryThatIsThereCostsOneMore(t *testing.T) {
	cors, err := core.New(core.Config{Origins: []string{"https://a.example"}})
	if err != nil {
		t.Fatal(err)
	}
	encoding := []string{"Accept-Encoding"}
	inner := httpcors.New(cors)(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Vary"] = encoding
		inner.ServeHTTP(w, r)
	})
	r := corstest.RawRequest{Method: "GET", Path: "/", Fields: corstest.Fields{{Name: "Origin", Value: "https://a.example"}}}
	if allocs, _ := corstest.Allocations(h, r.HTTP()); allocs > 2 {
		t.Errorf("got %v allocations, want at most 2", allocs)
	}
	if encoding[0] != "Accept-Encoding" {
		t.Errorf("the outer layer's slice was changed: %q", encoding)
	}
}
