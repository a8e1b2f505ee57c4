package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/corselet/corselet/benchmarks"
)

// Setup is what the numbers depend on.
type Setup struct {
	Date      string
	Machine   string
	Processor int // how many
	Go        string
	Modules   map[string]string // module to version
	Revision  string            // of this repository
	Command   string
	Rounds    int
	Turn      string
	Seconds   float64 // how long it all took
	Quick     bool
	Chosen    bool `json:",omitempty"` // by -sections or -frameworks: not all of it
}

// partial reports whether numbers were left out.
func (s *Setup) partial() bool { return s.Quick || s.Chosen }

func newSetup(o options) Setup {
	return Setup{
		Date:      time.Now().UTC().Format("2006-01-02"),
		Machine:   fmt.Sprintf("%s, %s/%s", processorName(), runtime.GOOS, runtime.GOARCH),
		Processor: runtime.GOMAXPROCS(0),
		Go:        runtime.Version(),
		Modules:   moduleVersions(),
		Revision:  revision(),
		Command:   strings.Join(append([]string{"GOWORK=off go run ./cmd/report"}, os.Args[1:]...), " "),
		Rounds:    o.count,
		Turn:      o.turn.String(),
		Quick:     o.quick,
		Chosen:    o.sections != allSections || o.frameworks != allFrameworks,
	}
}

// moduleVersions returns the versions of the peers, frameworks and SDKs that were linked in.
func moduleVersions() map[string]string {
	wanted := map[string]bool{
		"github.com/gin-gonic/gin": true, "github.com/valyala/fasthttp": true,
		"go.opentelemetry.io/otel": true, "go.opentelemetry.io/otel/sdk/log": true, "go.opentelemetry.io/otel/sdk/metric": true,
	}
	for _, c := range benchmarks.Contenders {
		wanted[c.Module] = true
	}
	versions := map[string]string{}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return versions
	}
	for _, module := range info.Deps {
		if wanted[module.Path] {
			versions[module.Path] = module.Version
		}
	}
	return versions
}

// processorName reads what Linux knows of the processor.
func processorName() string {
	data, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "unknown processor"
	}
	for line := range strings.Lines(string(data)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown processor"
}

// revision returns the commit that is measured, with a plus sign if there are changes that it does not hold.
func revision() string {
	out, err := exec.Command("git", "describe", "--always", "--abbrev=10", "--dirty=+", "--exclude=*").Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(out))
}
