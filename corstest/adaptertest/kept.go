package adaptertest

import (
	"fmt"
	"testing"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
)

// Kept is a GET request whose answer has the CORS fields although a layer behind CORS replaces or
// resets the response.
type Kept struct {
	Path   string
	Header corstest.Fields // in addition to Origin
	Status int
	Vary   []string // in addition to Origin
}

// RunKept checks that the answers to all requests have the fields of a policy with credentials that
// allows [Page], and no others: for Page, for another origin, and without Origin. It asks over
// HTTP/1.1, because what a server sends is what counts.
func RunKept(t *testing.T, newApp func(cors *core.CORS) corstest.App, requests []Kept) {
	client := newApp(compile(t, core.Config{
		Origins: []string{Page}, Credentials: true, ExposeHeaders: []string{"Content-Range"},
	})).Start(t)[corstest.HTTP1]
	fields := map[string][]string{
		core.FieldAllowOrigin:      {Page},
		core.FieldAllowCredentials: {"true"},
		core.FieldExposeHeaders:    {"content-range"},
	}
	for _, k := range requests {
		for _, origin := range []string{Page, Another, ""} {
			t.Run(fmt.Sprintf("GET %s %v, from %q", k.Path, k.Header, origin), func(t *testing.T) {
				r := &corstest.RawRequest{Method: "GET", Path: k.Path, Fields: k.Header}
				vary := append([]string{"Origin"}, k.Vary...)
				want := corstest.Answer{Status: k.Status, Vary: vary}
				if origin != "" {
					r.Fields = append(corstest.Fields{{Name: "Origin", Value: origin}}, k.Header...)
				}
				if origin == Page {
					want.Fields = fields
				}
				got, err := client(r)
				if err != nil {
					t.Fatal(err)
				}
				want.Hit = len(got.Header["X-Handler"]) > 0
				for _, problem := range want.Check(got) {
					t.Error(problem)
				}
			})
		}
	}
}
