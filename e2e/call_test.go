package e2e

import (
	"net/http"
	"strings"

	"github.com/corselet/corselet/corstest"
)

// A call is a request that a script makes; see testdata/page.js.
type call struct {
	URL            string      `json:"url"`
	Method         string      `json:"method,omitempty"`
	Headers        [][2]string `json:"headers,omitempty"`
	Body           string      `json:"body,omitempty"`
	Credentials    string      `json:"credentials,omitempty"`
	Mode           string      `json:"mode,omitempty"`
	Redirect       string      `json:"redirect,omitempty"`
	ReferrerPolicy string      `json:"referrerPolicy,omitempty"`
	Stream         bool        `json:"stream,omitempty"`
	XHR            bool        `json:"xhr,omitempty"`      // by XMLHttpRequest instead of fetch
	Listener       bool        `json:"listener,omitempty"` // with a listener on the upload; needs XHR
}

// seen is what a script sees of a call.
type seen struct {
	Failed     string            `json:"failed,omitempty"` // the name of the error
	Type       string            `json:"type,omitempty"`   // empty for XMLHttpRequest
	URL        string            `json:"url,omitempty"`
	Redirected bool              `json:"redirected,omitempty"`
	Status     int               `json:"status,omitempty"`
	Headers    map[string]string `json:"headers,omitempty"`
	Body       string            `json:"body,omitempty"`
	Progress   int               `json:"progress,omitempty"` // events on the upload
}

// where a page's script runs.
type where string

const (
	inPage    where = "calls"
	inWorker  where = "inWorker"
	inSandbox where = "inSandbox" // a frame with the origin "null"
)

// calls makes requests, at most atOnce at a time.
func (p *tab) calls(place where, atOnce int, list ...call) []seen {
	p.t.Helper()
	got := evaluate[[]seen](p, string(place)+"(%s, %s)", list, atOnce)
	if len(got) != len(list) {
		p.t.Fatalf("got %d results, want %d", len(got), len(list))
	}
	return got
}

// request returns the call as a corstest.Request.
func (c *call) request(page string) corstest.Request {
	r := corstest.Request{
		Page: page, URL: c.URL, Method: c.Method, Header: http.Header{}, Body: c.Body,
		Stream: c.Stream, UploadListener: c.Listener,
		Credentials: corstest.Credentials(c.Credentials), Mode: corstest.Mode(c.Mode),
		Redirect: corstest.Redirect(c.Redirect), ReferrerPolicy: c.ReferrerPolicy,
	}
	for _, line := range c.Headers {
		r.Header.Add(line[0], line[1])
	}
	return r
}

// asSeen returns what a script would see of the model's answer to c.
func (c *call) asSeen(r *corstest.Response, err error) seen {
	if err != nil {
		return seen{Failed: "TypeError"}
	}
	s := seen{
		Type: string(r.Type), URL: r.URL, Redirected: r.Redirected, Status: r.Status, Body: r.Body,
		Headers: map[string]string{},
	}
	for name, lines := range r.Header {
		s.Headers[strings.ToLower(name)] = strings.Join(lines, ", ")
	}
	if c.XHR {
		s.Type, s.Redirected = "", false
	}
	return s
}
