package benchmarks

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
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

// Wire returns the request as bytes of HTTP/1.1.
func (r *Request) Wire() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\n", r.Method, path, host)
	for _, field := range r.fields() {
		fmt.Fprintf(&b, "%s: %s\r\n", field[0], field[1])
	}
	b.WriteString("\r\n")
	return []byte(b.String())
}
