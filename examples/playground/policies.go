package main

import (
	_ "embed"
	"errors"
	"fmt"
	"os"
	"sync"

	"github.com/corselet/corselet/core"
)

// policies has the handles of all frameworks. Each framework has its own, as separate programs do,
// but all have the same configuration.
type policies struct {
	mu      sync.Mutex // held while the handles are replaced
	handles []*core.CORS
}

//go:embed sample-policy.json
var samplePolicy []byte

func newPolicies(cfg core.Config, observer core.Observer) (*policies, error) {
	p := new(policies)
	for _, framework := range frameworks {
		cors, err := core.New(cfg, core.WithName(framework.name), core.WithObserver(observer))
		if err != nil {
			return nil, err
		}
		p.handles = append(p.handles, cors)
	}
	return p, nil
}

// current returns the current configuration.
func (p *policies) current() core.Config {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.handles[0].Policy().Config()
}

// A trusted is one entry of what the current policy trusts, with its sentence.
type trusted struct {
	core.Trust
	Sentence string `json:"sentence"`
}

func (p *policies) trust() (list []trusted) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, t := range p.handles[0].Policy().TrustList() {
		list = append(list, trusted{t, t.String()})
	}
	return list
}

// replace applies cfg to all frameworks or, if it has a mistake, to none.
func (p *policies) replace(cfg core.Config) error {
	// A configuration that compiles once compiles again, so no handle refuses it after this.
	if _, err := core.Compile(cfg); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	var errs []error
	for _, cors := range p.handles {
		errs = append(errs, cors.Reconfigure(cfg))
	}
	return errors.Join(errs...)
}

// parsePolicy reads and checks a configuration. The error has a [core.ConfigError] for each
// mistake: for what cannot be read, and for mistakes in the rest.
func parsePolicy(data []byte) (core.Config, error) {
	cfg, err := core.ParseConfig(data)
	type place struct {
		field string
		index int
	}
	reported := map[place]bool{}
	var errs []error
	for e := range core.ConfigErrors(err) {
		reported[place{e.Field, e.Index}] = true
		errs = append(errs, e)
	}
	if reported[place{"", -1}] {
		return cfg, err // not a JSON object: there is nothing else to check
	}
	_, err = core.Compile(cfg)
	for e := range core.ConfigErrors(err) {
		// cfg has zero values for values that could not be read. Mistakes in those are not
		// reported.
		if !reported[place{e.Field, e.Index}] {
			errs = append(errs, e)
		}
	}
	return cfg, errors.Join(errs...)
}

// readPolicy reads a policy file or, without a name, the sample policy.
func readPolicy(file string) (core.Config, error) {
	data := samplePolicy
	if file != "" {
		var err error
		if data, err = os.ReadFile(file); err != nil {
			return core.Config{}, fmt.Errorf("cannot read the policy: %w", err)
		}
	}
	cfg, err := parsePolicy(data)
	if err == nil {
		return cfg, nil
	}
	var errs []error
	for e := range core.ConfigErrors(err) {
		errs = append(errs, fmt.Errorf("%s: %w", file, e))
	}
	return cfg, errors.Join(errs...)
}
