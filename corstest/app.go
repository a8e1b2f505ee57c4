package corstest

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/corselet/corselet/core"
)

// Spec is what an application for the suite is made of, from the outside in:
//
//   - a layer that adds the Outer fields to the response, one line each, without looking at the request;
//   - the framework's recovery middleware, which answers a panic with 500;
//   - the adapter under test, over CORS;
//   - a handler that sets the field "X-Handler: hit" for any method on any path below /api/, and then answers 200; but
//     /api/fail with 500 and /api/moved with 307 to /api/ok, while /api/panic panics; other paths are the framework's
//     own 404.
type Spec struct {
	CORS  *core.CORS
	Outer []Field
}

// App is such an application, and the ways to reach it. Do is required; where Serve or ServeHTTP2 is nil, no case goes
// that way.
type App struct {
	// Server names who reads requests from the network: "net/http", "fasthttp", or "fasthttp v1.51" for versions of it
	// that let control bytes in field values pass. Cases list by this name which requests it refuses by itself.
	Server string
	// Do has the application answer a request without a network.
	Do Client
	// Serve serves HTTP/1.1 on the listener until it is closed.
	Serve func(net.Listener) error
	// ServeHTTP2 serves HTTP/2 without TLS, by prior knowledge, on the listener until it is closed.
	ServeHTTP2 func(net.Listener) error

	handler http.Handler // set by HTTP
}

// A Client sends a request to an application and returns the answer.
type Client func(*RawRequest) (*RawResponse, error)

// The transports over which cases go.
const (
	Process = "process" // no network
	HTTP1   = "http/1.1"
	HTTP2   = "http/2"
)

// Start serves the application on free loopback ports until the test ends, and returns a client for each transport by
// which it can be reached. Each request goes over a connection of its own.
func (a App) Start(t testing.TB) map[string]Client {
	t.Helper()
	clients := map[string]Client{}
	if a.Do != nil {
		clients[Process] = a.Do
	}
	if a.Serve != nil {
		addr := listen(t, a.Serve)
		clients[HTTP1] = func(r *RawRequest) (*RawResponse, error) { return doHTTP1(addr, r) }
	}
	if a.ServeHTTP2 != nil {
		addr := listen(t, a.ServeHTTP2)
		clients[HTTP2] = func(r *RawRequest) (*RawResponse, error) { return doHTTP2(addr, r) }
	}
	return clients
}

// listen serves on a free loopback port until the test ends.
func listen(t testing.TB, serve func(net.Listener) error) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var served sync.WaitGroup
	served.Go(func() { _ = serve(l) }) // the error is that the listener was closed
	t.Cleanup(func() {
		_ = l.Close()
		served.Wait()
	})
	return l.Addr().String()
}

// RawResponse is what came back.
type RawResponse struct {
	Status int
	Header http.Header
	Body   string
}

// HTTP returns the App for an application that is a [net/http.Handler].
func HTTP(h http.Handler) App {
	serve := func(protocols *http.Protocols) func(net.Listener) error {
		return func(l net.Listener) error {
			server := http.Server{Handler: h, Protocols: protocols}
			return server.Serve(l)
		}
	}
	http2 := new(http.Protocols)
	http2.SetUnencryptedHTTP2(true)
	return App{
		Server:     "net/http",
		Do:         func(r *RawRequest) (*RawResponse, error) { return doHTTP(h, r), nil },
		Serve:      serve(nil),
		ServeHTTP2: serve(http2),
		handler:    h,
	}
}

// doHTTP has h answer a request that no parser has seen.
func doHTTP(h http.Handler, r *RawRequest) *RawResponse {
	recorder := httptest.NewRecorder()
	h.ServeHTTP(&responseWriter{recorder}, r.HTTP())
	return &RawResponse{recorder.Code, recorder.Result().Header, recorder.Body.String()}
}

// HTTP returns a server-side request into which every byte of r has got.
func (r *RawRequest) HTTP() *http.Request {
	path, query, _ := strings.Cut(r.Path, "?")
	req := httptest.NewRequest(http.MethodGet, "/", strings.NewReader(r.Body))
	req.Method, req.Host = r.Method, Host
	req.URL, req.RequestURI = &url.URL{Path: path, RawQuery: query}, r.Path
	for _, f := range r.Fields {
		req.Header[f.Name] = append(req.Header[f.Name], f.Value)
	}
	return req
}

// errNoAnswer is what a client returns if the server closed the connection instead of answering.
var errNoAnswer = errors.New("no answer")

func noAnswer(err error) error { return fmt.Errorf("%w: %w", errNoAnswer, err) }
