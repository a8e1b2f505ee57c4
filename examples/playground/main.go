// Command playground serves one API in net/http, gin, echo and fiber under one CORS policy, and a
// page that calls all of them from a browser. See README.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C does not wait for connections
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

type options struct {
	policyFile string
	basePort   int
	check      bool
}

// run is the whole program. It ends when ctx does, and returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	opts, err := parseFlags(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		return 2 // package flag has printed why
	}
	err = play(ctx, opts, stdout, stderr)
	if err != nil {
		fmt.Fprintf(stderr, "playground: %v\n", err)
		return 1
	}
	return 0
}

func parseFlags(args []string, stderr io.Writer) (opts options, err error) {
	flags := flag.NewFlagSet("playground", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&opts.policyFile, "policy", "",
		"read the policy from this JSON `FILE` instead of the sample policy")
	flags.IntVar(&opts.basePort, "base-port", 8080,
		"front end on port `N`, net/http on N+1, gin N+2, echo N+3, fiber N+4, echo v5 N+5, "+
			"fiber v3 N+6; 0 picks free ports")
	flags.BoolVar(&opts.check, "check", false,
		"call all servers on free ports, print a table, and exit with 0 only if every answer "+
			"is the expected one")
	if err := flags.Parse(args); err != nil {
		return opts, err
	}
	if highest := 65535 - len(frameworks); opts.basePort < 0 || opts.basePort > highest {
		err = fmt.Errorf("-base-port %d is out of range; choose one from 1 to %d, or 0",
			opts.basePort, highest)
	} else if flags.NArg() > 0 {
		err = fmt.Errorf("unexpected argument %q; a policy file goes after -policy", flags.Arg(0))
	}
	if err != nil {
		fmt.Fprintf(stderr, "playground: %v\n", err)
	}
	return opts, err
}

// play starts the servers and waits for ctx to end, or checks them.
func play(ctx context.Context, opts options, stdout, stderr io.Writer) error {
	cfg, err := readPolicy(opts.policyFile)
	if err != nil {
		return err
	}
	if opts.check {
		opts.basePort = 0
	}
	p, err := start(cfg, opts.basePort)
	if err != nil {
		return err
	}
	defer p.stop()
	if opts.check {
		expected, err := planFor(opts, p)
		if err != nil {
			return err
		}
		return check(ctx, p, expected, stdout)
	}
	for _, s := range p.servers {
		fmt.Fprintf(stdout, "%s %s\n", s.name, s.url())
	}
	fmt.Fprintf(stderr,
		"Open the front end and press \"Run all\", then do the same at http://127.0.0.1:%d. "+
			"Ctrl-C ends the program.\n", p.servers[0].port())
	select {
	case <-ctx.Done():
		return nil
	case err := <-p.failed:
		return err
	}
}

// planFor returns the answers that -check expects: those of the scenarios for the sample policy,
// and core's decisions for any other.
func planFor(opts options, p *playground) (plan, error) {
	if opts.policyFile == "" {
		return samplePlan(p.servers[0].port()), nil
	}
	return policyPlan(p.policies.current(), p.servers[0].port())
}
