package otelcors_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"

	"go.opentelemetry.io/otel/exporters/stdout/stdouttrace"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	oteltrace "go.opentelemetry.io/otel/trace"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/httpcors"
	"github.com/corselet/corselet/otelcors"
)

var config = core.Config{
	Origins:        []string{"https://app.example.com"},
	Methods:        []string{"PUT"},
	RequestHeaders: []string{"Content-Type"},
}

func Example() {
	var terminal bytes.Buffer
	exporter, err := stdouttrace.New(stdouttrace.WithWriter(&terminal))
	if err != nil {
		log.Fatal(err)
	}
	tracers := trace.NewTracerProvider(trace.WithSyncer(exporter))

	observer, err := otelcors.New(otelcors.WithTracerProvider(tracers)) // without options: the global providers
	if err != nil {
		log.Fatal(err)
	}
	cors, err := core.New(config, core.WithObserver(observer), core.WithName("api"))
	if err != nil {
		log.Fatal(err)
	}

	ask(httpcors.New(cors)(http.NotFoundHandler()), "OPTIONS", "https://stranger.example")
	printSpan(&terminal)
	// Output:
	// CORS preflight
	// cors.denial.reason: origin_not_allowed
	// cors.policy.name: api
	// cors.request.type: preflight
	// cors.verdict: denied
	// http.request.header.origin: [https://stranger.example]
	// http.request.method: OPTIONS
	// url.path: /notes
	// http.response.status_code: 403
	// url.scheme: http
}

// printSpan prints a span from the exporter's output.
func printSpan(terminal *bytes.Buffer) {
	var span struct {
		Name       string
		Attributes []struct {
			Key   string
			Value struct{ Value any }
		}
	}
	if err := json.Unmarshal(terminal.Bytes(), &span); err != nil {
		log.Fatal(err)
	}
	fmt.Println(span.Name)
	for _, a := range span.Attributes {
		fmt.Printf("%s: %v\n", a.Key, a.Value.Value)
	}
}

// Put tracing outside of CORS, or it does not see preflights.
func Example_order() {
	spans := tracetest.NewSpanRecorder()
	tracers := trace.NewTracerProvider(trace.WithSpanProcessor(spans))
	observer, err := otelcors.New(otelcors.WithTracerProvider(tracers))
	if err != nil {
		log.Fatal(err)
	}
	cors, err := core.New(config, core.WithObserver(observer))
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/notes", func(http.ResponseWriter, *http.Request) {})

	show := func(handler http.Handler) {
		ask(handler, "OPTIONS", "https://app.example.com")
		ask(handler, "PUT", "https://app.example.com")
		ask(handler, "OPTIONS", "https://stranger.example")
		ask(handler, "GET", "https://stranger.example")
		printSpans(spans.Ended())
		spans.Reset()
	}

	fmt.Println("tracing outside of CORS:")
	show(traced(tracers, httpcors.New(cors)(mux)))
	fmt.Println("tracing inside of CORS:")
	show(httpcors.New(cors)(traced(tracers, mux)))
	// Output:
	// tracing outside of CORS:
	//   span "OPTIONS /notes" request.type=preflight verdict=allowed
	//   span "PUT /notes" preflight.cache.status=miss request.type=actual verdict=allowed
	//   span "OPTIONS /notes" denial.reason=origin_not_allowed request.type=preflight verdict=denied
	//   span "GET /notes" denial.reason=origin_not_allowed request.type=actual verdict=denied
	// tracing inside of CORS:
	//   span "PUT /notes"
	//   span "CORS preflight" denial.reason=origin_not_allowed request.type=preflight verdict=denied
	//   span "GET /notes"
}

// traced is a tracing middleware, as otelhttp, otelgin, otelecho and otelfiber are.
func traced(tracers oteltrace.TracerProvider, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, span := tracers.Tracer("").Start(r.Context(), r.Method+" "+r.URL.Path)
		defer span.End()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// printSpans prints the names and CORS attributes of spans.
func printSpans(spans []trace.ReadOnlySpan) {
	for _, span := range spans {
		fmt.Printf("  span %q", span.Name())
		for _, a := range span.Attributes() {
			if name, ok := strings.CutPrefix(string(a.Key), "cors."); ok {
				fmt.Printf(" %s=%s", name, a.Value.String())
			}
		}
		fmt.Println()
	}
}

func ExamplePropagationHeaders() {
	cfg := config
	cfg.RequestHeaders = append(slices.Clone(cfg.RequestHeaders),
		otelcors.PropagationHeaders(propagation.TraceContext{})...)

	fmt.Println(cfg.RequestHeaders)
	// Output: [Content-Type traceparent tracestate]
}

// Behind a proxy all clients have its address. Here a second client, which has the preflight in its cache, sends its
// PUT between the preflight and the PUT of the first.
func ExampleWithClientKey() {
	spans := tracetest.NewSpanRecorder()
	tracers := trace.NewTracerProvider(trace.WithSpanProcessor(spans))
	clients := otelcors.WithClientKey(func(_ context.Context, e core.Event) string {
		key, _ := e.Header("X-Real-Ip") // as our own proxy sets it, on preflights too
		return key
	})
	observer, err := otelcors.New(clients, otelcors.WithTracerProvider(tracers))
	if err != nil {
		log.Fatal(err)
	}
	cors, err := core.New(config, core.WithObserver(observer))
	if err != nil {
		log.Fatal(err)
	}
	api := traced(tracers, httpcors.New(cors)(http.NotFoundHandler()))

	ask(api, "OPTIONS", "https://app.example.com", "X-Real-Ip", "192.0.2.1")
	ask(api, "PUT", "https://app.example.com", "X-Real-Ip", "192.0.2.2")
	ask(api, "PUT", "https://app.example.com", "X-Real-Ip", "192.0.2.1")
	ask(api, "PUT", "https://app.example.com") // not through the proxy
	printSpans(spans.Ended())
	// Output:
	//   span "OPTIONS /notes" request.type=preflight verdict=allowed
	//   span "PUT /notes" preflight.cache.status=hit request.type=actual verdict=allowed
	//   span "PUT /notes" preflight.cache.status=miss request.type=actual verdict=allowed
	//   span "PUT /notes" preflight.cache.status=unknown request.type=actual verdict=allowed
}

func ExampleWithOriginRedactor() {
	spans := tracetest.NewSpanRecorder()
	tracers := trace.NewTracerProvider(trace.WithSpanProcessor(spans))
	observer, err := otelcors.New(otelcors.WithOriginRedactor(func(origin string) string {
		if strings.HasSuffix(origin, ".example.com") {
			return origin // ours
		}
		return "another site"
	}))
	if err != nil {
		log.Fatal(err)
	}
	cors, err := core.New(config, core.WithObserver(observer))
	if err != nil {
		log.Fatal(err)
	}
	api := traced(tracers, httpcors.New(cors)(http.NotFoundHandler()))

	ask(api, "GET", "https://forgotten.example.com")
	ask(api, "GET", "https://stranger.example")
	for _, span := range spans.Ended() {
		for _, a := range span.Attributes() {
			if a.Key == "http.request.header.origin" {
				fmt.Println(a.Value.AsStringSlice())
			}
		}
	}
	// Output:
	// [https://forgotten.example.com]
	// [another site]
}

// ask sends a request from a page of the origin; OPTIONS is the preflight for PUT. Further fields are pairs.
func ask(handler http.Handler, method, origin string, fields ...string) {
	r := httptest.NewRequest(method, "/notes", nil)
	for i := 0; i < len(fields); i += 2 {
		r.Header.Set(fields[i], fields[i+1])
	}
	r.Header.Set("Origin", origin)
	r.Header.Set("Sec-Fetch-Mode", "cors")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if method == "OPTIONS" {
		r.Header.Set("Access-Control-Request-Method", "PUT")
	}
	handler.ServeHTTP(httptest.NewRecorder(), r)
}
