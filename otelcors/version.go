package otelcors

// ScopeName is the instrumentation scope of everything that an [Observer] emits.
const ScopeName = "github.com/corselet/corselet/otelcors"

// Version is the version of that scope: this module's release, or 0.0.0 before the first one.
const Version = "0.0.0"
