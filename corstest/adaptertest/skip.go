package adaptertest

import (
	"testing"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
)

// RunSkip checks that the adapter's WithSkip leaves requests alone, and only those. newApp
// assembles an application that skips /skipped, with the handler that corstest.Spec asks for on
// every path and method.
func RunSkip(t *testing.T, newApp func(cors *core.CORS) corstest.App) {
	app := newApp(compile(t, core.Config{Origins: []string{Page}}))
	fields := map[string][]string{core.FieldAllowOrigin: {Page}}
	skipped := corstest.Answer{Status: 200, Hit: true}
	tests := []struct {
		name, method, path string
		want               corstest.Answer
	}{
		{"a preflight is skipped", "OPTIONS", "/skipped", skipped},
		{"an actual request is skipped", "GET", "/skipped", skipped},
		{"another preflight is answered", "OPTIONS", "/other",
			corstest.Answer{Status: 204, Vary: []string{"Origin"}, Fields: fields}},
		{"another actual request gets the fields", "GET", "/other",
			corstest.Answer{Status: 200, Vary: []string{"Origin"}, Fields: fields, Hit: true}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := app.Do(request(test.method, test.path, Page))
			if err != nil {
				t.Fatal(err)
			}
			for _, problem := range test.want.Check(got) {
				t.Error(problem)
			}
		})
	}
}
