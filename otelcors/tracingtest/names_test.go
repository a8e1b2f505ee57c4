package tracingtest

import (
	"net/http"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/labstack/echo/v4"
	echov5 "github.com/labstack/echo/v5"
	//nolint:staticcheck // SA1019: it is deprecated in favour of one for echo v5, and the only one for echo v4
	"go.opentelemetry.io/contrib/instrumentation/github.com/labstack/echo/otelecho"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/trace"

	"github.com/corselet/corselet/echocors"
	"github.com/corselet/corselet/echov5cors"
	"github.com/corselet/corselet/gincors"
)

// Tracing middleware names spans after the route if it knows it: not if CORS answers the request before net/http's mux
// or fiber's router sees it. The README has this as a table.
func TestNamesOfSpansWhereTracingIsOutside(t *testing.T) {
	const app, other = "https://app.example", "https://stranger.example"
	wants := map[string]struct{ preflight, blocked, actual string }{
		"nethttp":  {"OPTIONS", "PUT", "PUT /notes/{id}"},
		"gin":      {"OPTIONS", "PUT /notes/:id", "PUT /notes/:id"},
		"echo":     {"OPTIONS /notes/:id", "PUT /notes/:id", "PUT /notes/:id"},
		"echo v5":  {"OPTIONS /notes/:id", "PUT /notes/:id", "PUT /notes/:id"},
		"fiber":    {"/", "/", "/notes/:id"},
		"fiber v3": {"OPTIONS", "PUT", "PUT"},
	}
	for _, f := range frameworks {
		t.Run(f.name, func(t *testing.T) {
			k := newTelemetry(t, trace.AlwaysSample())
			address := f.serve(t, k.application(t, true, true, tracing, cors))
			name := func(method, origin string) string {
				r := request{Method: method, Path: "/notes/1", Fields: map[string]string{
					"Origin": origin, "Access-Control-Request-Method": "PUT",
				}}
				r.send(t, address)
				spans, _ := k.take()
				return only(t, spans).Name
			}
			want := wants[f.name]
			for _, origin := range []string{app, other} {
				if got := name("OPTIONS", origin); got != want.preflight {
					t.Errorf("got span %s for a preflight of %s, want %s", got, origin, want.preflight)
				}
			}
			if got := name("PUT", other); got != want.blocked {
				t.Errorf("got span %s for a blocked request, want %s", got, want.blocked)
			}
			if got := name("PUT", app); got != want.actual {
				t.Errorf("got span %s for a request, want %s", got, want.actual)
			}
		})
	}
}

// otelhttp can wrap any http.Handler instead of the framework's own middleware. Then tracing is always outside.
func TestOtelhttpAroundAFramework(t *testing.T) {
	k := newTelemetry(t, trace.AlwaysSample())
	handle := k.application(t, false, true).cors
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.Use(gincors.New(handle))
	e := echo.New()
	e.Pre(echocors.New(handle))
	v5 := echov5.New()
	v5.Pre(echov5cors.New(handle))
	for name, handler := range map[string]http.Handler{"gin": engine, "echo": e, "echo v5": v5} {
		t.Run(name, func(t *testing.T) {
			address := serveHandler(t, otelhttp.NewHandler(handler, "api", otelhttp.WithTracerProvider(k.tracers)))
			for _, r := range requests(t) {
				if r.Span != "CORS preflight" {
					continue
				}
				r.send(t, address)
				spans, events := k.take()
				span := only(t, spans)
				checkAttributes(t, &span, typedJSON(t, r.Attributes))
				checkEvent(t, &r, events, span.SpanContext)
			}
		})
	}
}

// Pre runs before Use, in whichever order a program installs them.
func TestCORSInEchosPreRunsBeforeTracingInUse(t *testing.T) {
	k := newTelemetry(t, trace.AlwaysSample())
	e := echo.New()
	e.Use(otelecho.Middleware("api", otelecho.WithTracerProvider(k.tracers)))
	e.Pre(echocors.New(k.application(t, false, true).cors))
	address := serveHandler(t, e)
	denied := request{Method: "OPTIONS", Path: "/notes/1", Fields: map[string]string{
		"Origin": "https://stranger.example", "Access-Control-Request-Method": "PUT",
	}}
	denied.send(t, address)
	spans, _ := k.take()
	if got := only(t, spans).Name; got != "CORS preflight" {
		t.Errorf("got span %s, want CORS preflight", got)
	}
}

// echo v5 writes the errors of handlers outside of all middleware, so otelhttp sees them only around the application,
// not as middleware.
func TestOtelhttpMissesErrorsAsAMiddlewareOfEchoV5(t *testing.T) {
	wants := map[string]struct {
		status string
		code   codes.Code
	}{
		"around the application": {"INT64 500", codes.Error},
		"as a middleware":        {"INT64 200", codes.Unset},
	}
	for name, want := range wants {
		t.Run(name, func(t *testing.T) {
			k := newTelemetry(t, trace.AlwaysSample())
			withTracing := traceHTTP(k.application(t, false, false))
			e := echov5.New()
			e.GET("/notes/:id", func(*echov5.Context) error { return echov5.ErrInternalServerError })
			var handler http.Handler = e
			if name == "as a middleware" {
				e.Use(echov5.WrapMiddleware(withTracing))
			} else {
				handler = withTracing(e)
			}
			r := request{Method: "GET", Path: "/notes/1"}
			if got := r.send(t, serveHandler(t, handler)); got != http.StatusInternalServerError {
				t.Errorf("got status %d, want 500", got)
			}
			spans, _ := k.take()
			span := only(t, spans)
			if got := typed(span.Attributes)["http.response.status_code"]; got != want.status || span.Status.Code != want.code {
				t.Errorf("got a span of status %s, %v, want %s, %v", got, span.Status.Code, want.status, want.code)
			}
		})
	}
}
