package httpcors

import (
	"context"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"testing"
	"unsafe"

	"github.com/corselet/corselet/core"
)

// An outer layer may set Vary to a slice that all of its responses share, and that has room behind its end. Whoever
// writes into that room writes into the next response.
func TestASharedVaryIsNotWrittenInto(t *testing.T) {
	cors, err := core.New(core.Config{Origins: []string{"https://a.example"}, Credentials: true, Methods: []string{"*"}})
	if err != nil {
		t.Fatal(err)
	}
	const room = 8
	shared := append(make([]string, 0, room), "Accept-Encoding")
	answer := func(r *http.Request) []string {
		r.Header["Origin"] = []string{"https://a.example"}
		w := httptest.NewRecorder()
		w.Header()["Vary"] = shared
		Answer(cors, w, r)
		return w.Header()["Vary"]
	}
	actual := answer(httptest.NewRequest("GET", "/", nil))
	r := httptest.NewRequest("OPTIONS", "/", nil)
	r.Header["Access-Control-Request-Method"] = []string{"PUT"}
	preflight := answer(r)

	if want := []string{"Accept-Encoding", "Origin"}; !slices.Equal(actual, want) {
		t.Errorf("actual request: got %q, want %q", actual, want)
	}
	if want := []string{"Accept-Encoding", "Origin", "Access-Control-Request-Method"}; !slices.Equal(preflight, want) {
		t.Errorf("preflight: got %q, want %q", preflight, want)
	}
	if want := append([]string{"Accept-Encoding"}, make([]string, room-1)...); !slices.Equal(shared[:room], want) {
		t.Errorf("the outer layer's slice: got %q, want %q", shared[:room], want)
	}
	arrays := map[*string]bool{unsafe.SliceData(shared): true, unsafe.SliceData(actual): true, unsafe.SliceData(preflight): true}
	if len(arrays) != 3 {
		t.Errorf("got %d arrays for the outer layer and two responses, want 3", len(arrays))
	}
}

func TestNoMoreHeaderNamesAreOfferedThanNeeded(t *testing.T) {
	tests := []struct{ names, want int }{
		{0, 0}, {1, 1}, {core.MaxHeaderNames, core.MaxHeaderNames}, {core.MaxHeaderNames + 1, core.MaxHeaderNames},
		{10_000, core.MaxHeaderNames},
	}
	for _, test := range tests {
		r := httptest.NewRequest("GET", "/", nil)
		for i := range test.names {
			r.Header["X-"+strconv.Itoa(i)] = []string{"1"}
		}
		looked := 0
		found := source{r}.AnyHeaderName(func(string) bool { looked++; return false })
		if looked != test.want || found {
			t.Errorf("of %d names: got %d and found %v, want %d and false", test.names, looked, found, test.want)
		}
	}
}

func TestTheSearchForAHeaderNameEndsAtTheFirst(t *testing.T) {
	r := httptest.NewRequest("GET", "/", nil)
	for i := range 10 {
		r.Header["X-"+strconv.Itoa(i)] = []string{"1"}
	}
	looked := 0
	found := source{r}.AnyHeaderName(func(string) bool { looked++; return looked == 3 })
	if looked != 3 || !found {
		t.Errorf("got %d names and found %v, want 3 and true", looked, found)
	}
}

// There is no body, so what an outer layer says of one goes. Where the handler runs that is its own affair.
func TestARefusalSaysNothingOfABody(t *testing.T) {
	cors, err := core.New(core.Config{Origins: []string{"https://a.example"}, Block: true})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, method, origin string
		want                 bool // the fields are left
	}{
		{"an allowed request", "GET", "https://a.example", true},
		{"a blocked request", "GET", "https://b.example", false},
		{"an allowed preflight", "OPTIONS", "https://a.example", false},
		{"a refused preflight", "OPTIONS", "https://b.example", false},
	}
	for _, test := range tests {
		r := httptest.NewRequest(test.method, "/", nil)
		r.Header["Origin"] = []string{test.origin}
		r.Header["Access-Control-Request-Method"] = []string{"GET"}
		w := httptest.NewRecorder()
		of := http.Header{"Content-Type": {"text/html"}, "Content-Encoding": {"gzip"}, "Content-Length": {"5"}}
		maps.Copy(w.Header(), of)
		Answer(cors, w, r)
		for name := range of {
			if _, got := w.Header()[name]; got != test.want {
				t.Errorf("%s: got %s %v, want %v", test.name, name, got, test.want)
			}
		}
	}
}

// A cache must not keep for everyone the 500 that a recovery layer answers with, and no field of an outer layer may be
// left on it.
func TestFieldsAreThoseOfARefusalWhereOriginFuncPanics(t *testing.T) {
	cors, err := core.New(core.Config{OriginFunc: func(context.Context, core.OriginRequest) (bool, error) { panic("down") }})
	if err != nil {
		t.Fatal(err)
	}
	w, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil)
	r.Header["Origin"] = []string{"https://a.example"}
	w.Header().Set("Access-Control-Allow-Origin", "https://outer.example")
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
		if want := (http.Header{"Vary": {"Origin"}}); !maps.EqualFunc(w.Header(), want, slices.Equal) {
			t.Errorf("got %v, want %v", w.Header(), want)
		}
	}()
	Answer(cors, w, r)
}

// Lines that are repeated have no spare capacity, so that appending to one writes into no one's memory.
func TestRepeatedLinesAreCut(t *testing.T) {
	cors, err := core.New(core.Config{Origins: []string{"https://a.example"}, Credentials: true, Methods: []string{"*"},
		RequestHeaders: []string{"*"}})
	if err != nil {
		t.Fatal(err)
	}
	roomy := func(lines ...string) []string { return append(make([]string, 0, 16), lines...) }
	tests := []struct {
		name    string
		headers []string
	}{
		{"a line of headers", roomy("x-a,x-b")},
		{"three lines of headers", roomy("x-a", "x-b", "x-c")},
	}
	for _, test := range tests {
		r := httptest.NewRequest("OPTIONS", "/", nil)
		r.Header["Origin"] = roomy("https://a.example")
		r.Header["Access-Control-Request-Method"] = roomy("PUT")
		r.Header["Access-Control-Request-Headers"] = test.headers
		w := httptest.NewRecorder()
		Answer(cors, w, r)
		for name, from := range map[string]string{
			"Access-Control-Allow-Origin": "Origin", "Access-Control-Allow-Methods": "Access-Control-Request-Method",
			"Access-Control-Allow-Headers": "Access-Control-Request-Headers",
		} {
			got, want := w.Header()[name], r.Header[from]
			if !slices.Equal(got, want) || unsafe.SliceData(got) != unsafe.SliceData(want) || cap(got) != len(got) {
				t.Errorf("%s, %s: got %q with capacity %d, want the request's own %q and no more", test.name, name, got, cap(got), want)
			}
		}
		for name, lines := range w.Header() {
			if cap(lines) != len(lines) {
				t.Errorf("%s, %s: got capacity %d for %d lines, want no more", test.name, name, cap(lines), len(lines))
			}
		}
	}
}

func TestNewRequestReadsWhatDecidesTheKind(t *testing.T) {
	tests := []struct {
		name, method string
		header       http.Header
		want         core.Request
	}{
		{"no Origin", "GET", http.Header{}, core.Request{Method: "GET"}},
		{"one", "GET", http.Header{"Origin": {"a"}}, core.Request{Method: "GET", Origin: "a", HasOrigin: true}},
		{"an empty one", "GET", http.Header{"Origin": {""}}, core.Request{Method: "GET", HasOrigin: true}},
		{"two", "GET", http.Header{"Origin": {"a", "a"}}, core.Request{Method: "GET", HasOrigin: true}},
		{"a preflight", "OPTIONS", http.Header{"Origin": {"a"}, "Access-Control-Request-Method": {""}},
			core.Request{Method: "OPTIONS", Origin: "a", HasOrigin: true, HasRequestMethod: true}},
		{"OPTIONS", "OPTIONS", http.Header{"Origin": {"a"}}, core.Request{Method: "OPTIONS", Origin: "a", HasOrigin: true}},
		{"OPTIONS without Origin", "OPTIONS", http.Header{"Access-Control-Request-Method": {"PUT"}},
			core.Request{Method: "OPTIONS"}},
	}
	for _, test := range tests {
		got := NewRequest(&http.Request{Method: test.method, Header: test.header})
		got.Source = nil
		if got != test.want {
			t.Errorf("%s: got %+v, want %+v", test.name, got, test.want)
		}
	}
}

func TestSourceSaysWhatIsAbsent(t *testing.T) {
	s := source{&http.Request{Header: http.Header{"X-Empty": {""}, "X-None": {}}}}
	for name, want := range map[string]bool{"X-Empty": true, "X-None": false, "X-Other": false} {
		if value, ok := s.Header(name).First(); ok != want || value != "" {
			t.Errorf("%s: got %q, %v, want it there %v", name, value, ok, want)
		}
	}
}
