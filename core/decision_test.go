package core

import (
	"context"
	"slices"
	"testing"
	"unsafe"
)

// An adapter may pass slices that have room behind their end, and share it with others. What a decision hands back has
// none, so that appending to a response field writes into nobody's memory.
func TestReflectedLinesAreCut(t *testing.T) {
	p := mustNew(t, Config{Origins: []string{"https://a.example"}, Credentials: true, Methods: []string{"*"},
		RequestHeaders: []string{"*"}}).Policy()
	roomy := func(lines ...string) []string { return append(make([]string, 0, 16), lines...) }
	preflight := func(headers ...string) Request {
		return Request{Method: "OPTIONS", Origins: roomy("https://a.example"), RequestMethods: roomy("PUT"),
			RequestHeaders: roomy(headers...)}
	}
	tests := []struct {
		name    string
		request Request
		want    []string // names of the fields, in order
	}{
		{"an actual request", Request{Method: "GET", Origins: roomy("https://a.example")}, []string{FieldAllowOrigin}},
		{"a preflight for no header", preflight(), []string{FieldAllowOrigin, FieldAllowMethods}},
		{"a preflight for a line of headers", preflight("x-a,x-b"),
			[]string{FieldAllowOrigin, FieldAllowMethods, FieldAllowHeaders}},
		{"a preflight for three lines of headers", preflight("x-a", "x-b", "x-c"),
			[]string{FieldAllowOrigin, FieldAllowMethods, FieldAllowHeaders}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := p.Decide(&test.request)
			sources := map[string][]string{FieldAllowOrigin: test.request.Origins,
				FieldAllowMethods: test.request.RequestMethods, FieldAllowHeaders: test.request.RequestHeaders}
			var names []string
			for name, lines := range d.Reflected() {
				names = append(names, name)
				if source := sources[name]; !slices.Equal(lines, source) || unsafe.SliceData(lines) != unsafe.SliceData(source) {
					t.Errorf("%s: got %q, want the request's own lines %q", name, lines, source)
				}
				if cap(lines) != len(lines) {
					t.Errorf("%s: got capacity %d for %d lines, want no more", name, cap(lines), len(lines))
				}
			}
			if !slices.Equal(names, test.want) {
				t.Errorf("got %q, want %q", names, test.want)
			}
		})
	}
}

func TestReflectedStopsWhereItsReaderStops(t *testing.T) {
	p := mustNew(t, Config{Origins: []string{"https://a.example"}, Credentials: true, Methods: []string{"*"},
		RequestHeaders: []string{"*"}}).Policy()
	d := p.Decide(&Request{Method: "OPTIONS", Origins: []string{"https://a.example"}, RequestMethods: []string{"PUT"},
		RequestHeaders: []string{"x-a"}})
	for n := 1; n <= 3; n++ {
		read := 0
		for range d.Reflected() {
			if read++; read == n {
				break
			}
		}
		if read != n {
			t.Errorf("got %d fields, want %d", read, n)
		}
	}
}

// lines is an observer that keeps the lines that an event shows.
type lines struct {
	origin, method string
	tuple          bool
}

func (l *lines) Observe(_ context.Context, e Event) {
	l.origin, l.method, l.tuple = e.Origin(), e.RequestedMethod(), e.HasTupleOrigin()
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
			cors.Decide(t.Context(), &Request{Method: "OPTIONS", Origins: test.origins, RequestMethods: test.methods})
			if *got != test.want {
				t.Errorf("%s under %s: got %+v, want %+v", test.name, origins, *got, test.want)
			}
		}
	}
}
