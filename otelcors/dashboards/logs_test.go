package dashboards

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/log"
)

// lokiMetadata returns the structured metadata that Loki makes of a log record's attributes on its OTLP endpoint:
// whatever cannot stand in a label's name becomes an underscore, and a value that is no string becomes JSON.
// https://grafana.com/docs/loki/latest/send-data/otel/
func lokiMetadata(t *testing.T, r *log.Record) map[string]string {
	t.Helper()
	metadata := map[string]string{}
	r.WalkAttributes(func(kv attribute.KeyValue) bool {
		name := notInLabel.ReplaceAllString(string(kv.Key), "_")
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
	notInLabel = regexp.MustCompile(`[^a-zA-Z0-9_]`)

	streamSelector = regexp.MustCompile(`\{service_name=~"\$service"\}`)
	lineFilter     = regexp.MustCompile("\\|= `([^`]*)`")
	fieldFilter    = regexp.MustCompile(`\| (\w+)(?:=~|!=|=)`)
	fieldTemplate  = regexp.MustCompile(`\{\{[^}]*\.(\w+)[^}]*\}\}`)
	trimmed        = regexp.MustCompile(`\{\{ trimSuffix "(.*?[^\\])" \(trimPrefix "(.*?[^\\])" \.\w+\) \}\}`)
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

// Loki has no function that takes an array apart, so the query cuts off the brackets.
func TestTheTopOfOriginsIsCutOutOfItsArray(t *testing.T) {
	match := trimmed.FindStringSubmatch(queryOf(t, "Top refused origins", "A"))
	if match == nil {
		t.Fatal("got no trimSuffix and trimPrefix")
	}
	unquote := strings.NewReplacer(`\"`, `"`)
	got := strings.TrimSuffix(strings.TrimPrefix(`["http://[::1]"]`, unquote.Replace(match[2])), unquote.Replace(match[1]))
	if got != "http://[::1]" {
		t.Errorf("got %s, want http://[::1]", got)
	}
}
