package benchmarks

import (
	"errors"
	"fmt"
	"net"
	"net/http"

	"github.com/valyala/fasthttp"
)

// Serve serves an application that was opened in Router mode on a free loopback port.
func Serve(app App) (addr string, stop func() error, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	switch app := app.(type) {
	case httpApp:
		server := &http.Server{Handler: app.handler}
		stop = serveUntil(func() error { return server.Serve(listener) }, server.Close)
	case fiberApp:
		stop = serveUntil(func() error { return app.serve(listener) }, app.shutdown)
	default:
		return "", nil, errors.Join(fmt.Errorf("%T is no server", app), listener.Close())
	}
	return listener.Addr().String(), stop, nil
}

// serveUntil runs serve, and returns what ends it by means of end and waits for it.
func serveUntil(serve, end func() error) (stop func() error) {
	ended := make(chan error, 1)
	go func() { ended <- serve() }()
	return func() error {
		err := end()
		if served := <-ended; served != nil && !errors.Is(served, http.ErrServerClosed) {
			err = errors.Join(err, served)
		}
		return err
	}
}

// Fill makes a request of fasthttp's client of r.
func (r *Request) Fill(request *fasthttp.Request) {
	request.SetRequestURI("http://" + host + path)
	request.Header.SetMethod(r.Method)
	for _, field := range r.fields() {
		request.Header.Set(field[0], field[1])
	}
}
