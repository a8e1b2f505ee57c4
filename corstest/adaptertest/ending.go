package adaptertest

import (
	"testing"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
)

// RunEndings checks that the answer to a request that ends in the middleware has neither body nor
// Content-Type. newApp assembles an application with a handler of PUT /notes. Around the adapter it
// puts a layer that checks what the framework sees of the end: the status, no error, a response
// that is finished.
func RunEndings(t *testing.T, newApp func(t *testing.T, cors *core.CORS, status int) corstest.App) {
	tests := []struct {
		name, method, origin, path string
		wantStatus                 int
	}{
		{"a preflight", "OPTIONS", Page, "/notes", 204},
		{"a preflight for no route", "OPTIONS", Page, "/other", 204},
		{"a preflight that ends with 200", "OPTIONS", Page, "/notes", 200},
		{"a preflight for no route that ends with 200", "OPTIONS", Page, "/other", 200},
		{"a refused preflight", "OPTIONS", Another, "/notes", 403},
		{"a refused preflight for no route", "OPTIONS", Another, "/other", 403},
		{"a blocked request", "PUT", Another, "/notes", 403},
		{"a blocked request for no route", "PUT", Another, "/other", 403},
		{"a blocked request of another method", "GET", Another, "/notes", 403},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			config := core.Config{Origins: []string{Page}, Block: true}
			if test.wantStatus != 403 {
				config.PreflightStatus = test.wantStatus
			}
			app := newApp(t, compile(t, config), test.wantStatus)
			w, err := app.Do(request(test.method, test.path, test.origin))
			if err != nil {
				t.Fatal(err)
			}
			if w.Status != test.wantStatus || w.Body != "" || w.Header["Content-Type"] != nil {
				t.Errorf("got status %d and body %q of type %q, want %d and none",
					w.Status, w.Body, w.Header["Content-Type"], test.wantStatus)
			}
		})
	}
}
