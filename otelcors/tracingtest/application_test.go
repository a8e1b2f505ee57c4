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

// application is what every framework has to serve: its layers, in front of a handler that answers GET, POST and PUT
// of /notes/{id} with 200 and no body.
type application struct {
	layers  []layer // outermost first
	cors    *core.CORS
	tracers trace.TracerProvider
	meters  metric.MeterProvider
}

var propagator = propagation.TraceContext{}

// framework is one way to serve an application. A further one is one more function.
type framework struct {
	name  string
	serve func(t testing.TB, a *application) (address string) // on the loopback interface, until the test ends
}

var frameworks = []framework{
	{"nethttp", serveNetHTTP},
	{"gin", serveGin},
	{"echo", serveEcho},
	{"fiber", serveFiber},
}

// arrange returns the middlewares of an application, outermost first.
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
