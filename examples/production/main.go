// Command production is a gin service with everything that a CORS policy needs around it in
// production: tracing outside of CORS, CORS outside of authentication, telemetry configured by the
// usual OTEL_* variables, and a policy file that it reads again on SIGHUP. See README.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C does not wait for requests
	err := run(ctx, os.Args[1:], os.Stdout)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "production: %v\n", err)
		os.Exit(1)
	}
}

type options struct{ addr, policyFile string }

func parseFlags(args []string) (opts options, err error) {
	flags := flag.NewFlagSet("production", flag.ContinueOnError)
	flags.StringVar(&opts.addr, "addr", "127.0.0.1:8080",
		"listen on this `ADDRESS`; in a container :8080")
	flags.StringVar(&opts.policyFile, "policy", "",
		"read the policy from this JSON `FILE`, and again on SIGHUP, "+
			"instead of the CORS_* variables or the built-in one")
	return opts, flags.Parse(args)
}

// run is the whole program. It ends when ctx does.
func run(ctx context.Context, args []string, stdout io.Writer) error {
	opts, err := parseFlags(args)
	if err != nil {
		return err
	}
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP) // first: an early SIGHUP must not end the program
	defer signal.Stop(hangups)
	telemetry, err := newTelemetry(ctx, stdout)
	if err != nil {
		return err
	}
	defer telemetry.shutdown()
	policy, err := newPolicy(opts.policyFile)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", opts.addr)
	if err != nil {
		return fmt.Errorf("%w; choose another address with -addr", err)
	}
	token := apiToken()
	introduce(stdout, listener.Addr(), telemetry)
	if telemetry.terminal != nil && policy.isBuiltIn {
		go demonstrate(ctx, telemetry, "http://"+listener.Addr().String(), token)
	}
	app := &app{listener, newServer(newEngine(policy.cors, token)), policy, hangups}
	return app.serve(ctx)
}

// introduce prints how to use the program.
func introduce(out io.Writer, addr net.Addr, telemetry *telemetry) {
	fmt.Fprintf(out, "serving http://%s; Ctrl-C ends it, kill -HUP %d reloads the policy\n",
		addr, os.Getpid())
	if telemetry.terminal == nil {
		return
	}
	fmt.Fprintf(out, "No OTEL_…EXPORTER… variable is set, so telemetry is printed here. Try:\n\n"+
		"  curl -i -X OPTIONS -H 'Origin: https://evil.example' \\\n"+
		"    -H 'Access-Control-Request-Method: PUT' http://%s/api/notes\n", addr)
}

// app is the running service.
type app struct {
	listener net.Listener
	server   *http.Server
	policy   *policy
	hangups  <-chan os.Signal
}

// newServer bounds the time that clients may take. ReadTimeout and WriteTimeout suit an API with
// short answers.
func newServer(handler http.Handler) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(slog.Default().Handler(), slog.LevelWarn),
	}
}

const shutdownTimeout = 10 * time.Second // for running requests

// serve serves until ctx ends, and then waits for running requests.
func (a *app) serve(ctx context.Context) error {
	failed := make(chan error, 1)
	go func() { failed <- a.server.Serve(a.listener) }()
	for {
		select {
		case <-a.hangups:
			a.policy.reload(ctx)
		case err := <-failed:
			return err
		case <-ctx.Done():
			ctx, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
			defer cancel()
			return a.server.Shutdown(ctx)
		}
	}
}
