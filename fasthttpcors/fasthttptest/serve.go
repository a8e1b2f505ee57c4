package fasthttptest

import (
	"net"
	"sync"
	"testing"

	"github.com/corselet/corselet/corstest"
)

// Serve serves the application on a free loopback port until the test ends, and returns its
// address. Connections have to be closed or idle by then.
func Serve(t testing.TB, app corstest.App) (address string) {
	t.Helper()
	return serve(t, app, func(l net.Listener) net.Listener { return l })
}

// serve is Serve on what wrap makes of the listener.
func serve(t testing.TB, app corstest.App, wrap func(net.Listener) net.Listener) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var served sync.WaitGroup
	served.Go(func() { _ = app.Serve(wrap(l)) }) // the error is that the listener was closed
	t.Cleanup(func() {
		_ = l.Close()
		served.Wait()
	})
	return l.Addr().String()
}
