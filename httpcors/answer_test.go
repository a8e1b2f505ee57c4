package httpcors

import (
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
