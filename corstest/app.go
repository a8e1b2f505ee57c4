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

// Spec describes an application for the suite, from the outside in:
//
//   - a layer that adds the Outer fields to every response, one line each;
//   - the framework's recovery middleware, which answers a panic with 500;
//   - the adapter under test, over CORS;
//   - a handler for any method on any path below /api/ that sets the field "X-Handler: hit" and
//     answers 200, except that /api/fail answers 500, /api/moved 307 to /api/ok, and /api/panic
//     panics; other paths get the framework's own 404.
type Spec struct {
	CORS  *core.CORS
	Outer []Field
}

// App is such an application, and the ways to call it. Do is required. If Serve or ServeHTTP2 is
// nil, that transport is not tested.
type App struct {
	// Server is the name of the server, by which cases say that it refuses a request itself:
	// "net/http", "fasthttp", or "fasthttp v1.51" for versions that accept control bytes in field
	// values.
	Server string
	// Do sends a request to the application without a network.
	Do Client
	// Serve serves HTTP/1.1 on the listener until it is closed.
	Serve func(net.Listener) error
	// ServeHTTP2 serves HTTP/2 without TLS, by prior knowledge, on the listener until it is closed.
	ServeHTTP2 func(net.Listener) error

	handler http.Handler // set by HTTP
}

// A Client sends a request to an application and returns the answer.
type Client func(*RawRequest) (*RawResponse, error)

// The transports that cases go over.
const (
	Process = "process" // no network
	HTTP1   = "http/1.1"
	HTTP2   = "http/2"
)

// Start serves the application on free loopback ports until the test ends, and returns a client for
// each of its transports. Each request has a connection of its own.
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
	served.Go(func() { _ = serve(l) }) // its error says that the listener is closed
	t.Cleanup(func() {
		_ = l.Close()
		served.Wait()
	})
	return l.Addr().String()
}

// RawResponse is the answer to a [RawRequest].
type RawResponse struct {
	Status int
	Header http.Header
	Body   string
}

// HTTP returns the App for an application that is an [net/http.Handler].
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

// doHTTP calls h with a request that no parser has seen.
func doHTTP(h http.Handler, r *RawRequest) *RawResponse {
	recorder := httptest.NewRecorder()
	h.ServeHTTP(&responseWriter{recorder}, r.HTTP())
	return &RawResponse{recorder.Code, recorder.Result().Header, recorder.Body.String()}
}

// HTTP returns a server-side request with every byte of r.
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
