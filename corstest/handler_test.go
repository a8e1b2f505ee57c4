package corstest_test

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/corselet/corselet/corstest"
)

// Whatever a handler does, pages must see the same in process as behind a real server.
func TestHandlersBehaveAsBehindAServer(t *testing.T) {
	handlers := map[string]http.HandlerFunc{
		"nothing at all":       func(http.ResponseWriter, *http.Request) {},
		"a short body":         func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<p>hello") },
		"a long body":          func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, strings.Repeat("x", 5000)) },
		"a body of 2048 bytes": func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, strings.Repeat("x", 2048)) },
		"a body of 2049 bytes": func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, strings.Repeat("x", 2049)) },
		"204 with a body":      func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204); io.WriteString(w, "x") },
		"304":                  func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(304) },
		"404":                  http.NotFound,
		"early hints": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusEarlyHints)
			w.Header().Set("X-Late", "1")
			w.WriteHeader(http.StatusTeapot)
		},
		"a field after the status": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(200)
			w.Header().Set("X-Late", "1")
		},
		"a flush": func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, "a")
			_ = http.NewResponseController(w).Flush()
			io.WriteString(w, "b")
		},
		"line breaks and spaces in a field": func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-A", " a\r\nX-B: b ") },
		"a field without lines":             func(w http.ResponseWriter, _ *http.Request) { w.Header()["Content-Type"] = nil },
		"a length of its own":               func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "0") },
		"what it was asked": func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			for _, s := range []string{r.Method, r.URL.String(), r.RequestURI, r.URL.Path, string(body), r.Header.Get("Content-Length")} {
				io.WriteString(w, s+"\n")
			}
		},
		"aborting": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	}
	for name, handler := range handlers {
		all := func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Access-Control-Allow-Origin", "*")
			w.Header().Set("Access-Control-Expose-Headers", "*")
			handler(w, r)
		}
		server := httptest.NewServer(http.HandlerFunc(all))
		t.Cleanup(server.Close)
		for _, method := range []string{"GET", "HEAD", "POST"} {
			t.Run(name+" "+method, func(t *testing.T) {
				r := corstest.Request{Page: "http://app.localhost", URL: server.URL + "/a%2Fb%20c?q=%20", Method: method}
				if method == "POST" {
					r.Body = "body"
				}
				got, gotErr := corstest.NewBrowser(http.HandlerFunc(all)).Fetch(t.Context(), r)
				want, wantErr := corstest.NewBrowserVia(http.DefaultTransport).Fetch(t.Context(), r)
				if (gotErr != nil) != (wantErr != nil) {
					t.Fatalf("got error %v, want %v", gotErr, wantErr)
				}
				if gotErr != nil {
					return
				}
				delete(want.Header, "Date")
				if got.Status != want.Status || got.Body != want.Body || !maps.EqualFunc(got.Header, want.Header, slices.Equal) {
					t.Errorf("got  %d %v %q\nwant %d %v %q", got.Status, got.Header, got.Body, want.Status, want.Header, want.Body)
				}
			})
		}
	}
}

func TestAPanicIsReportedWithItsValue(t *testing.T) {
	b := corstest.NewBrowser(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("out of coffee") }))
	_, err := b.Fetch(t.Context(), corstest.Request{Page: app, URL: notes})
	if err == nil || !strings.Contains(err.Error(), "out of coffee") {
		t.Errorf("got error %v, want one with the value of the panic", err)
	}
}

func TestARequestThatIsCancelledEndsWithThatError(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := corstest.NewBrowser(http.NotFoundHandler()).Fetch(ctx, corstest.Request{Page: app, URL: notes})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want context.Canceled", err)
	}
}

// The fields that every request carries; the vectors leave them out.
func TestWhatEveryRequestCarries(t *testing.T) {
	tests := []struct {
		name    string
		request corstest.Request
		want    http.Header // of the last request
	}{
		{"a fetch across sites", corstest.Request{Page: "https://app.example.org", URL: notes}, http.Header{
			"Sec-Fetch-Site": {"cross-site"}, "Sec-Fetch-Mode": {"cors"}, "Sec-Fetch-Dest": {"empty"}, "Origin": {"https://app.example.org"}}},
		{"a fetch across origins of a site", corstest.Request{Page: app, URL: notes}, http.Header{
			"Sec-Fetch-Site": {"same-site"}, "Sec-Fetch-Mode": {"cors"}, "Sec-Fetch-Dest": {"empty"}, "Origin": {app}}},
		{"a same-origin fetch", corstest.Request{Page: app, URL: "/"}, http.Header{
			"Sec-Fetch-Site": {"same-origin"}, "Sec-Fetch-Mode": {"cors"}, "Sec-Fetch-Dest": {"empty"}}},
		{"a fetch of a sandboxed page", corstest.Request{Page: "null", URL: notes, Mode: corstest.ModeNoCORS}, http.Header{
			"Sec-Fetch-Site": {"cross-site"}, "Sec-Fetch-Mode": {"no-cors"}, "Sec-Fetch-Dest": {"empty"}}},
		{"a preflight", corstest.Request{Page: app, URL: notes, Method: "PUT"}, http.Header{
			"Sec-Fetch-Site": {"same-site"}, "Sec-Fetch-Mode": {"cors"}, "Sec-Fetch-Dest": {"empty"}, "Origin": {app},
			"Access-Control-Request-Method": {"PUT"}}},
		{"plain http, which gets less", corstest.Request{Page: "http://app.example.com", URL: "http://api.example.com/"}, http.Header{
			"Origin": {"http://app.example.com"}}},
		{"localhost, which gets everything", corstest.Request{Page: "http://app.localhost", URL: "http://localhost:8080/"}, http.Header{
			"Sec-Fetch-Site": {"cross-site"}, "Sec-Fetch-Mode": {"cors"}, "Sec-Fetch-Dest": {"empty"}, "Origin": {"http://app.localhost"}}},
		{"addresses, which are sites of their own", corstest.Request{Page: "http://127.0.0.1", URL: "http://127.0.0.1:8080/"}, http.Header{
			"Sec-Fetch-Site": {"same-site"}, "Sec-Fetch-Mode": {"cors"}, "Sec-Fetch-Dest": {"empty"}, "Origin": {"http://127.0.0.1"}}},
		{"http and https, which are two sites", corstest.Request{Page: "http://app.example.com", URL: notes}, http.Header{
			"Sec-Fetch-Site": {"cross-site"}, "Sec-Fetch-Mode": {"cors"}, "Sec-Fetch-Dest": {"empty"}, "Origin": {"http://app.example.com"}}},
		{"a POST without a body", corstest.Request{Page: app, URL: notes, Method: "POST"}, http.Header{
			"Sec-Fetch-Site": {"same-site"}, "Sec-Fetch-Mode": {"cors"}, "Sec-Fetch-Dest": {"empty"}, "Origin": {app},
			"Content-Length": {"0"}}},
		{"a POST with one", corstest.Request{Page: app, URL: notes, Method: "POST", Body: "xy"}, http.Header{
			"Sec-Fetch-Site": {"same-site"}, "Sec-Fetch-Mode": {"cors"}, "Sec-Fetch-Dest": {"empty"}, "Origin": {app},
			"Content-Length": {"2"}, "Content-Type": {"text/plain;charset=UTF-8"}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got http.Header
			b := corstest.NewBrowser(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.Header }))
			_, _ = b.Fetch(t.Context(), test.request)
			test.want.Set("Accept", "*/*")
			test.want.Set("User-Agent", "corstest")
			if !maps.EqualFunc(got, test.want, slices.Equal) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestTheSchemeAndHostArriveAtTheHandler(t *testing.T) {
	for url, want := range map[string]string{"https://api.example.com:8443/": "api.example.com:8443 true", "http://localhost/": "localhost false"} {
		var got string
		b := corstest.NewBrowser(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			got = r.Host
			if r.TLS != nil {
				got += " true"
			} else {
				got += " false"
			}
		}))
		_, _ = b.Fetch(t.Context(), corstest.Request{Page: app, URL: url})
		if got != want {
			t.Errorf("%s: got %s, want %s", url, got, want)
		}
	}
}

func TestCookiesOfLocalhostMayBeSecure(t *testing.T) {
	b := corstest.NewBrowser(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		http.SetCookie(w, &http.Cookie{Name: "s", Value: "1", Secure: true, SameSite: http.SameSiteNoneMode})
		io.WriteString(w, r.Header.Get("Cookie"))
	}))
	for url, want := range map[string]string{"http://localhost:8080/": "s=1", "http://api.example.com/": ""} {
		r := corstest.Request{Page: "http://app.example.com", URL: url, Credentials: corstest.CredentialsInclude}
		_, _ = b.Fetch(t.Context(), r)
		got, err := b.Fetch(t.Context(), r)
		if err != nil || got.Body != want {
			t.Errorf("%s: got %v and error %v, want a second request with cookie %q", url, got, err, want)
		}
	}
}

// A cookie that becomes Lax must replace the one that other sites could send.
func TestACookieThatIsReplacedIsGone(t *testing.T) {
	b := corstest.NewBrowser(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		io.WriteString(w, r.Header.Get("Cookie"))
	}))
	r := corstest.Request{Page: "https://app.example.org", URL: notes, Credentials: corstest.CredentialsInclude}
	for _, step := range []struct {
		cookie *http.Cookie
		want   string
	}{
		{&http.Cookie{Name: "s", Value: "1", Secure: true, SameSite: http.SameSiteNoneMode}, "s=1"},
		{&http.Cookie{Name: "s", Value: "2", Secure: true, SameSite: http.SameSiteLaxMode}, ""},
		{&http.Cookie{Name: "s", Value: "3", Secure: true, SameSite: http.SameSiteNoneMode}, "s=3"},
		{&http.Cookie{Name: "s", MaxAge: -1, Secure: true, SameSite: http.SameSiteNoneMode}, ""},
	} {
		if err := b.SetCookies(notes, step.cookie); err != nil {
			t.Fatal(err)
		}
		if got, err := b.Fetch(t.Context(), r); err != nil || got.Body != step.want {
			t.Errorf("after %v: got %v and error %v, want %q", step.cookie, got, err, step.want)
		}
	}
	if err := b.SetCookies("ftp://api.example.com"); err == nil {
		t.Error("got no error for cookies of a URL that is not http, want one")
	}
}

// The next request, perhaps from another page, must carry a stored cookie or must not.
func TestWhichCookiesAreStored(t *testing.T) {
	tests := []struct {
		name          string
		cookie        string
		first, second corstest.Request
		want          string
	}{
		{"one that came with credentials", "s=1; Secure",
			corstest.Request{Page: app, URL: notes, Credentials: corstest.CredentialsInclude},
			corstest.Request{Page: app, URL: notes, Credentials: corstest.CredentialsInclude}, "s=1"},
		{"not one that came without", "s=1; Secure",
			corstest.Request{Page: app, URL: notes},
			corstest.Request{Page: app, URL: notes, Credentials: corstest.CredentialsInclude}, ""},
		{"not one without SameSite that came to another site", "s=1; Secure",
			corstest.Request{Page: "https://app.example.org", URL: notes, Credentials: corstest.CredentialsInclude},
			corstest.Request{Page: app, URL: notes, Credentials: corstest.CredentialsInclude}, ""},
		{"one for all that came to another site", "s=1; Secure; SameSite=None",
			corstest.Request{Page: "https://app.example.org", URL: notes, Credentials: corstest.CredentialsInclude},
			corstest.Request{Page: app, URL: notes, Credentials: corstest.CredentialsInclude}, "s=1"},
		{"not a Secure one that came without TLS", "s=1; Secure",
			corstest.Request{Page: "http://api.example.com", URL: "http://api.example.com/notes"},
			corstest.Request{Page: "https://api.example.com", URL: notes}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := corstest.NewBrowser(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
				w.Header().Set("Access-Control-Allow-Credentials", "true")
				w.Header().Set("Set-Cookie", test.cookie)
				io.WriteString(w, r.Header.Get("Cookie"))
			}))
			if _, err := b.Fetch(t.Context(), test.first); err != nil {
				t.Fatal(err)
			}
			if got, err := b.Fetch(t.Context(), test.second); err != nil || got.Body != test.want {
				t.Errorf("got %v and error %v, want cookie %q", got, err, test.want)
			}
		})
	}
}

// A transport may be less strict than net/http's.
func TestForbiddenBodiesAreNotSeen(t *testing.T) {
	for _, test := range []struct {
		method string
		status int
		want   string
	}{{"HEAD", 200, ""}, {"GET", 204, ""}, {"GET", 205, ""}, {"GET", 304, ""}, {"GET", 200, "x"}} {
		b := corstest.NewBrowserVia(roundTripper(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: test.status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("x"))}, nil
		}))
		got, err := b.Fetch(t.Context(), corstest.Request{Page: app, URL: "/", Method: test.method})
		if err != nil || got.Body != test.want {
			t.Errorf("%s, %d: got %v and error %v, want body %q", test.method, test.status, got, err, test.want)
		}
	}
}

func TestWhiteSpaceAroundValuesOfAnyTransportDoesNotCount(t *testing.T) {
	b := corstest.NewBrowserVia(roundTripper(func(*http.Request) (*http.Response, error) {
		header := http.Header{"Access-Control-Allow-Origin": {"* \t"}, "Content-Type": {" text/plain"}}
		return &http.Response{StatusCode: 200, Header: header, Body: http.NoBody}, nil
	}))
	got, err := b.Fetch(t.Context(), corstest.Request{Page: app, URL: notes})
	if err != nil || got.Header.Get("Content-Type") != "text/plain" {
		t.Errorf("got %v and error %v, want a response of text/plain", got, err)
	}
}

// Tests of applications call it hundreds of times.
func TestFetchTakesMicroseconds(t *testing.T) {
	b := corstest.NewBrowser(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Access-Control-Allow-Methods", "*")
	}))
	const runs = 1000
	start := time.Now()
	for range runs {
		b.ClearPreflightCache()
		if _, err := b.Fetch(t.Context(), corstest.Request{Page: app, URL: notes, Method: "PUT"}); err != nil {
			t.Fatal(err)
		}
	}
	if each := time.Since(start) / runs; each > 5*time.Millisecond {
		t.Errorf("got %v for a request with its preflight, want microseconds", each)
	} else {
		t.Log(each)
	}
}
