package core

import (
	"context"
	"maps"
	"testing"
)

// Lines of the request become response fields where the origin is allowed, and where a wildcard
// goes with credentials.
func TestDecisionsSayWhichLinesAreRepeated(t *testing.T) {
	wildcards := Config{Origins: []string{"https://a.example"}, Credentials: true, Methods: []string{"*"},
		RequestHeaders: []string{"*"}}
	listed := Config{Origins: []string{"https://a.example"}, Credentials: true, Methods: []string{"PUT"},
		RequestHeaders: []string{"X-A"}}
	open := Config{Origins: []string{"*"}, Methods: []string{"*"}, RequestHeaders: []string{"*"}}
	preflight := func(origin, method string, headers ...string) message {
		return message{Method: "OPTIONS", Origins: []string{origin}, RequestMethods: []string{method}, RequestHeaders: headers}
	}
	const friend, other = "https://a.example", "https://b.example"
	tests := []struct {
		name                    string
		cfg                     Config
		sent                    message
		origin, method, headers bool
	}{
		{"an actual request", wildcards, message{Method: "GET", Origins: []string{friend}}, true, false, false},
		{"a preflight for no header", wildcards, preflight(friend, "PUT"), true, true, false},
		{"a preflight for a line of headers", wildcards, preflight(friend, "PUT", "x-a,x-b"), true, true, true},
		{"a preflight for lines of headers", wildcards, preflight(friend, "PUT", "x-a", "x-b", ""), true, true, true},
		{"a method that is none", wildcards, preflight(friend, "P T", "x-a"), true, false, true},
		{"a header that is none", wildcards, preflight(friend, "PUT", "x a"), true, true, false},
		{"another origin", wildcards, preflight(other, "PUT", "x-a"), false, false, false},
		{"a policy that lists", listed, preflight(friend, "PUT", "x-a"), true, false, false},
		{"a policy for every origin", open, preflight(other, "PUT", "x-a"), false, false, false},
		{"no origin", wildcards, message{Method: "GET"}, false, false, false},
	}
	for _, test := range tests {
		d := mustNew(t, test.cfg).Policy().Decide(test.sent.request())
		got := map[string]bool{"origin": d.RepeatsOrigin, "method": d.RepeatsMethod, "headers": d.RepeatsHeaders}
		want := map[string]bool{"origin": test.origin, "method": test.method, "headers": test.headers}
		if !maps.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", test.name, got, want)
		}
	}
}

// lines is an observer that keeps the lines that an event shows.
type lines struct {
	origin, method string
	wellFormed     bool
}

func (l *lines) Observe(_ context.Context, e Event) {
	l.origin, l.method, l.wellFormed = e.Origin(), e.RequestedMethod(), e.HasWellFormedOrigin()
}

// Of several lines none is the one, so an event never shows the first.
func TestEventsShowALineOnlyIfItIsTheOnlyOne(t *testing.T) {
	tests := []struct {
		name             string
		origins, methods []string
		want             lines
	}{
		{"one of each", []string{"https://a.example"}, []string{"PUT"}, lines{"https://a.example", "PUT", true}},
		{"one that is malformed", []string{"https://A.example"}, []string{"P T"}, lines{"https://A.example", "P T", false}},
		{"a sandboxed page", []string{"null"}, []string{"PUT"}, lines{"null", "PUT", false}},
		{"two origins", []string{"https://a.example", "https://b.example"}, []string{"PUT"}, lines{"", "PUT", false}},
		{"the same origin twice", []string{"https://a.example", "https://a.example"}, []string{"PUT"}, lines{"", "PUT", false}},
		{"two methods", []string{"https://a.example"}, []string{"PUT", "GET"}, lines{"https://a.example", "", true}},
		{"no method", []string{"https://a.example"}, nil, lines{"https://a.example", "", true}},
	}
	for _, test := range tests {
		for _, origins := range []string{"https://a.example", "*"} {
			got := new(lines)
			cors := mustNew(t, Config{Origins: []string{origins}}, WithObserver(got))
			cors.Decide(t.Context(), message{Method: "OPTIONS", Origins: test.origins, RequestMethods: test.methods}.request())
			if *got != test.want {
				t.Errorf("%s under %s: got %+v, want %+v", test.name, origins, *got, test.want)
			}
		}
	}
}
