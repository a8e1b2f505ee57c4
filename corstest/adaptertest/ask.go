package adaptertest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
)

// Page is the origin that the policies of this package allow, and Another is one that they do not.
const (
	Page    = "https://app.example.com"
	Another = "https://another.example"
)

// Ask sends a request in process, its header given by names and values in turn. It returns one
// line: the status of the answer, and the origin that may read it, as in "GET /notes: 200, for
// https://app.example.com".
func Ask(app corstest.App, method, path string, header ...string) string {
	r := corstest.RawRequest{Method: method, Path: path}
	for i := 0; i < len(header); i += 2 {
		r.Fields = append(r.Fields, corstest.Field{Name: header[i], Value: header[i+1]})
	}
	return method + " " + path + ": " + answer(app.Do, &r)
}

// answer returns the status and the origin that may read the answer, as in "200, for no origin".
func answer(client corstest.Client, r *corstest.RawRequest) string {
	w, err := client(r)
	if err != nil {
		return err.Error()
	}
	reader := "no origin"
	if origins := w.Header[core.FieldAllowOrigin]; len(origins) > 0 {
		reader = strings.Join(origins, " and ")
	}
	return fmt.Sprintf("%d, for %s", w.Status, reader)
}

// request returns a request from an origin, whatever the method with what a preflight for PUT has.
func request(method, path, origin string) *corstest.RawRequest {
	return &corstest.RawRequest{Method: method, Path: path, Fields: corstest.Fields{
		{Name: "Origin", Value: origin},
		{Name: "Access-Control-Request-Method", Value: "PUT"},
	}}
}

// compile returns the handle of a policy, or ends the test.
func compile(t *testing.T, config core.Config) *core.CORS {
	t.Helper()
	cors, err := core.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return cors
}
