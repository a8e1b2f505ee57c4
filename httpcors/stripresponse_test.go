package httpcors_test

import (
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/httpcors"
)

func TestStripResponse(t *testing.T) {
	tests := []struct {
		name      string
		got, want http.Header
	}{
		{"no header", nil, nil},
		{"an empty header", http.Header{}, http.Header{}},
		{"nothing about CORS",
			http.Header{"Content-Type": {"text/plain"}, "Vary": {"Accept-Encoding"}, "Access-Control-X": {"1"}},
			http.Header{"Content-Type": {"text/plain"}, "Vary": {"Accept-Encoding"}, "Access-Control-X": {"1"}}},
		{"every CORS field", http.Header{
			"Access-Control-Allow-Origin": {"*", "https://a.example"}, "Access-Control-Allow-Credentials": {"true"},
			"Access-Control-Allow-Methods": {"PUT"}, "Access-Control-Allow-Headers": {"x-a"},
			"Access-Control-Expose-Headers": {"x-b"}, "Access-Control-Max-Age": {"600"}, "X-B": {"1"},
		}, http.Header{"X-B": {"1"}}},
		{"Vary of Origin alone", http.Header{"Vary": {"Origin"}}, http.Header{}},
		{"Vary of Origin in other cases, on several lines", http.Header{"Vary": {"origin", "ORIGIN ,\torigin", ",oRiGiN,"}}, http.Header{}},
		{"Origin among others", http.Header{"Vary": {"Accept-Encoding, Origin, Cookie"}}, http.Header{"Vary": {"Accept-Encoding, Cookie"}}},
		{"Origin on a line of its own", http.Header{"Vary": {"Cookie", "Origin", "Accept,Accept-Language"}},
			http.Header{"Vary": {"Cookie", "Accept,Accept-Language"}}},
		{"* and Origin", http.Header{"Vary": {"*", "Origin"}}, http.Header{"Vary": {"*"}}},
		{"* and Origin on one line", http.Header{"Vary": {"Origin, *"}}, http.Header{"Vary": {"*"}}},
		{"names like Origin", http.Header{"Vary": {"X-Origin, Origin-Agent-Cluster, Origins, Or igin, \"Origin\""}},
			http.Header{"Vary": {"X-Origin, Origin-Agent-Cluster, Origins, Or igin, \"Origin\""}}},
		{"an empty Vary", http.Header{"Vary": {""}}, http.Header{"Vary": {""}}},
		{"64 KiB of commas", http.Header{"Vary": {strings.Repeat(",", 64<<10)}}, http.Header{"Vary": {strings.Repeat(",", 64<<10)}}},
		{"64 KiB of Origin", http.Header{"Vary": {strings.Repeat("Origin,", 64<<10/7) + "Cookie"}}, http.Header{"Vary": {"Cookie"}}},
	}
	for _, test := range tests {
		if err := httpcors.StripResponse(&http.Response{Header: test.got}); err != nil {
			t.Errorf("%s: got error %v", test.name, err)
		}
		if !maps.EqualFunc(test.got, test.want, slices.Equal) || (test.got == nil) != (test.want == nil) {
			t.Errorf("%s: got %.200v, want %.200v", test.name, test.got, test.want)
		}
	}
}

// A transport may answer from a cache, with header values that its responses share.
func TestStripResponseWritesIntoNoSharedSlice(t *testing.T) {
	shared := append(make([]string, 0, 4), "Accept-Encoding, Origin", "origin", "Cookie")
	before := slices.Clone(shared[:4])
	r := &http.Response{Header: http.Header{"Vary": shared}}
	if err := httpcors.StripResponse(r); err != nil {
		t.Fatal(err)
	}
	got := r.Header["Vary"]
	if want := []string{"Accept-Encoding", "Cookie"}; !slices.Equal(got, want) || cap(got) != len(got) {
		t.Errorf("got %q with capacity %d, want %q and no more", got, cap(got), want)
	}
	if !slices.Equal(shared[:4], before) {
		t.Errorf("the shared slice: got %q, want %q", shared[:4], before)
	}
}

func TestStripResponseAllocatesOnlyWhereVaryChanges(t *testing.T) {
	h := http.Header{"Vary": {"Accept-Encoding"}, "Content-Type": {"text/plain"}}
	r := &http.Response{Header: h}
	fields := []string{"*"}
	got := testing.AllocsPerRun(100, func() {
		h["Access-Control-Allow-Origin"] = fields
		_ = httpcors.StripResponse(r)
	})
	if got != 0 {
		t.Errorf("got %v allocations, want 0", got)
	}
}

// TestAReverseProxySendsOneAnswer asks a policy in front of net/http's proxy, in front of an upstream with CORS of its own.
func TestAReverseProxySendsOneAnswer(t *testing.T) {
	const page, another = "https://app.example.com", "https://another.example"
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
		h.Set("Access-Control-Allow-Credentials", "true")
		h.Set("Access-Control-Expose-Headers", "X-Upstream")
		h["Vary"] = []string{"Accept-Encoding, Origin", "origin"}
		h.Set("X-Upstream", "1")
		if r.URL.Path == "/hints" {
			h.Set("Link", "</style.css>; rel=preload")
			w.WriteHeader(http.StatusEarlyHints)
			h.Del("Link")
		}
		_, _ = io.WriteString(w, "hello")
	}))
	defer upstream.Close()
	target, err := url.Parse(upstream.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{
		Rewrite:        func(r *httputil.ProxyRequest) { r.SetURL(target) },
		ModifyResponse: httpcors.StripResponse,
	}
	listed := core.Config{Origins: []string{page}}
	tests := []struct {
		name, path, origin string
		config             core.Config
		options            []httpcors.Option
		wantOrigin         []string
		wantVary           []string
	}{
		{"an allowed page", "/", page, listed, nil, []string{page}, []string{"Origin", "Accept-Encoding"}},
		{"another page", "/", another, listed, nil, nil, []string{"Origin", "Accept-Encoding"}},
		{"any page under *", "/", another, core.Config{Origins: []string{"*"}}, nil, []string{"*"}, []string{"Accept-Encoding"}},
		{"a request without Origin", "/", "", listed, nil, nil, []string{"Origin", "Accept-Encoding"}},
		{"early hints, with late fields", "/hints", page, listed, []httpcors.Option{httpcors.WithLateFields()},
			[]string{page}, []string{"Accept-Encoding", "Origin"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			cors, err := core.New(test.config)
			if err != nil {
				t.Fatal(err)
			}
			front := httptest.NewServer(httpcors.New(cors, test.options...)(proxy))
			defer front.Close()
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, front.URL+test.path, nil)
			if err != nil {
				t.Fatal(err)
			}
			if test.origin != "" {
				r.Header.Set("Origin", test.origin)
			}
			w, err := front.Client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(w.Body)
			_ = w.Body.Close()
			if err != nil || string(body) != "hello" || w.Header.Get("X-Upstream") != "1" {
				t.Errorf("got body %q, header %v and error %v, want the upstream's answer", body, w.Header, err)
			}
			want := http.Header{}
			if test.wantOrigin != nil {
				want["Access-Control-Allow-Origin"] = test.wantOrigin
			}
			want["Vary"] = test.wantVary
			got := http.Header{}
			for name, lines := range w.Header {
				if name == "Vary" || strings.HasPrefix(name, "Access-Control-") {
					got[name] = lines
				}
			}
			if !maps.EqualFunc(got, want, slices.Equal) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}
