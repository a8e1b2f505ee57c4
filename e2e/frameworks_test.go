package e2e

import (
	"io"
	"log"
	"net"
	"net/http"

	"github.com/corselet/corselet/core"
)

// frameworks lists the servers of the API. To add one, add a row and a file that makes it.
var frameworks = []struct {
	name  string
	host  string // first label of its hosts
	http2 bool
	new   func(*core.CORS) serve
}{
	{"net/http", "nethttp", true, func(cors *core.CORS) serve { return serveHTTP(newNetHTTP(cors)) }},
	{"gin", "gin", true, func(cors *core.CORS) serve { return serveHTTP(newGin(cors)) }},
	{"echo", "echo", true, func(cors *core.CORS) serve { return serveHTTP(newEcho(cors)) }},
	{"fiber", "fiber", false, newFiber},
	{"echo v5", "echov5", true, func(cors *core.CORS) serve { return serveHTTP(newEchoV5(cors)) }},
	{"fiber v3", "fiberv3", false, newFiberV3},
}

// serve serves a listener, TLS or not, until it is closed.
type serve func(net.Listener) error

func serveHTTP(handler http.Handler) serve {
	return (&http.Server{Handler: handler, ErrorLog: log.New(io.Discard, "", 0)}).Serve
}
