package corstest

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/httpcors"
)

// TestRunFindsMistakes tests the suite itself: each mistake that other libraries made must fail some case.
func TestRunFindsMistakes(t *testing.T) {
	// A mistake changes the adapter's answer.
	mistakes := map[string]func(w http.ResponseWriter, r *http.Request, next http.Handler){
		"allowing every origin": func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			next.ServeHTTP(w, r)
			w.Header()[core.FieldAllowOrigin] = r.Header["Origin"]
		},
		"overwriting Vary": func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			next.ServeHTTP(w, r)
			w.Header().Set("Vary", "Origin")
		},
		"doubling Vary": func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			next.ServeHTTP(w, r)
			w.Header().Add("Vary", "Origin")
		},
		"forgetting Vary on requests without Origin": func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			next.ServeHTTP(w, r)
			if len(r.Header["Origin"]) == 0 {
				w.Header().Del("Vary")
			}
		},
		"sending max-age on actual responses": func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			next.ServeHTTP(w, r)
			w.Header().Set(core.FieldMaxAge, "600")
		},
		"allowing private networks unasked": func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			next.ServeHTTP(w, r)
			w.Header().Set("Access-Control-Allow-Private-Network", "true")
		},
		"taking every OPTIONS for a preflight": func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if r.Method != http.MethodOptions {
				next.ServeHTTP(w, r)
				return
			}
			w.WriteHeader(http.StatusNoContent)
		},
		"a body in refusals": func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			next.ServeHTTP(w, r)
			if r.Method == http.MethodOptions {
				_, _ = w.Write([]byte("Forbidden"))
			}
		},
		"refusing ordinary requests from other origins": func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if strings.Contains(r.Header.Get("Origin"), "evil") {
				w.WriteHeader(http.StatusForbidden)
				return
			}
			next.ServeHTTP(w, r)
		},
		"reading the first Origin line only": func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if lines := r.Header["Origin"]; len(lines) > 1 {
				r.Header["Origin"] = lines[:1]
			}
			next.ServeHTTP(w, r)
		},
		"upper-casing methods": func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			for i, method := range r.Header[core.FieldRequestMethod] {
				r.Header[core.FieldRequestMethod][i] = strings.ToUpper(method)
			}
			next.ServeHTTP(w, r)
		},
	}
	suite, err := Conformance()
	if err != nil {
		t.Fatal(err)
	}
	if n := countProblems(t, suite, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		next.ServeHTTP(w, r)
	}); n > 0 {
		t.Fatalf("without a mistake %d cases fail", n)
	}
	for name, spoil := range mistakes {
		t.Run(name, func(t *testing.T) {
			if countProblems(t, suite, spoil) == 0 {
				t.Error("no case of the suite notices")
			}
		})
	}
}

func countProblems(t *testing.T, suite *Suite, spoil func(http.ResponseWriter, *http.Request, http.Handler)) (count int) {
	newApp := func(_ *testing.T, spec Spec) App {
		inner := httpcors.New(spec.CORS)(http.HandlerFunc(testHandler))
		app := HTTP(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			for _, f := range spec.Outer {
				w.Header().Add(f.Name, f.Value)
			}
			defer func() {
				if recover() != nil {
					w.WriteHeader(http.StatusInternalServerError)
				}
			}()
			// The real answer is held back, so it can still be changed.
			held := heldResponse{header: w.Header()}
			defer held.release(w)
			spoil(&held, r.Clone(r.Context()), inner)
		}))
		app.Serve, app.ServeHTTP2 = nil, nil
		return app
	}
	for _, c := range suite.Cases {
		bench := newBench(t, newApp, suite.Policies[c.Policy].Compilable(), c.Outer)
		for _, transport := range bench.transports(&c) {
			if len(bench.try(transport, &c)) > 0 {
				count++
			}
		}
	}
	return count
}

func testHandler(w http.ResponseWriter, r *http.Request) {
	if !strings.HasPrefix(r.URL.Path, "/api/") {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	w.Header().Set("X-Handler", "hit")
	switch r.URL.Path {
	case "/api/panic":
		panic("as the case wants")
	case "/api/fail":
		w.WriteHeader(http.StatusInternalServerError)
	case "/api/moved":
		w.WriteHeader(http.StatusTemporaryRedirect)
	}
}

type heldResponse struct {
	header http.Header
	status int
	body   []byte
}

func (h *heldResponse) Header() http.Header { return h.header }
func (h *heldResponse) WriteHeader(s int)   { h.status = s }
func (h *heldResponse) Write(p []byte) (int, error) {
	h.body = append(h.body, p...)
	return len(p), nil
}

func (h *heldResponse) release(w http.ResponseWriter) {
	if h.status != 0 {
		w.WriteHeader(h.status)
	}
	if len(h.body) > 0 {
		_, _ = w.Write(h.body)
	}
}

func TestEveryCaseHasAUniqueNameAndSaysWhy(t *testing.T) {
	suite, err := Conformance()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, c := range suite.Cases {
		if seen[c.Name] {
			t.Errorf("two cases are called %q", c.Name)
		}
		seen[c.Name] = true
		if c.Why == "" {
			t.Errorf("%q does not say why", c.Name)
		}
	}
}

func TestRunFindsSharedMemory(t *testing.T) {
	shared := []string{"Origin"}
	tests := map[string]func(http.Header){
		"one slice for all responses": func(h http.Header) { h["Vary"] = shared },
		"spare capacity":              func(h http.Header) { h["Vary"] = append(make([]string, 0, 2), "Origin") },
	}
	c := &Case{Name: "shared", Request: RawRequest{Method: "GET", Path: "/"}}
	for name, set := range tests {
		b := &bench{handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { set(w.Header()) })}
		if problems := b.overwrite(c); len(problems) != 1 {
			t.Errorf("%s: got %q, want one problem", name, problems)
		}
	}
}

func TestAllocationsCounts(t *testing.T) {
	var kept []byte
	allocs, bytes := Allocations(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { kept = make([]byte, 64) }), nil)
	if allocs != 1 || bytes < 64 || bytes > 66 || kept == nil {
		t.Errorf("got %v allocations of %v bytes, want 1 of 64", allocs, bytes)
	}
}

func TestTheBodyOfARequestIsSent(t *testing.T) {
	app := HTTP(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) }))
	for transport, client := range app.Start(t) {
		got, err := client(&RawRequest{Method: "POST", Path: "/", Body: "a body"})
		if err != nil || got.Body != "a body" {
			t.Errorf("over %s: got %+v and error %v, want the body back", transport, got, err)
		}
	}
}
