package adaptertest

import (
	"testing"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
)

// RunTwoLayers checks that two layers of an adapter do not add up: the outer one alone answers
// preflights, and the inner one's fields replace the outer one's on everything else. newApp
// assembles an application of both, with the handler that corstest.Spec asks for.
func RunTwoLayers(t *testing.T, newApp func(outer, inner *core.CORS) corstest.App) {
	const (
		both  = "https://both.example.com"
		outer = "https://outer.example.com"
		inner = "https://inner.example.com"
	)
	app := newApp(
		compile(t, core.Config{Origins: []string{both, outer},
			Methods: []string{"OUTER"}, ExposeHeaders: []string{"outer"}}),
		compile(t, core.Config{Origins: []string{both, inner},
			Methods: []string{"INNER"}, ExposeHeaders: []string{"inner"}}))
	type fields = map[string][]string
	preflight := func(origin string) fields {
		return fields{core.FieldAllowOrigin: {origin}, core.FieldAllowMethods: {"OUTER"}}
	}
	actual := func(origin string) fields {
		return fields{core.FieldAllowOrigin: {origin}, core.FieldExposeHeaders: {"inner"}}
	}
	tests := []struct {
		name, method, origin string
		wantStatus           int
		wantFields           fields
	}{
		{"a preflight gets the outer one's answer", "OPTIONS", both, 204, preflight(both)},
		{"an actual request gets the inner one's fields", "GET", both, 200, actual(both)},
		{"a preflight that only the outer one allows succeeds",
			"OPTIONS", outer, 204, preflight(outer)},
		{"an actual request that only the outer one allows gets no field",
			"GET", outer, 200, nil},
		{"a preflight that only the inner one allows is refused", "OPTIONS", inner, 403, nil},
		{"an actual request that only the inner one allows gets its fields",
			"GET", inner, 200, actual(inner)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := app.Do(request(test.method, "/api/ok", test.origin))
			if err != nil {
				t.Fatal(err)
			}
			want := corstest.Answer{Status: test.wantStatus, Fields: test.wantFields,
				Vary: []string{"Origin"}, Hit: test.method == "GET"}
			for _, problem := range want.Check(got) {
				t.Error(problem)
			}
		})
	}
}
