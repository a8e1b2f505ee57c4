package dashboards

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"text/template"

	"github.com/prometheus/otlptranslator"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/log"
)

// lokiMetadata returns the structured metadata that Loki makes of a log record's attributes on its OTLP endpoint:
// names become labels by the rules of Prometheus, and a value that is not a string becomes JSON.
// https://grafana.com/docs/loki/latest/send-data/otel/
func lokiMetadata(t *testing.T, r *log.Record) map[string]string {
	t.Helper()
	metadata := map[string]string{}
	var namer otlptranslator.LabelNamer
	r.WalkAttributes(func(kv attribute.KeyValue) bool {
		name, err := namer.Build(string(kv.Key))
		if err != nil {
			t.Fatal(err)
		}
		switch kv.Value.Type() {
		case attribute.STRING:
			metadata[name] = kv.Value.AsString()
		case attribute.STRINGSLICE:
			text, err := json.Marshal(kv.Value.AsStringSlice())
			if err != nil {
				t.Fatal(err)
			}
			metadata[name] = string(text)
		default:
			t.Errorf("%s: got type %v, which this test knows nothing of", kv.Key, kv.Value.Type())
		}
		return true
	})
	return metadata
}

var (
	streamSelector = regexp.MustCompile(`\{service_name=~"\$service"\}`)
	lineFilter     = regexp.MustCompile("\\|= `([^`]*)`")
	fieldFilter    = regexp.MustCompile(`\| (\w+)(?:=~|!=|=)`)
	fieldTemplate  = regexp.MustCompile(`\{\{[^}]*\.(\w+)[^}]*\}\}`)
	anyTemplate    = regexp.MustCompile("(?:line_format |label_format origin=)`([^`]*)`")
)

func TestLogQueriesFindADenial(t *testing.T) {
	var record log.Record
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		p := s.start("a")
		p.api("public", appPolicy).preflight(1, "PATCH", app)
		if len(p.events) != 1 {
			t.Fatalf("got %d events, want 1", len(p.events))
		}
		record = p.events[0]
	})
	metadata := lokiMetadata(t, &record)
	if got, want := metadata["http_request_header_origin"], `["`+app+`"]`; got != want {
		t.Errorf("got origin %s in Loki, want %s", got, want)
	}
	queries := 0
	for _, p := range readDashboard(t).Panels {
		for _, q := range p.Targets {
			if q.Datasource.Type == "loki" {
				queries++
				checkLogQuery(t, p.Title, q.Expr, record.Body().AsString(), metadata)
			}
		}
	}
	if queries != 2 {
		t.Errorf("got %d queries of logs, want 2", queries)
	}
}

func checkLogQuery(t *testing.T, where, expr, line string, metadata map[string]string) {
	t.Helper()
	if !streamSelector.MatchString(expr) {
		t.Errorf("%s: got no selection by service in %s", where, expr)
	}
	filters := lineFilter.FindAllStringSubmatch(expr, -1)
	if len(filters) != 1 || !strings.Contains(line, filters[0][1]) {
		t.Errorf("%s: got line filters %v, want one that finds %q", where, filters, line)
	}
	fields := slices.Concat(fieldFilter.FindAllStringSubmatch(expr, -1), fieldTemplate.FindAllStringSubmatch(expr, -1))
	for _, match := range fields {
		if _, ok := metadata[match[1]]; !ok {
			t.Errorf("%s: names %s, want one of %v", where, match[1], metadata)
		}
	}
	if len(fields) < 3 {
		t.Errorf("%s: got %d names of fields, want more", where, len(fields))
	}
}

// Loki's templates are Go's, with functions of sprig, whose string comes last. It has none for the elements of an
// array, so the query cuts off the brackets.
var lokiFunctions = template.FuncMap{
	"trimPrefix": func(prefix, s string) string { return strings.TrimPrefix(s, prefix) },
	"trimSuffix": func(suffix, s string) string { return strings.TrimSuffix(s, suffix) },
}

func TestTemplatesOfLogQueries(t *testing.T) {
	metadata := map[string]string{
		"cors_request_type": "actual", "cors_denial_reason": "origin_not_allowed",
		"http_request_header_origin": `["http://[::1]"]`, // no detail
	}
	tests := []struct{ panel, want string }{
		{"Top refused origins", "http://[::1]"},
		{"Latest denials", `actual origin_not_allowed ["http://[::1]"] `},
	}
	for _, test := range tests {
		match := anyTemplate.FindStringSubmatch(queryOf(t, test.panel, "A"))
		if match == nil {
			t.Fatalf("%s: got no template", test.panel)
		}
		parsed, err := template.New("").Option("missingkey=zero").Funcs(lokiFunctions).Parse(match[1])
		if err != nil {
			t.Fatal(err)
		}
		var got strings.Builder
		if err := parsed.Execute(&got, metadata); err != nil {
			t.Fatal(err)
		}
		if got.String() != test.want {
			t.Errorf("%s: got %q, want %q", test.panel, got.String(), test.want)
		}
	}
}
