package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/otelcors"
)

const policyName = "api" // cors.policy.name

//go:embed policy.json
var builtInPolicy []byte

// readPolicy reads a policy file or, without a name, the environment's policy. It adds the headers
// that carry a page's trace to the request headers: without them the preflights of traced pages are
// denied.
func readPolicy(file string) (cfg core.Config, isBuiltIn bool, err error) {
	if file != "" {
		cfg, err = policyFromFile(file)
	} else {
		cfg, isBuiltIn, err = policyFromEnv()
	}
	if err != nil {
		return cfg, isBuiltIn, err
	}
	if !slices.Contains(cfg.RequestHeaders, "*") {
		cfg.RequestHeaders = append(cfg.RequestHeaders, otelcors.PropagationHeaders(propagator)...)
	}
	return cfg, isBuiltIn, nil
}

func policyFromFile(file string) (core.Config, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return core.Config{}, err
	}
	cfg, err := core.ParseConfig(data)
	if err != nil {
		return cfg, fmt.Errorf("%s: %w", file, err)
	}
	return cfg, nil
}

// policyFromEnv reads the CORS_* variables. Where they allow no origin the built-in policy applies;
// a service whose CORS is off unless configured would leave the middleware out instead.
func policyFromEnv() (cfg core.Config, isBuiltIn bool, err error) {
	cfg, err = core.ConfigFromEnv("CORS", os.LookupEnv)
	if errors.Is(err, core.ErrNotConfigured) {
		cfg, err = core.ParseConfig(builtInPolicy)
		return cfg, true, err
	}
	return cfg, false, err
}

// policy is a policy and its file.
type policy struct {
	file      string // "" for the environment's policy, or the built-in one
	isBuiltIn bool
	cors      *core.CORS
	observer  *otelcors.Observer
}

func newPolicy(file string) (*policy, error) {
	cfg, isBuiltIn, err := readPolicy(file)
	if err != nil {
		return nil, err
	}
	observer, err := otelcors.New()
	if err != nil {
		return nil, err
	}
	cors, err := core.New(cfg, core.WithName(policyName), core.WithObserver(observer))
	return &policy{file, isBuiltIn, cors, observer}, err
}

// reload reads the file again. A policy with a mistake changes nothing.
func (p *policy) reload(ctx context.Context) {
	if err := p.replace(ctx); err != nil {
		slog.ErrorContext(ctx, "CORS policy not reloaded, the old one still applies", "error", err)
	}
}

func (p *policy) replace(ctx context.Context) error {
	if p.file == "" {
		return errors.New("the policy is no file; start with -policy FILE to reload it")
	}
	cfg, _, err := readPolicy(p.file)
	if err != nil {
		// Reconfigure would report this, but it does not get the policy.
		p.observer.ObserveReload(ctx, core.Reload{PolicyName: policyName, Err: err})
		return err
	}
	return p.cors.Reconfigure(cfg)
}
