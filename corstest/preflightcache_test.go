package corstest_test

import (
	"cmp"
	"maps"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/corselet/corselet/corstest"
)

// cacheVector is a case of testdata/preflightcache.json: requests one after the other, and which of them are
// preflighted.
type cacheVector struct {
	Name    string
	Options []string
	Allow   http.Header // fields of the preflight's answer, besides Allow-Origin
	Echo    bool        // the preflight's answer allows exactly what was asked for
	Steps   []cacheStep
}

type cacheStep struct {
	At                int // seconds
	Page, URL, Method string
	Header            http.Header
	Credentials       corstest.Credentials
	UploadListener    bool
	Broken            bool // the actual answer has no CORS fields
	Status            int  // of the actual answer
	Forget            bool // the browser is told to forget preflights before
	Preflights        int
	Fails             bool
}

func TestPreflightCache(t *testing.T) {
	for _, v := range readVectors[cacheVector](t, "testdata/preflightcache.json") {
		t.Run(v.Name, func(t *testing.T) {
			var step cacheStep
			start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
			clock := func() time.Time { return start.Add(time.Duration(step.At) * time.Second) }
			server := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { v.answer(w, r, &step) })
			b := corstest.NewBrowser(server, append(options(t, v.Options), corstest.WithClock(clock))...)
			for _, step = range v.Steps {
				if step.Forget {
					b.ClearPreflightCache()
				}
				got, err := b.Fetch(t.Context(), corstest.Request{
					Page: cmp.Or(step.Page, app), URL: cmp.Or(step.URL, notes), Method: step.Method, Header: step.Header,
					Credentials: step.Credentials, UploadListener: step.UploadListener,
				})
				if (err != nil) != step.Fails {
					t.Errorf("at %d s: got error %v, want one: %v", step.At, err, step.Fails)
				}
				count := 0
				for _, e := range exchanges(got, err) {
					if e.Preflight {
						count++
					}
				}
				if count != step.Preflights || err == nil && got.Preflights() != count {
					t.Errorf("at %d s: got %d preflights, want %d", step.At, count, step.Preflights)
				}
			}
		})
	}
}

func (v *cacheVector) answer(w http.ResponseWriter, r *http.Request, step *cacheStep) {
	h := w.Header()
	isPreflight := r.Method == http.MethodOptions
	if isPreflight || !step.Broken {
		h.Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
		h.Set("Access-Control-Allow-Credentials", "true")
	}
	if isPreflight {
		maps.Copy(h, v.Allow)
	}
	if isPreflight && v.Echo {
		h["Access-Control-Allow-Methods"] = r.Header["Access-Control-Request-Method"]
		h["Access-Control-Allow-Headers"] = r.Header["Access-Control-Request-Headers"]
	}
	if !isPreflight {
		w.WriteHeader(cmp.Or(step.Status, http.StatusOK))
	}
}

// A page makes many requests at once. With -race this shows that a Browser is safe for that.
func TestOneBrowserServesManyRequestsAtOnce(t *testing.T) {
	b := corstest.NewBrowser(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", app)
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		w.Header().Set("Access-Control-Allow-Methods", "PUT")
		http.SetCookie(w, &http.Cookie{Name: "s", Value: "1"})
	}))
	var pages sync.WaitGroup
	for range 8 {
		pages.Go(func() {
			for _, method := range []string{"PUT", "GET", "DELETE", "PUT"} {
				_, err := b.Fetch(t.Context(), corstest.Request{
					Page: app, URL: notes, Method: method, Credentials: corstest.CredentialsInclude,
				})
				if (err != nil) != (method == "DELETE") {
					t.Errorf("%s: got error %v", method, err)
				}
			}
		})
	}
	pages.Wait()
}
