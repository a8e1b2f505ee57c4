package main

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	goccy "github.com/goccy/go-yaml"
	yaml3 "go.yaml.in/yaml/v3"
	gopkg3 "gopkg.in/yaml.v3"
	sigs "sigs.k8s.io/yaml"

	"github.com/corselet/corselet/core"
)

// Policies are often in a YAML file with the rest of an application's configuration. core needs no YAML library for that:
// these all read a Config with the keys and the checks of JSON.
var yamlLibraries = map[string]func(data []byte, value any) error{
	"go.yaml.in/yaml/v3": yaml3.Unmarshal,
	"gopkg.in/yaml.v3":   gopkg3.Unmarshal,
	"goccy/go-yaml":      func(data []byte, value any) error { return goccy.Unmarshal(data, value) },
	"sigs.k8s.io/yaml":   func(data []byte, value any) error { return sigs.Unmarshal(data, value) },
}

// eachLibrary runs a test with a reader of each library.
func eachLibrary(t *testing.T, test func(t *testing.T, readYAML func(text string) (core.Config, error))) {
	for name, unmarshal := range yamlLibraries {
		t.Run(name, func(t *testing.T) {
			test(t, func(text string) (core.Config, error) {
				var file struct {
					CORS core.Config `yaml:"cors" json:"cors"`
				}
				err := unmarshal([]byte(text), &file)
				return file.CORS, err
			})
		})
	}
}

func TestAPolicyInYAMLIsTheSameAsInJSON(t *testing.T) {
	eachLibrary(t, func(t *testing.T, readYAML func(string) (core.Config, error)) {
		got, err := readYAML(`
cors:
  origins:
    - https://app.example.com
    - https://*.example.com
  origin_regexps: ['https://pr-[0-9]+\.example\.dev']
  credentials: true
  methods: [PUT, DELETE]
  request_headers: [Content-Type]
  expose_headers: [X-Request-Id]
  max_age: 10m
  preflight_status: 200
  block: true
  unsafe:
    accept: ['https://*.github.io']
    insecure_lookups: true
`)
		if err != nil {
			t.Fatal(err)
		}
		want, err := core.ParseConfig([]byte(`{
		"origins": ["https://app.example.com", "https://*.example.com"],
		"origin_regexps": ["https://pr-[0-9]+\\.example\\.dev"],
		"credentials": true,
		"methods": ["PUT", "DELETE"],
		"request_headers": ["Content-Type"],
		"expose_headers": ["X-Request-Id"],
		"max_age": "10m",
		"preflight_status": 200,
		"block": true,
		"unsafe": {"accept": ["https://*.github.io"], "insecure_lookups": true}
	}`))
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
		for _, field := range reflect.VisibleFields(reflect.TypeFor[core.Config]()) {
			if field.Name != "OriginFunc" && reflect.ValueOf(got).FieldByIndex(field.Index).IsZero() {
				t.Errorf("%s: got nothing, want what YAML says", field.Name)
			}
		}
	})
}

func TestTheSamplePolicyIsYAMLToo(t *testing.T) {
	eachLibrary(t, func(t *testing.T, readYAML func(string) (core.Config, error)) {
		got, err := readYAML(`{"cors": ` + string(samplePolicy) + `}`)
		if err != nil {
			t.Fatal(err)
		}
		var want core.Config
		if err := json.Unmarshal(samplePolicy, &want); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
	})
}

func TestMistakesInYAMLAreConfigErrors(t *testing.T) {
	eachLibrary(t, func(t *testing.T, readYAML func(string) (core.Config, error)) {
		tests := []struct {
			name, line string
			wantField  string
			wantIndex  int
			wantHint   string
		}{
			{"an unknown field", "origns: [https://a.example]", "origns", -1, "use one of the fields"},
			{"an unknown field of unsafe", "unsafe: {insecure: true}", "unsafe.insecure", -1, "use one of the fields"},
			{"the name of the Go field", "MaxAge: 10m", "MaxAge", -1, "max_age"},
			{"a duration without a unit", "max_age: 600", "max_age", -1, `"10m"`},
			{"a duration that is none", "max_age: soon", "max_age", -1, `"10m"`},
			{"an origin that is not a list", "origins: https://a.example", "origins", -1, "list of strings"},
			{"an origin that is not a string", "origins: [https://a.example, 1]", "origins", 1, "write a string"},
			{"an origin that is missing", "origins: [~]", "origins", 0, "write a string"},
		}
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				_, err := readYAML("cors:\n  " + test.line + "\n")
				got := slices.Collect(core.ConfigErrors(err))
				if len(got) != 1 || got[0].Reason != core.ConfigReasonMalformed || got[0].Field != test.wantField ||
					got[0].Index != test.wantIndex || !strings.Contains(got[0].Hint, test.wantHint) {
					t.Errorf("got %v, want one error for %s[%d] whose hint has %q", err, test.wantField, test.wantIndex, test.wantHint)
				}
			})
		}
	})
}

func TestDurationsInYAML(t *testing.T) {
	eachLibrary(t, func(t *testing.T, readYAML func(string) (core.Config, error)) {
		for text, want := range map[string]string{"10m": "10m0s", `"1h30m"`: "1h30m0s", "-1": "-1s", "0": "0s"} {
			got, err := readYAML("cors:\n  max_age: " + text + "\n")
			if err != nil || got.MaxAge.String() != want {
				t.Errorf("%s: got %v and error %v, want %s and none", text, got.MaxAge, err, want)
			}
		}
	})
}
