package tracingtest

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

// The README's pictures: the telemetry of the same requests in each order.
var pictures = []struct {
	name   string
	layers []layer
	want   string
}{
	{"tracing outside", []layer{tracing, cors}, `
		an allowed preflight: 204
		    span OPTIONS, by otelgin
		        cors.policy.name=public-api
		        cors.request.type=preflight
		        cors.verdict=allowed
		another origin's preflight: 403
		    span OPTIONS, by otelgin
		        cors.denial.reason=origin_not_allowed
		        cors.policy.name=public-api
		        cors.request.type=preflight
		        cors.verdict=denied
		        http.request.header.origin=["https://stranger.example"]
		    event cors.denial, in the trace of that span
		the request after it: 200
		    span PUT /notes/:id, by otelgin
		        cors.policy.name=public-api
		        cors.preflight.cache.status=miss
		        cors.request.type=actual
		        cors.verdict=allowed
		a request of a sandboxed page: 200
		    span GET /notes/:id, by otelgin
		        cors.denial.reason=origin_null
		        cors.policy.name=public-api
		        cors.request.type=actual
		        cors.verdict=denied
		        http.request.header.origin=["null"]
		    event cors.denial, in the trace of that span
		`},
	{"tracing inside", []layer{cors, tracing}, `
		an allowed preflight: 204
		another origin's preflight: 403
		    span CORS preflight, by otelcors
		        cors.denial.reason=origin_not_allowed
		        cors.policy.name=public-api
		        cors.request.type=preflight
		        cors.verdict=denied
		        http.request.header.origin=["https://stranger.example"]
		    event cors.denial, in the trace of that span
		the request after it: 200
		    span PUT /notes/:id, by otelgin
		a request of a sandboxed page: 200
		    span GET /notes/:id, by otelgin
		    event cors.denial, in no trace
		`},
}

func TestPictures(t *testing.T) {
	pictured := []string{
		"an allowed preflight", "another origin's preflight", "the request after it", "a request of a sandboxed page",
	}
	rows := map[string]request{}
	for _, r := range requests(t) {
		rows[r.Name] = r
	}
	for _, picture := range pictures {
		t.Run(picture.name, func(t *testing.T) {
			k := newTelemetry(t, trace.AlwaysSample())
			address := serveGin(t, k.application(t, false, true, picture.layers...))
			var got strings.Builder
			for _, name := range pictured {
				r := rows[name]
				fmt.Fprintf(&got, "%s: %d\n", name, r.send(t, address))
				spans, events := k.take()
				draw(&got, spans, events)
			}
			if want := strings.TrimPrefix(strings.ReplaceAll(picture.want, "\n\t\t", "\n"), "\n"); got.String() != want {
				t.Errorf("got\n%s\nwant\n%s", &got, want)
			}
		})
	}
}

// draw writes the spans of one request with their CORS attributes, and the events.
func draw(w *strings.Builder, spans tracetest.SpanStubs, events []sdklog.Record) {
	for _, span := range spans {
		fmt.Fprintf(w, "    span %s, by %s\n", span.Name, path.Base(span.InstrumentationScope.Name))
		ofCORS, _ := split(span.Attributes)
		slices.SortFunc(ofCORS, func(a, b attribute.KeyValue) int { return strings.Compare(string(a.Key), string(b.Key)) })
		for _, kv := range ofCORS {
			fmt.Fprintf(w, "        %s=%s\n", kv.Key, kv.Value.String())
		}
	}
	for i := range events {
		where := "in no trace"
		switch id := events[i].SpanID(); {
		case len(spans) > 0 && spans[0].SpanContext.SpanID() == id:
			where = "in the trace of that span"
		case id.IsValid():
			where = "in a trace that is not there"
		}
		fmt.Fprintf(w, "    event %s, %s\n", events[i].EventName(), where)
	}
}
