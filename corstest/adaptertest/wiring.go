package adaptertest

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
)

// A Wiring is an application, and what [corstest.CheckWiring] finds in it.
type Wiring struct {
	Name string
	// Steps are those of [Placement].
	Steps string
	// Method is the route's. If it is empty, it is PUT.
	Method string
	// Want is a part of the one error that must be reported. If it is empty, there must be none.
	Want string
}

// RunWirings has [corstest.CheckWiring] check applications that newHandler assembles by the
// wirings' steps.
func RunWirings(
	t *testing.T, wirings []Wiring,
	newHandler func(t *testing.T, cors *core.CORS, steps []string) http.Handler,
) {
	cors := compile(t, core.Config{Origins: []string{Page}, Methods: []string{"PUT"}})
	for _, w := range wirings {
		t.Run(w.Name, func(t *testing.T) {
			h := newHandler(t, cors, strings.Split(w.Steps, ", "))
			found := &findings{TB: t}
			route := corstest.Route{Method: cmp.Or(w.Method, "PUT"), URL: "/api/notes"}
			corstest.CheckWiring(found, h, cors.Policy(), route)
			got := strings.Join(found.list, "\n")
			asWanted := strings.Contains(got, w.Want) && (w.Want == "") == (got == "")
			if len(found.list) > 1 || !asWanted {
				t.Errorf("got %q, want %q", got, w.Want)
			}
		})
	}
}

// findings is a test that keeps its errors.
type findings struct {
	testing.TB
	list []string
}

func (f *findings) Helper() {}
func (f *findings) Errorf(format string, args ...any) {
	f.list = append(f.list, fmt.Sprintf(format, args...))
}
