package corstest_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/corselet/corselet/corstest"
)

// vector is a case of testdata/browser.json.
type vector struct {
	Name    string
	Options []string         // of the browser
	Cookies []string         // set by api.example.com before, as Set-Cookie lines
	Request corstest.Request // page and URL default to app.example.com and api.example.com/notes
	Answers []scripted       // in order; the last one is repeated
	Sent    [][]string       // of each exchange the request line, then its fields
	Sees    *sees
	Fails   *fails
}

type scripted struct {
	Status int // 200 if 0; -1 breaks the connection
	Header http.Header
	Body   string
}

type sees struct {
	Type       corstest.ResponseType // cors if empty
	Status     int                   // 200 if 0, unless the type is opaque
	URL        string                // the request's if empty, unless the type is opaque
	Redirected bool
	Header     http.Header
	Body       string
}

type fails struct {
	Check   corstest.Check
	Reason  string
	Problem string // what it contains
	Needed  string
	Step    string // how it ends, or what it contains
}

const (
	app   = "https://app.example.com"
	notes = "https://api.example.com/notes"
)

func TestBrowser(t *testing.T) {
	for _, v := range readVectors[vector](t, "testdata/browser.json") {
		t.Run(v.Name, func(t *testing.T) {
			v.Request.Page = cmp.Or(v.Request.Page, app)
			v.Request.URL = cmp.Or(v.Request.URL, notes)
			b := corstest.NewBrowser(script(v.Answers), options(t, v.Options)...)
			for _, line := range v.Cookies {
				cookie, err := http.ParseSetCookie(line)
				if err != nil {
					t.Fatal(err)
				}
				if err := b.SetCookies(notes, cookie); err != nil {
					t.Fatal(err)
				}
			}
			got, err := b.Fetch(t.Context(), v.Request)
			checkSent(t, exchanges(got, err), v.Sent)
			switch {
			case v.Sees != nil && err != nil:
				t.Errorf("got error %v\nwant a response", err)
			case v.Sees != nil:
				v.Sees.check(t, got, v.Request.URL)
			case err == nil:
				t.Errorf("got a response %+v, want an error", got)
			default:
				v.Fails.check(t, err)
			}
		})
	}
}

func readVectors[T any](t *testing.T, name string) []T {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var vectors []T
	decoder := json.NewDecoder(file)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&vectors); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return vectors
}

// script answers the requests one after the other.
func script(answers []scripted) http.Handler {
	next := 0
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		answer := answers[min(next, len(answers)-1)]
		next++
		if answer.Status < 0 {
			panic(http.ErrAbortHandler)
		}
		w.Header()["Content-Type"] = nil // nothing but what the script says
		maps.Copy(w.Header(), answer.Header)
		w.WriteHeader(cmp.Or(answer.Status, http.StatusOK))
		if answer.Body != "" {
			_, _ = w.Write([]byte(answer.Body))
		}
	})
}

func options(t *testing.T, names []string) (list []corstest.BrowserOption) {
	t.Helper()
	known := map[string]corstest.BrowserOption{
		"like chromium": corstest.LikeChromium(), "replacing cache": corstest.WithReplacingCache(),
		"limit of a minute": corstest.WithMaxAgeLimit(time.Minute),
	}
	for _, name := range names {
		if known[name] == nil {
			t.Fatalf("no option %q", name)
		}
		list = append(list, known[name])
	}
	return list
}

// exchanges returns what was sent, whether the request failed or not.
func exchanges(got *corstest.Response, err error) []corstest.Exchange {
	if failed, ok := errors.AsType[*corstest.FetchError](err); ok {
		return failed.Exchanges
	}
	return got.Exchanges
}

// checkSent compares the requests with the wanted lines, without those that every request has.
func checkSent(t *testing.T, got []corstest.Exchange, want [][]string) {
	t.Helper()
	var lines [][]string
	for _, e := range got {
		lines = append(lines, exchangeLines(e))
	}
	if !slices.EqualFunc(lines, want, slices.Equal) {
		t.Errorf("sent\ngot  %q\nwant %q", lines, want)
	}
}

func exchangeLines(e corstest.Exchange) []string {
	lines := []string{e.Method + " " + e.URL}
	for _, name := range slices.Sorted(maps.Keys(e.RequestHeader)) {
		for _, value := range e.RequestHeader[name] {
			line := name + ": " + value
			usual := name == "User-Agent" || name == "Content-Length" || strings.HasPrefix(name, "Sec-Fetch-") ||
				line == "Accept: */*"
			if !usual {
				lines = append(lines, line)
			}
		}
	}
	return lines
}

func (want *sees) check(t *testing.T, got *corstest.Response, requested string) {
	t.Helper()
	wantType := cmp.Or(want.Type, corstest.ResponseCORS)
	wantStatus, wantURL := cmp.Or(want.Status, http.StatusOK), cmp.Or(want.URL, requested)
	if wantType == corstest.ResponseOpaque || wantType == corstest.ResponseOpaqueRedirect {
		wantStatus = 0
	}
	if wantType == corstest.ResponseOpaque {
		wantURL = ""
	}
	if got.Type != wantType || got.Status != wantStatus || got.URL != wantURL || got.Redirected != want.Redirected {
		t.Errorf("got type %q, status %d, URL %s, redirected %v, want %q, %d, %s, %v",
			got.Type, got.Status, got.URL, got.Redirected, wantType, wantStatus, wantURL, want.Redirected)
	}
	header := got.Header.Clone()
	delete(header, "Content-Length")
	if !maps.EqualFunc(header, want.Header, slices.Equal) {
		t.Errorf("header visible: got %v, want %v", header, want.Header)
	}
	if got.Body != want.Body {
		t.Errorf("body: got %q, want %q", got.Body, want.Body)
	}
}

func (want *fails) check(t *testing.T, err error) {
	t.Helper()
	var got *corstest.FetchError
	if !errors.As(err, &got) {
		t.Fatalf("got error %v of type %T, want a FetchError", err, err)
	}
	if got.Check != want.Check || got.Reason.String() != want.Reason {
		t.Errorf("got check %q and reason %q, want %q and %q\n%v", got.Check, got.Reason, want.Check, want.Reason, err)
	}
	for what, parts := range map[string][2]string{
		"problem": {got.Problem, want.Problem}, "needed": {got.Needed, want.Needed}, "step": {got.Step, want.Step},
	} {
		if !strings.Contains(parts[0], parts[1]) || parts[0] != "" && parts[1] == "" {
			t.Errorf("%s: got %q, want it to contain %q", what, parts[0], parts[1])
		}
	}
}
