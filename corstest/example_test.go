package corstest_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"testing"
	"time"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/httpcors"
)

var config = core.Config{
	Origins:        []string{"https://app.example.com"},
	Methods:        []string{"PUT", "DELETE"},
	RequestHeaders: []string{"Content-Type"},
	ExposeHeaders:  []string{"X-Request-Id"},
	MaxAge:         10 * time.Minute,
}

// newApp assembles an application, as your main function does.
func newApp() http.Handler {
	cors, err := core.New(config)
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/notes", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Request-Id", "42")
		w.Header().Set("X-Secret", "43")
		fmt.Fprint(w, "saved")
	})
	return httpcors.New(cors)(mux)
}

func TestFrontEnd(t *testing.T) {
	app := newApp() // an http.Handler, as your main function builds it
	save := corstest.Request{
		Page: "https://app.example.com", URL: "https://api.example.com/notes", Method: "PUT",
		Header: http.Header{"Content-Type": {"application/json"}},
	}
	another := save
	another.Page = "https://another.example"

	corstest.AssertAllowed(t, app, save)
	corstest.AssertDenied(t, app, core.ReasonOriginNotAllowed, another)
}

func TestWiring(t *testing.T) {
	app := newApp()
	policy, err := core.Compile(config) // or cors.Policy(), if the test can reach it
	if err != nil {
		t.Fatal(err)
	}
	corstest.CheckWiring(t, app, policy,
		corstest.Route{Method: "PUT", URL: "/notes"},
		corstest.Route{URL: "/account", Header: http.Header{"Authorization": {"Bearer for-tests"}}},
	)
}

func ExampleBrowser_Fetch() {
	b := corstest.NewBrowser(newApp())
	got, err := b.Fetch(context.Background(), corstest.Request{
		Page: "https://app.example.com", URL: "https://api.example.com/notes", Method: "PUT", Body: "milk",
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(got.Status, got.Body, got.Header)
	for _, e := range got.Exchanges {
		fmt.Println(e.Method, e.Status)
	}
	// Output:
	// 200 saved map[Content-Length:[5] Content-Type:[text/plain; charset=utf-8] X-Request-Id:[42]]
	// OPTIONS 204
	// PUT 200
}

func ExampleFetchError() {
	b := corstest.NewBrowser(newApp())
	_, err := b.Fetch(context.Background(), corstest.Request{
		Page: "https://app.example.com", URL: "https://api.example.com/notes", Method: "patch",
		Header: http.Header{"X-Trace": {"1"}},
	})
	fmt.Println(err)
	// Output:
	// patch https://api.example.com/notes from https://app.example.com: method patch is not in the preflight's Access-Control-Allow-Methods: PUT, DELETE
	// 	sent: OPTIONS https://api.example.com/notes
	// 		Access-Control-Request-Headers: x-trace
	// 		Access-Control-Request-Method: patch
	// 		Origin: https://app.example.com
	// 	got: 204
	// 		Access-Control-Allow-Headers: content-type
	// 		Access-Control-Allow-Methods: PUT,DELETE
	// 		Access-Control-Allow-Origin: https://app.example.com
	// 		Access-Control-Max-Age: 600
	// 		Vary: Origin
	// 	needed: Access-Control-Allow-Methods: patch; or did the page mean PATCH? fetch does not normalize this method's case
	// 	Fetch, 4.8 CORS-preflight fetch (https://fetch.spec.whatwg.org/#cors-preflight-fetch-0), step 7.5
}

func ExampleWithClock() {
	now := time.Now()
	b := corstest.NewBrowser(newApp(), corstest.WithClock(func() time.Time { return now }))
	save := corstest.Request{Page: "https://app.example.com", URL: "https://api.example.com/notes", Method: "PUT"}
	for _, wait := range []time.Duration{0, 9 * time.Minute, time.Minute} {
		now = now.Add(wait)
		got, err := b.Fetch(context.Background(), save)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("after", wait, "more:", got.Preflights(), "preflights")
	}
	// Output:
	// after 0s more: 1 preflights
	// after 9m0s more: 0 preflights
	// after 1m0s more: 1 preflights
}

func ExampleCheckWiring() {
	var t testing.TB = printing{} // in a test of yours, its *testing.T

	cors, err := core.New(core.Config{Origins: []string{"https://app.example.com"}, Methods: []string{"PUT"}})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	save := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	mux.Handle("PUT /notes", httpcors.New(cors)(save)) // in the wrong place

	corstest.CheckWiring(t, mux, cors.Policy(), corstest.Route{Method: "PUT", URL: "/notes"})
	// Output:
	// PUT /notes: CORS is below the router: the preflight was answered 405 without Access-Control-Allow-Origin
	// how to mend it: wrap the whole router instead of single routes or groups, which preflights never reach; its own 404 and 405 then have the fields too
}

// printing is a test that prints its errors.
type printing struct{ testing.TB }

func (printing) Helper()                           {}
func (printing) Context() context.Context          { return context.Background() }
func (printing) Errorf(format string, args ...any) { fmt.Printf(format+"\n", args...) }
