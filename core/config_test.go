package core

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// configVector is a configuration and everything that is wrong with it.
type configVector struct {
	Name   string          `json:"name"`
	Config json.RawMessage `json:"config"`
	Errors []struct {
		Field  string `json:"field"`
		Index  int    `json:"index"`
		Reason string `json:"reason"`
		Hint   string `json:"hint"` // the hint contains it
	} `json:"errors"`
}

func TestEveryMistakeIsReportedAtOnce(t *testing.T) {
	for _, v := range readVectors[configVector](t, "config_errors.json") {
		t.Run(v.Name, func(t *testing.T) {
			cfg, err := ParseConfig(v.Config)
			if err == nil {
				_, err = Compile(cfg)
			}
			got := slices.Collect(ConfigErrors(err))
			if len(got) != len(v.Errors) {
				t.Fatalf("got %d errors, want %d:\n%v", len(got), len(v.Errors), err)
			}
			for i, want := range v.Errors {
				e := got[i]
				if e.Field != want.Field || e.Index != want.Index || e.Reason.String() != want.Reason ||
					!strings.Contains(e.Hint, want.Hint) {
					t.Errorf("got %s[%d] %s, hint %q\nwant %+v", e.Field, e.Index, e.Reason, e.Hint, want)
				}
				if message := e.Error(); e.Hint == "" || !strings.HasSuffix(message, e.Hint) || !strings.HasPrefix(message, "cors: ") {
					t.Errorf("the message does not end in a hint: %q", message)
				}
			}
		})
	}
}

func TestGoodConfigurationsCompile(t *testing.T) {
	for _, v := range readVectors[configVector](t, "config_good.json") {
		t.Run(v.Name, func(t *testing.T) {
			cfg, err := ParseConfig(v.Config)
			if err != nil {
				t.Fatal(err)
			}
			p, err := Compile(cfg)
			if err != nil {
				t.Fatal(err)
			}
			data, err := json.Marshal(p.Config())
			if err != nil {
				t.Fatal(err)
			}
			again, err := ParseConfig(data)
			if err != nil {
				t.Fatalf("%s: %v", data, err)
			}
			if !reflect.DeepEqual(again, cfg) {
				t.Errorf("through JSON: got %+v, want %+v", again, cfg)
			}
		})
	}
}

func TestMalformedJSONIsAConfigError(t *testing.T) {
	tests := []struct{ name, json, hint string }{
		{"nothing", ``, "line 1"},
		{"half an object", "{\n  \"origins\": [", "line 2"},
		{"a trailing comma", "{\n\n \"block\": true,\n}", "line 4, column 1"},
		{"two objects", `{} {}`, "line 1, column 4"},
		{"a list", `[]`, "object"},
		{"a string", `"https://example.com"`, "object"},
	}
	for _, test := range tests {
		_, err := ParseConfig([]byte(test.json))
		var direct Config
		if directErr := direct.UnmarshalJSON([]byte(test.json)); directErr == nil || directErr.Error() != err.Error() {
			t.Errorf("%s: UnmarshalJSON: got %v, want %v", test.name, directErr, err)
		}
		got := slices.Collect(ConfigErrors(err))
		if len(got) != 1 || got[0].Reason != ConfigReasonMalformed || !strings.Contains(got[0].Hint, test.hint) {
			t.Errorf("%s: got %v, want one error of reason malformed whose hint has %q", test.name, err, test.hint)
		}
	}
}

func TestConfigErrorAsJSON(t *testing.T) {
	_, err := Compile(Config{Origins: []string{"https://example.com/"}})
	got, marshalErr := json.Marshal(slices.Collect(ConfigErrors(err)))
	if marshalErr != nil {
		t.Fatal(marshalErr)
	}
	want := `[{"field":"origins","index":0,"value":"https://example.com/","reason":"path",` +
		`"hint":"write \"https://example.com\"","message":"cors: origins[0]: \"https://example.com/\": ` +
		`has a path, which is not part of an origin; write \"https://example.com\""}]`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestConfigErrorsWalksWrappedErrors(t *testing.T) {
	one, two := &ConfigError{Field: "one"}, &ConfigError{Field: "two"}
	err := errors.Join(errors.New("other"), errors.Join(one, errors.Join(two)))
	if got := slices.Collect(ConfigErrors(err)); !slices.Equal(got, []*ConfigError{one, two}) {
		t.Errorf("got %v, want one and two", got)
	}
	for e := range ConfigErrors(err) {
		if e != one {
			t.Errorf("the walk went on after it was stopped")
		}
		break
	}
	if got := slices.Collect(ConfigErrors(nil)); got != nil {
		t.Errorf("nil: got %v", got)
	}
	if e, ok := errors.AsType[*ConfigError](err); !ok || e != one {
		t.Errorf("errors.AsType: got %v, %v", e, ok)
	}
}

func TestOriginFuncExcludesTheWildcard(t *testing.T) {
	cfg := Config{Origins: []string{"*"}, OriginFunc: func(context.Context, OriginRequest) (bool, error) { return true, nil }}
	_, err := Compile(cfg)
	if got := slices.Collect(ConfigErrors(err)); len(got) != 1 || got[0].Field != "origins" {
		t.Errorf("got %v, want one error for origins", err)
	}
}

func TestOriginFuncAloneIsEnough(t *testing.T) {
	if _, err := Compile(Config{OriginFunc: func(context.Context, OriginRequest) (bool, error) { return true, nil }}); err != nil {
		t.Error(err)
	}
}

func TestPolicyKeepsItsOwnCopy(t *testing.T) {
	cfg := Config{Origins: []string{"https://a.example"}, Methods: []string{"PUT"}, RequestHeaders: []string{"X-A"},
		ExposeHeaders: []string{"X-B"}, MaxAge: time.Minute}
	p, err := Compile(cfg)
	if err != nil {
		t.Fatal(err)
	}
	spoil := func(c Config) {
		c.Origins[0], c.Methods[0], c.RequestHeaders[0], c.ExposeHeaders[0] = "x", "x", "x", "x"
	}
	want := cfg.clone()
	spoil(cfg)
	spoil(p.Config())
	if got := p.Config(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestUnmarshalKeepsWhatJSONDoesNotName(t *testing.T) {
	cfg := Config{Origins: []string{"https://a.example"}, Block: true}
	if err := json.Unmarshal([]byte(`{"max_age": "1m30s", "block": null}`), &cfg); err != nil {
		t.Fatal(err)
	}
	want := Config{Origins: []string{"https://a.example"}, Block: true, MaxAge: 90 * time.Second}
	if !reflect.DeepEqual(cfg, want) {
		t.Errorf("got %+v, want %+v", cfg, want)
	}
}

// TestVectorsAreInOneForm keeps the vector files readable by other suites: an array of objects.
func TestVectorsAreInOneForm(t *testing.T) {
	files, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file.Name(), ".json") {
			readVectors[map[string]any](t, file.Name())
		}
	}
}

func TestAByteOrderMarkIsIgnored(t *testing.T) {
	got, err := ParseConfig([]byte("\ufeff" + `{"origins": ["https://app.example.com"]}`))
	if err != nil || len(got.Origins) != 1 {
		t.Errorf("got %+v and %v, want one origin", got, err)
	}
}
