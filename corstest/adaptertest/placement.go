package adaptertest

import (
	"strings"
	"testing"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
)

// A Placement is an application with CORS in some place, a request, and the answer to it.
type Placement struct {
	Name string
	// Steps are how the application is put together, in order, with ", " between them. What a step
	// is called is between the case and the adapter's test. In [Placements] "CORS" installs the
	// adapter for all routes, "authentication" a layer that wants Authorization, and "route" a
	// handler of PUT /api/notes.
	Steps string
	// Ask is the method and the path of the request.
	Ask string
	// Header is the request's. If it is nil, the request comes from Page.
	Header corstest.Fields
	// Body is the request's.
	Body string
	// Over is the transport. If it is empty, the request is sent in process.
	Over string
	// Want is the status of the answer and the origin that may read it: "200, for no origin".
	Want string
}

// RunPlacements runs each of the placements against an application that newApp assembles by its
// steps.
func RunPlacements(
	t *testing.T, placements []Placement,
	newApp func(t *testing.T, cors *core.CORS, steps []string) corstest.App,
) {
	cors := compile(t, core.Config{
		Origins: []string{Page}, Methods: []string{"PUT", "PURGE"}, Block: true})
	for _, p := range placements {
		t.Run(p.Name, func(t *testing.T) {
			app := newApp(t, cors, strings.Split(p.Steps, ", "))
			client := app.Do
			if p.Over != "" {
				client = app.Start(t)[p.Over]
			}
			if got := answer(client, p.request()); got != p.Want {
				t.Errorf("%s: got %s, want %s", p.Ask, got, p.Want)
			}
		})
	}
}

func (p *Placement) request() *corstest.RawRequest {
	method, path, _ := strings.Cut(p.Ask, " ")
	header := p.Header
	if header == nil {
		header = corstest.Fields{{Name: "Origin", Value: Page}}
	}
	if method == "OPTIONS" {
		header = append(header, corstest.Field{Name: "Access-Control-Request-Method", Value: "PUT"})
	}
	return &corstest.RawRequest{Method: method, Path: path, Fields: header, Body: p.Body}
}

// The requests of most placements.
const (
	preflight = "OPTIONS /api/notes"
	actual    = "PUT /api/notes"
)

// Placements hold in every framework that runs middleware in front of its router.
var Placements = []Placement{
	{Name: "in front of the routes, preflights are answered",
		Steps: "CORS, route", Ask: preflight, Want: "204, for " + Page},
	{Name: "in front of the routes, responses carry the fields",
		Steps: "CORS, route", Ask: actual, Want: "200, for " + Page},
	{Name: "in front of the routes, a 404 carries the fields",
		Steps: "CORS, route", Ask: "GET /other", Want: "404, for " + Page},
	{Name: "after a route, preflights are answered",
		Steps: "route, CORS", Ask: preflight, Want: "204, for " + Page},
	{Name: "behind authentication, preflights are a 401",
		Steps: "authentication, CORS, route", Ask: preflight, Want: "401, for no origin"},
	{Name: "in front of authentication, preflights are answered",
		Steps: "CORS, authentication, route", Ask: preflight, Want: "204, for " + Page},
	{Name: "in front of authentication, its 401 carries the fields",
		Steps: "CORS, authentication, route", Ask: actual, Want: "401, for " + Page},
}
