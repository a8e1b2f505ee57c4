package httpcors_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"testing"
	"time"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/corstest/adaptertest"
	"github.com/corselet/corselet/httpcors"
)

func TestLateFieldsAreKept(t *testing.T) {
	mux := http.NewServeMux()
	vary := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Vary", "Accept-Encoding")
		io.WriteString(w, "hello")
	}
	slow := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	mux.HandleFunc("/vary", vary)
	mux.Handle("/timeout/vary", http.TimeoutHandler(http.HandlerFunc(vary), time.Minute, ""))
	mux.Handle("/timeout/slow", http.TimeoutHandler(http.HandlerFunc(slow), 10*time.Millisecond, ""))
	mux.HandleFunc("/clear", func(w http.ResponseWriter, _ *http.Request) {
		clear(w.Header()) // as a recovery layer that starts anew
		w.WriteHeader(500)
	})
	mux.HandleFunc("/clear/nothing", func(w http.ResponseWriter, _ *http.Request) { clear(w.Header()) })
	mux.HandleFunc("/clear/flush", func(w http.ResponseWriter, _ *http.Request) {
		clear(w.Header())
		w.(http.Flusher).Flush()
		w.Header().Set("Vary", "too late")
	})
	mux.HandleFunc("/clear/controller", func(w http.ResponseWriter, _ *http.Request) {
		clear(w.Header())
		http.NewResponseController(w).Flush()
	})
	mux.HandleFunc("/clear/copy", func(w http.ResponseWriter, _ *http.Request) {
		clear(w.Header())
		io.Copy(w, io.LimitReader(strings.NewReader("hello"), 3))
	})
	mux.HandleFunc("/own", func(w http.ResponseWriter, r *http.Request) { // as a proxied answer
		if lines := r.Header["Origin"]; lines != nil {
			lines[0] = "https://evil.example"
		}
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Access-Control-Max-Age", "600")
	})
	mux.HandleFunc("/file", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Del("Vary")
		http.ServeContent(w, r, "file.txt", time.Unix(1e9, 0), strings.NewReader("hello"))
	})
	adaptertest.RunKept(t, func(cors *core.CORS) corstest.App {
		return corstest.HTTP(httpcors.New(cors, httpcors.WithLateFields())(mux))
	}, []adaptertest.Kept{
		{Path: "/vary", Status: 200, Vary: []string{"Accept-Encoding"}},
		{Path: "/timeout/vary", Status: 200, Vary: []string{"Accept-Encoding"}},
		{Path: "/timeout/slow", Status: 503},
		{Path: "/clear", Status: 500},
		{Path: "/clear/nothing", Status: 200},
		{Path: "/clear/flush", Status: 200},
		{Path: "/clear/controller", Status: 200},
		{Path: "/clear/copy", Status: 200},
		{Path: "/own", Status: 200},
		{Path: "/file", Status: 200},
		{Path: "/file", Header: corstest.Fields{{Name: "Range", Value: "bytes=1-2"}}, Status: 206},
		{Path: "/file", Header: corstest.Fields{{Name: "Range", Value: "bytes=9-"}}, Status: 416},
		{Path: "/file", Header: corstest.Fields{{Name: "If-Modified-Since", Value: "Sun, 09 Sep 2001 01:46:40 GMT"}}, Status: 304},
		{Path: "/other", Status: 404},
	})
}

// A server's writer has these or not, and handlers look for them.
func TestALateWriterIsLikeTheServers(t *testing.T) {
	tests := []struct {
		name   string
		server http.ResponseWriter
	}{
		{"neither", struct{ http.ResponseWriter }{httptest.NewRecorder()}},
		{"an http.Flusher", struct {
			http.ResponseWriter
			http.Flusher
		}{httptest.NewRecorder(), httptest.NewRecorder()}},
		{"an http.Hijacker", struct {
			http.ResponseWriter
			http.Hijacker
		}{httptest.NewRecorder(), hijacked{}}},
		{"both", struct {
			http.ResponseWriter
			http.Flusher
			http.Hijacker
		}{httptest.NewRecorder(), httptest.NewRecorder(), hijacked{}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			late := httpcors.NewLateWriter(test.server, httptest.NewRequest("GET", "/", nil), core.Decision{}).Like()
			_, wantFlusher := test.server.(http.Flusher)
			_, wantHijacker := test.server.(http.Hijacker)
			_, isFlusher := late.(http.Flusher)
			hijacker, isHijacker := late.(http.Hijacker)
			if isFlusher != wantFlusher || isHijacker != wantHijacker {
				t.Errorf("flushes: %v, hijacks: %v, want %v and %v", isFlusher, isHijacker, wantFlusher, wantHijacker)
			}
			if isHijacker {
				if _, _, err := hijacker.Hijack(); err != io.ErrNoProgress {
					t.Errorf("got %v, want the server's answer", err)
				}
			}
		})
	}
}

type hijacked struct{}

func (hijacked) Hijack() (net.Conn, *bufio.ReadWriter, error) { return nil, nil, io.ErrNoProgress }

func TestAResponseControllerReachesTheServer(t *testing.T) {
	var got error
	server := serveLate(t, func(w http.ResponseWriter, _ *http.Request) {
		got = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(time.Minute))
	})
	get(t, server, nil)
	if got != nil {
		t.Errorf("got %v, want the deadline set", got)
	}
}

func TestEarlyHintsDoNotEndTheHeader(t *testing.T) {
	server := serveLate(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Link", "</a.css>; rel=preload")
		w.WriteHeader(http.StatusEarlyHints)
		clear(w.Header())
		w.WriteHeader(http.StatusTeapot)
	})
	hints := 0
	w := get(t, server, &httptrace.ClientTrace{Got1xxResponse: func(int, textproto.MIMEHeader) error { hints++; return nil }})
	if hints != 1 || w.StatusCode != http.StatusTeapot || w.Header.Get("Access-Control-Allow-Origin") != adaptertest.Page {
		t.Errorf("got %d hints, then %d with %v", hints, w.StatusCode, w.Header)
	}
}

// serveLate starts a server with a handler behind the middleware.
func serveLate(t *testing.T, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	cors, err := core.New(core.Config{Origins: []string{adaptertest.Page}})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(httpcors.New(cors, httpcors.WithLateFields())(handler))
	t.Cleanup(server.Close)
	return server
}

// get sends a GET request from the page.
func get(t *testing.T, server *httptest.Server, trace *httptrace.ClientTrace) *http.Response {
	t.Helper()
	r, err := http.NewRequest("GET", server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	if trace != nil {
		r = r.WithContext(httptrace.WithClientTrace(r.Context(), trace))
	}
	r.Header.Set("Origin", adaptertest.Page)
	w, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	w.Body.Close()
	return w
}
