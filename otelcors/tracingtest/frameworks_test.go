package tracingtest

import (
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/gofiber/contrib/otelfiber/v2"
	"github.com/gofiber/fiber/v2"
	fiberv3 "github.com/gofiber/fiber/v3"
	"github.com/labstack/echo/v4"
	echov5 "github.com/labstack/echo/v5"
	"go.opentelemetry.io/contrib/instrumentation/github.com/gin-gonic/gin/otelgin"
	//nolint:staticcheck // SA1019: it is deprecated in favour of one for echo v5, and the only one for echo v4
	"go.opentelemetry.io/contrib/instrumentation/github.com/labstack/echo/otelecho"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"

	"github.com/corselet/corselet/echocors"
	"github.com/corselet/corselet/echov5cors"
	"github.com/corselet/corselet/fibercors"
	"github.com/corselet/corselet/fiberv3cors"
	"github.com/corselet/corselet/gincors"
	"github.com/corselet/corselet/httpcors"
)

func serveNetHTTP(t testing.TB, a *application) string {
	mux := http.NewServeMux()
	for _, method := range []string{"GET", "POST", "PUT"} {
		mux.HandleFunc(method+" /notes/{id}", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	}
	var handler http.Handler = mux
	for _, middleware := range slices.Backward(arrange(a, traceHTTP(a), httpcors.New(a.cors))) {
		handler = middleware(handler)
	}
	return serveHandler(t, handler)
}

func traceHTTP(a *application) func(http.Handler) http.Handler {
	return otelhttp.NewMiddleware("api", otelhttp.WithTracerProvider(a.tracers),
		otelhttp.WithMeterProvider(a.meters), otelhttp.WithPropagators(propagator))
}

func serveGin(t testing.TB, a *application) string {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.Use(arrange(a, otelgin.Middleware("api", otelgin.WithTracerProvider(a.tracers),
		otelgin.WithMeterProvider(a.meters), otelgin.WithPropagators(propagator)), gincors.New(a.cors))...)
	engine.Match([]string{"GET", "POST", "PUT"}, "/notes/:id", func(c *gin.Context) { c.Status(http.StatusOK) })
	return serveHandler(t, engine)
}

func serveEcho(t testing.TB, a *application) string {
	e := echo.New()
	e.Use(arrange(a, otelecho.Middleware("api", otelecho.WithTracerProvider(a.tracers),
		otelecho.WithMeterProvider(a.meters), otelecho.WithPropagators(propagator)), echocors.New(a.cors))...)
	e.Match([]string{"GET", "POST", "PUT"}, "/notes/:id", func(c echo.Context) error { return c.NoContent(http.StatusOK) })
	return serveHandler(t, e)
}

// serveEchoV5 puts otelhttp around the application if tracing is outermost, and else into echo's middleware.
func serveEchoV5(t testing.TB, a *application) string {
	e := echov5.New()
	e.Match([]string{"GET", "POST", "PUT"}, "/notes/:id", func(c *echov5.Context) error { return c.NoContent(http.StatusOK) })
	middlewares := arrange(a, echov5.WrapMiddleware(traceHTTP(a)), echov5cors.New(a.cors))
	if a.layers[0] == tracing {
		e.Use(middlewares[1:]...)
		return serveHandler(t, traceHTTP(a)(e))
	}
	e.Pre(middlewares...) // in Use it would know the route sooner, and say more of it than around the application
	return serveHandler(t, e)
}

func serveFiber(t testing.TB, a *application) string {
	app := fiber.New(fiber.Config{DisableStartupMessage: true, ReadBufferSize: 1 << 20})
	for _, middleware := range arrange(a, otelfiber.Middleware(otelfiber.WithTracerProvider(a.tracers),
		otelfiber.WithMeterProvider(a.meters), otelfiber.WithPropagators(propagator)), fibercors.New(a.cors)) {
		app.Use(middleware)
	}
	for _, method := range []string{"GET", "POST", "PUT"} {
		app.Add(method, "/notes/:id", func(c *fiber.Ctx) error { return c.SendStatus(http.StatusOK) })
	}
	return serveListener(t, app.Listener, app.Shutdown)
}

func serveFiberV3(t testing.TB, a *application) string {
	app := fiberv3.New(fiberv3.Config{ReadBufferSize: 1 << 20})
	for _, middleware := range arrange(a, traceFiberV3(t, a), fiberv3cors.New(a.cors)) {
		app.Use(middleware)
	}
	app.Add([]string{"GET", "POST", "PUT"}, "/notes/:id", func(c fiberv3.Ctx) error { return c.SendStatus(http.StatusOK) })
	serve := func(l net.Listener) error {
		return app.Listener(l, fiberv3.ListenConfig{DisableStartupMessage: true})
	}
	return serveListener(t, serve, app.Shutdown)
}

// serveListener runs a server other than net/http's until the test ends.
func serveListener(t testing.TB, serve func(net.Listener) error, shutdown func() error) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- serve(listener) }()
	t.Cleanup(func() {
		if err := shutdown(); err != nil {
			t.Error(err)
		}
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return listener.Addr().String()
}

func serveHandler(t testing.TB, h http.Handler) string {
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}
