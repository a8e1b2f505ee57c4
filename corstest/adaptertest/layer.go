package adaptertest

import (
	"strings"
	"testing"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
)

// A Layering is an application with some layer in front of CORS or behind it, and what pages get
// that ask for the same thing one after the other: [Page], [Another], and Page again. The policy
// allows both.
type Layering struct {
	Name string
	// App assembles the application.
	App func(cors *core.CORS) corstest.App
	// Ask is the method and the path of the requests.
	Ask string
	// Header is in addition to Origin.
	Header corstest.Fields
	// Want is the status of each answer, followed by what is wrong with the fields:
	// "200", "200, no fields", "200, Vary lost", "200, the other's fields".
	Want [3]string
}

// RunLayers checks what layers around CORS do to the answers.
func RunLayers(t *testing.T, layerings []Layering) {
	config := core.Config{Origins: []string{Page, Another}, Credentials: true}
	for _, l := range layerings {
		t.Run(l.Name, func(t *testing.T) {
			app := l.App(compile(t, config))
			client := app.Start(t)[corstest.HTTP1]
			for i, origin := range []string{Page, Another, Page} {
				method, path, _ := strings.Cut(l.Ask, " ")
				fields := append(corstest.Fields{{Name: "Origin", Value: origin}}, l.Header...)
				w, err := client(&corstest.RawRequest{Method: method, Path: path, Fields: fields})
				if err != nil {
					t.Fatal(err)
				}
				if got := quality(w, origin); got != l.Want[i] {
					t.Errorf("%s from %s: got %s, want %s", l.Ask, origin, got, l.Want[i])
				}
			}
		})
	}
}

// quality returns the status of an answer, and what is wrong with its fields.
func quality(w *corstest.RawResponse, origin string) string {
	got := answer(func(*corstest.RawRequest) (*corstest.RawResponse, error) { return w, nil }, nil)
	status, reader, _ := strings.Cut(got, ", for ")
	varies := false
	for _, line := range w.Header[core.FieldVary] {
		varies = varies || core.VaryCovers(line, core.FieldOrigin)
	}
	switch {
	case reader == origin && varies:
		return status
	case reader == origin:
		return status + ", Vary lost"
	case reader == "no origin" && !varies:
		return status + ", no fields"
	case reader == Page || reader == Another:
		return status + ", the other's fields"
	}
	return status + ", for " + reader
}
