package otelcors

// ScopeName is the instrumentation scope of everything that an [Observer] emits.
const ScopeName = "github.com/corselet/corselet/otelcors"

// Version is the version of that scope: the release that this module belongs to, or 0.0.0 before the first.
const Version = "0.0.0"
