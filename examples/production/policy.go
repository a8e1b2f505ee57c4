package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/otelcors"
)

const policyName = "api" // cors.policy.name

//go:embed policy.json
var builtInPolicy []byte

// readPolicy reads a policy file; without a name, the built-in policy. What it says about request headers is completed
// by those with which a page hands on its trace: without them the preflights of traced pages are denied.
func readPolicy(file string) (core.Config, error) {
	data := builtInPolicy
	if file != "" {
		var err error
		if data, err = os.ReadFile(file); err != nil {
			return core.Config{}, err
		}
	}
	cfg, err := core.ParseConfig(data)
	if err != nil {
		return cfg, fmt.Errorf("%s: %w", file, err)
	}
	cfg.RequestHeaders = append(cfg.RequestHeaders, otelcors.PropagationHeaders(propagator)...)
	return cfg, nil
}

// policy is a policy, and the file that it was read from.
type policy struct {
	file     string // "": the built-in one
	cors     *core.CORS
	observer *otelcors.Observer
}

func newPolicy(file string) (*policy, error) {
	cfg, err := readPolicy(file)
	if err != nil {
		return nil, err
	}
	observer, err := otelcors.New()
	if err != nil {
		return nil, err
	}
	cors, err := core.New(cfg, core.WithName(policyName), core.WithObserver(observer))
	return &policy{file, cors, observer}, err
}

// reload reads the file anew. A policy that is wrong changes nothing.
func (p *policy) reload(ctx context.Context) {
	if err := p.replace(ctx); err != nil {
		slog.ErrorContext(ctx, "the old CORS policy stays in force", "error", err)
	}
}

func (p *policy) replace(ctx context.Context) error {
	if p.file == "" {
		return errors.New("the policy is the built-in one; start with -policy FILE to reload it")
	}
	cfg, err := readPolicy(p.file)
	if err != nil {
		// The policy never gets to hear of it, and whoever is on call should.
		p.observer.ObserveReload(ctx, core.Reload{PolicyName: policyName, Err: err})
		return err
	}
	return p.cors.Reconfigure(cfg)
}
