package tracingtest

import (
	"testing"

	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/corselet/corselet/core"
)

// layer is a middleware of an application.
type layer string

const (
	tracing layer = "tracing"
	cors    layer = "cors"
)

// application is what every framework serves: its layers, in front of a handler that answers GET, POST and PUT of
// /notes/{id} with 200 and no body.
type application struct {
	layers  []layer // outermost first
	cors    *core.CORS
	tracers trace.TracerProvider
	meters  metric.MeterProvider
}

var propagator = propagation.TraceContext{}

// framework is one way to serve an application.
type framework struct {
	name  string
	serve func(t testing.TB, a *application) (address string) // on the loopback interface, until the test ends
	// homemade says that the tracing middleware is one of these tests, because the real one could not be downloaded.
	homemade bool
}

var frameworks = []framework{
	{name: "nethttp", serve: serveNetHTTP},
	{name: "gin", serve: serveGin},
	{name: "echo", serve: serveEcho},
	{name: "echo v5", serve: serveEchoV5},
	{name: "fiber", serve: serveFiber},
	{name: "fiber v3", serve: serveFiberV3, homemade: true},
}

// arrange returns the middleware of an application, outermost first.
func arrange[M any](a *application, forTracing, forCORS M) []M {
	var all []M
	for _, l := range a.layers {
		switch l {
		case tracing:
			all = append(all, forTracing)
		case cors:
			all = append(all, forCORS)
		}
	}
	return all
}
