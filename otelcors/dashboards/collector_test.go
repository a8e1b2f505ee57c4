package dashboards

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// collector is the configuration of an OpenTelemetry Collector.
type collector struct {
	Receivers, Processors, Exporters map[string]any
	Service                          struct {
		Pipelines map[string]struct{ Receivers, Processors, Exporters []string }
	}
}

// coreComponents are the types of components that every distribution of the Collector has, and that the example may
// use.
var coreComponents = map[string][]string{
	"receivers":  {"otlp"},
	"processors": {"memory_limiter", "batch"},
	"exporters":  {"otlp_http", "otlp_grpc"},
}

func TestTheCollectorUsesWhatItDefines(t *testing.T) {
	var c collector
	decoder := yaml.NewDecoder(strings.NewReader(readFile(t, "collector.yaml")))
	decoder.KnownFields(true)
	if err := decoder.Decode(&c); err != nil {
		t.Fatal(err)
	}
	used := map[string]map[string]bool{"receivers": {}, "processors": {}, "exporters": {}}
	for name, pipeline := range c.Service.Pipelines {
		parts := map[string][]string{
			"receivers": pipeline.Receivers, "processors": pipeline.Processors, "exporters": pipeline.Exporters,
		}
		for kind, ids := range parts {
			if len(ids) == 0 {
				t.Errorf("pipeline %s: got no %s", name, kind)
			}
			for _, id := range ids {
				used[kind][id] = true
			}
		}
		if want := []string{"memory_limiter", "batch"}; !slices.Equal(pipeline.Processors, want) {
			t.Errorf("pipeline %s: got processors %v, want %v in this order", name, pipeline.Processors, want)
		}
	}
	got, want := slices.Sorted(maps.Keys(c.Service.Pipelines)), []string{"logs", "metrics", "traces"}
	if !slices.Equal(got, want) {
		t.Errorf("got pipelines %v, want %v", got, want)
	}
	defined := map[string]map[string]any{"receivers": c.Receivers, "processors": c.Processors, "exporters": c.Exporters}
	for kind, components := range defined {
		got, want := slices.Sorted(maps.Keys(used[kind])), slices.Sorted(maps.Keys(components))
		if !slices.Equal(got, want) {
			t.Errorf("got %s %v in use, want those that are defined: %v", kind, got, want)
		}
		for id := range components {
			if base, _, _ := strings.Cut(id, "/"); !slices.Contains(coreComponents[kind], base) {
				t.Errorf("got %s %s, want one of %v", kind, id, coreComponents[kind])
			}
		}
	}
}
