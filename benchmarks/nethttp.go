package benchmarks

import (
	"net/http"
	"net/url"
)

// netHTTPMiddleware is what every net/http library offers.
type netHTTPMiddleware = func(http.Handler) http.Handler

// onNetHTTP makes applications of a standard mux with a library's middleware around it.
func onNetHTTP(build func(Policy) (netHTTPMiddleware, error)) Opener {
	return func(p Policy, mode Mode) (App, error) {
		var handler http.Handler = http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
		if mode == Router {
			handler = newMux()
		}
		if build != nil {
			middleware, err := build(p)
			if err != nil {
				return nil, err
			}
			handler = middleware(handler)
		}
		return httpApp{handler, mode}, nil
	}
}

// jsonType is shared between responses, which costs the application nothing; it is not what is measured.
var jsonType = []string{contentType}

func newMux() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("/api/items/{id}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Content-Type"] = jsonType
		_, _ = w.Write(body)
	})
	mux.HandleFunc("/api/users/{id}", http.NotFound)
	mux.HandleFunc("/", http.NotFound)
	return mux
}

// httpApp serves every framework that is an http.Handler.
type httpApp struct {
	handler http.Handler
	mode    Mode
}

func (a httpApp) Client(requests []Request) Client {
	return &httpClient{handler: a.handler, fresh: a.mode == Router, requests: httpRequests(requests)}
}

type httpClient struct {
	handler  http.Handler
	fresh    bool
	requests []*http.Request
	next     int
	w        recorder
}

func (c *httpClient) Do() {
	c.w.reset(c.fresh)
	c.handler.ServeHTTP(&c.w, c.requests[c.next])
	if c.next++; c.next == len(c.requests) {
		c.next = 0
	}
}

func (c *httpClient) Answer() Answer { return c.w.answer() }

// httpRequests makes requests as a server reads them from the wire.
func httpRequests(requests []Request) []*http.Request {
	made := make([]*http.Request, len(requests))
	for i, request := range requests {
		header := make(http.Header)
		for _, field := range request.fields() {
			header.Add(field[0], field[1])
		}
		made[i] = &http.Request{
			Method: request.Method, Host: host, RequestURI: path, URL: &url.URL{Path: path},
			Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, RemoteAddr: "192.0.2.1:54321",
			Header: header, Body: http.NoBody,
		}
	}
	return made
}

const (
	host = "api.example.net"
	path = "/api/items/42"
)

// recorder is the cheapest honest http.ResponseWriter.
type recorder struct {
	header  http.Header
	status  int
	written int
	alone   bool // no handler writes anything
}

func (w *recorder) reset(fresh bool) {
	w.status, w.written, w.alone = 0, 0, !fresh
	if fresh || w.header == nil {
		w.header = make(http.Header)
	} else {
		clear(w.header)
	}
}

func (w *recorder) Header() http.Header { return w.header }

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
}

func (w *recorder) Write(data []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	w.written += len(data)
	return len(data), nil
}

// answer takes it that the handler ran if what was written is as long as what it writes, which no middleware's text is;
// or, where it writes nothing, if the middleware did not answer.
func (w *recorder) answer() Answer {
	ran := w.status == http.StatusOK && w.written == len(body)
	if w.alone {
		ran = w.status == 0
	}
	return Answer{Status: w.status, Header: w.header, HandlerRan: ran}
}
