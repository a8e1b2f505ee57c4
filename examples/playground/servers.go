package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/corselet/corselet/core"
)

// playground is the running program: a front end, and the same API in each framework.
type playground struct {
	policies *policies
	hub      *hub
	servers  []*server // the front end, then the frameworks in their order
	failed   chan error
	cancel   context.CancelFunc // ends the streams of decisions
}

// frameworks lists the servers of the API, in the order of their ports.
var frameworks = []struct {
	name string
	new  func(*core.CORS) backend
}{
	{"net/http", func(cors *core.CORS) backend { return newServer(traced(newNetHTTP(cors))) }},
	{"gin", func(cors *core.CORS) backend { return newServer(traced(newGin(cors))) }},
	{"echo", func(cors *core.CORS) backend { return newServer(traced(newEcho(cors))) }},
	{"fiber", func(cors *core.CORS) backend { return serveFiber(newFiber(cors, traceFiber)) }},
	{"echo v5", func(cors *core.CORS) backend { return newServer(traced(newEchoV5(cors))) }},
	{"fiber v3", func(cors *core.CORS) backend {
		return serveFiberV3(newFiberV3(cors, traceFiberV3))
	}},
}

// start binds every port before it serves on any, so a port in use does not leave some servers
// running.
func start(cfg core.Config, basePort int) (*playground, error) {
	sdk, err := newSDK()
	if err != nil {
		return nil, err
	}
	h := &hub{sdk: sdk}
	policies, err := newPolicies(cfg, h)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	p := &playground{policies: policies, hub: h, cancel: cancel, failed: make(chan error, 1)}
	if err := p.bind(basePort); err != nil {
		p.stop()
		return nil, err
	}
	frontEnd := newServer(newFrontEnd(p.servers[1:], policies, h))
	frontEnd.BaseContext = func(net.Listener) context.Context { return ctx }
	p.servers[0].backend = frontEnd
	for i, framework := range frameworks {
		p.servers[i+1].backend = framework.new(policies.handles[i])
	}
	for _, s := range p.servers {
		s.serve(p.failed)
	}
	return p, nil
}

// bind binds the ports of all servers.
func (p *playground) bind(basePort int) error {
	// The front end's URL has localhost, which the sample policy allows.
	p.servers = []*server{{name: "front end", host: "localhost"}}
	for _, framework := range frameworks {
		p.servers = append(p.servers, &server{name: framework.name, host: "127.0.0.1"})
	}
	for i, s := range p.servers {
		port := basePort
		if port != 0 {
			port += i
		}
		var err error
		if s.listeners, err = listen(port); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return nil
}

// stop ends every server; connections get a moment to finish.
func (p *playground) stop() {
	p.cancel()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	var wg sync.WaitGroup
	for _, s := range p.servers {
		wg.Go(func() { s.stop(ctx) })
	}
	wg.Wait()
}

// server is one of the playground's servers: a name and a port, on every loopback address.
type server struct {
	name      string
	host      string // in its URL
	listeners []net.Listener
	backend   backend
}

// backend is a [net/http.Server], or fiber.
type backend interface {
	Serve(net.Listener) error
	Shutdown(context.Context) error
	Close() error
}

func (s *server) port() int { return s.listeners[0].Addr().(*net.TCPAddr).Port }

func (s *server) url() string { return fmt.Sprintf("http://%s:%d", s.host, s.port()) }

func (s *server) serve(failed chan<- error) {
	for _, listener := range s.listeners {
		go func() {
			err := s.backend.Serve(listener)
			if err == nil || errors.Is(err, http.ErrServerClosed) {
				return
			}
			select {
			case failed <- fmt.Errorf("%s: %w", s.name, err):
			default: // one error is enough to end the program
			}
		}()
	}
}

func (s *server) stop(ctx context.Context) {
	if s.backend != nil && s.backend.Shutdown(ctx) != nil {
		s.backend.Close() // closes connections that do not end
	}
	// fasthttp does not close listeners that it does not serve on yet.
	for _, listener := range s.listeners {
		listener.Close()
	}
}

// listen binds a port on 127.0.0.1 and, where the machine has IPv6, on ::1, which browsers try
// first for localhost. Port 0 picks a free one.
func listen(port int) ([]net.Listener, error) {
	v4, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return nil, explainListen(port, err)
	}
	free := port == 0
	port = v4.Addr().(*net.TCPAddr).Port
	v6, err := net.Listen("tcp6", net.JoinHostPort("::1", strconv.Itoa(port)))
	switch {
	case err == nil:
		return []net.Listener{v4, v6}, nil
	case !free && errors.Is(err, syscall.EADDRINUSE):
		// Another program would get what browsers send to localhost.
		v4.Close()
		return nil, explainListen(port, err)
	}
	return []net.Listener{v4}, nil
}

func explainListen(port int, err error) error {
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("port %d is in use; end the program that uses it, "+
			"or choose others with -base-port", port)
	}
	return fmt.Errorf("cannot listen on port %d: %w", port, err)
}

func newServer(handler http.Handler) *http.Server {
	return &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: time.Minute,
	}
}

// fiberBackend serves a fiber application of either major version.
type fiberBackend struct {
	serve    func(net.Listener) error
	shutdown func(context.Context) error
}

func (f fiberBackend) Serve(listener net.Listener) error { return f.serve(listener) }

func (f fiberBackend) Shutdown(ctx context.Context) error { return f.shutdown(ctx) }

// Close does nothing: Shutdown has closed the listeners, and the rest ends with the program.
func (f fiberBackend) Close() error { return nil }
