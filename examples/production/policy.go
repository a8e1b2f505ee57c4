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

// readPolicy reads a policy file or, without a name, the built-in policy. It adds the headers that
// carry a page's trace to the request headers: without them the preflights of traced pages are
// denied.
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

// policy is a policy and its file.
type policy struct {
	file     string // "" for the built-in policy
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

// reload reads the file again. A policy with a mistake changes nothing.
func (p *policy) reload(ctx context.Context) {
	if err := p.replace(ctx); err != nil {
		slog.ErrorContext(ctx, "CORS policy not reloaded, the old one still applies", "error", err)
	}
}

func (p *policy) replace(ctx context.Context) error {
	if p.file == "" {
		return errors.New("the policy is the built-in one; start with -policy FILE to reload it")
	}
	cfg, err := readPolicy(p.file)
	if err != nil {
		// Reconfigure would report this, but it does not get the policy.
		p.observer.ObserveReload(ctx, core.Reload{PolicyName: policyName, Err: err})
		return err
	}
	return p.cors.Reconfigure(cfg)
}
