package tracingtest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

// request is a row of testdata/requests.json: what a browser sends, and the telemetry of it. Rows must be sent in
// their order.
type request struct {
	Name   string
	Block  bool // whether the policy blocks
	Method string
	Path   string // /notes/1 if empty
	Fields map[string]string

	Status     int            // 200 is the handler's
	Attributes map[string]any // what the span of a tracing middleware gets, if there is one
	Span       string         // the name of the observer's own span for the request, if it has no other
	Event      map[string]any // attributes of the log event
}

func requests(t testing.TB) []request {
	t.Helper()
	data, err := os.ReadFile("testdata/requests.json")
	if err != nil {
		t.Fatal(err)
	}
	var rows []request
	decoder := json.NewDecoder(strings.NewReader(string(data)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&rows); err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		rows[i].Path = cmp.Or(rows[i].Path, "/notes/1")
	}
	return rows
}

// reachesTheHandler reports whether the request passes through the CORS middleware.
func (r *request) reachesTheHandler() bool { return r.Status == http.StatusOK }

// send sends the request to a server, and returns the status of the answer.
func (r *request) send(t testing.TB, address string) int {
	t.Helper()
	out, err := http.NewRequest(r.Method, "http://"+address+r.Path, nil)
	if err != nil {
		t.Fatal(err)
	}
	out.Host = "api.example"
	out.Close = true
	for name, value := range r.Fields {
		out.Header.Set(name, value)
	}
	in, err := http.DefaultTransport.RoundTrip(out)
	if err != nil {
		t.Fatal(err)
	}
	in.Body.Close()
	return in.StatusCode
}

// typed returns attributes as text that shows their types.
func typed(list []attribute.KeyValue) map[string]string {
	attrs := map[string]string{}
	for _, kv := range list {
		attrs[string(kv.Key)] = kv.Value.Type().String() + " " + kv.Value.String()
	}
	return attrs
}

// typedJSON does the same for attributes in testdata.
func typedJSON(t testing.TB, object map[string]any) map[string]string {
	t.Helper()
	var list []attribute.KeyValue
	for key, value := range object {
		switch value := value.(type) {
		case string:
			list = append(list, attribute.String(key, value))
		case []any:
			var texts []string
			for _, v := range value {
				texts = append(texts, fmt.Sprint(v))
			}
			list = append(list, attribute.StringSlice(key, texts))
		default:
			t.Fatalf("%s: got a %T, want a string or an array of them", key, value)
		}
	}
	return typed(list)
}

// split separates the CORS attributes of a span from the others, and drops those that differ between connections.
func split(list []attribute.KeyValue) (ofCORS, others []attribute.KeyValue) {
	for _, kv := range list {
		switch key := string(kv.Key); {
		case strings.HasPrefix(key, "cors.") || key == "http.request.header.origin":
			ofCORS = append(ofCORS, kv)
		case !strings.HasSuffix(key, ".port"):
			others = append(others, kv)
		}
	}
	return ofCORS, others
}

// only returns the only span.
func only(t testing.TB, spans tracetest.SpanStubs) tracetest.SpanStub {
	t.Helper()
	if len(spans) != 1 {
		t.Fatalf("got %d spans %v, want one", len(spans), names(spans))
	}
	return spans[0]
}

func names(spans tracetest.SpanStubs) []string {
	var all []string
	for _, s := range spans {
		all = append(all, s.Name)
	}
	return all
}
