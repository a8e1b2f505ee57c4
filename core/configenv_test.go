package core

import (
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func fromEnv(variables map[string]string) (Config, error) {
	return ConfigFromEnv("CORS", func(name string) (string, bool) {
		value, ok := variables[name]
		return value, ok
	})
}

func TestAConfigurationIsReadFromTheEnvironment(t *testing.T) {
	tests := []struct {
		name      string
		variables map[string]string
		want      Config
	}{
		{"one origin", map[string]string{"CORS_ORIGINS": "https://app.example.com"}, Config{Origins: []string{"https://app.example.com"}}},
		{"everything", map[string]string{
			"CORS_ORIGINS":        " https://app.example.com, https://*.example.com\n\thttp://printer.example.com,,",
			"CORS_ORIGIN_REGEXPS": `https://pr-[0-9]{1,3}\.example\.dev` + "\r\n\n  " + `https://[a-z]+\.example\.org ` + "\n",
			"CORS_CREDENTIALS":    "true", "CORS_METHODS": "PUT DELETE", "CORS_REQUEST_HEADERS": "Content-Type",
			"CORS_EXPOSE_HEADERS": "X-A,X-B", "CORS_MAX_AGE": "10m", "CORS_BLOCK": "1",
			"CORS_UNSAFE_ACCEPT": "http://printer.example.com\nhttps://*.github.io https://*.gitlab.io",
		}, Config{
			Origins:        []string{"https://app.example.com", "https://*.example.com", "http://printer.example.com"},
			OriginRegexps:  []string{`https://pr-[0-9]{1,3}\.example\.dev`, `https://[a-z]+\.example\.org`},
			Credentials:    true,
			Methods:        []string{"PUT", "DELETE"},
			RequestHeaders: []string{"Content-Type"},
			ExposeHeaders:  []string{"X-A", "X-B"},
			MaxAge:         10 * time.Minute,
			Block:          true,
			Unsafe:         Unsafe{Accept: []string{"http://printer.example.com", "https://*.github.io", "https://*.gitlab.io"}},
		}},
		{"empty variables are zero values", map[string]string{
			"CORS_ORIGINS": "*", "CORS_CREDENTIALS": "", "CORS_MAX_AGE": " ", "CORS_BLOCK": "", "CORS_METHODS": ",",
			"CORS_UNSAFE_ACCEPT": "\n", "OTHER_ORIGINS": "https://other.example",
		}, Config{Origins: []string{"*"}}},
		{"no caching of preflights", map[string]string{"CORS_ORIGINS": "*", "CORS_MAX_AGE": "-1"},
			Config{Origins: []string{"*"}, MaxAge: -time.Second}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := fromEnv(test.variables)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range []*Config{&got, &test.want} { // no entries are none
				for _, list := range []*[]string{&c.Origins, &c.OriginRegexps, &c.Methods, &c.RequestHeaders, &c.ExposeHeaders,
					&c.Unsafe.Accept} {
					*list = slices.Concat([]string{}, *list)
				}
			}
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %+v\nwant %+v", got, test.want)
			}
		})
	}
}

func TestAProgramCanTellThatNothingIsConfigured(t *testing.T) {
	for _, variables := range []map[string]string{
		nil, {"CORS_ORIGINS": ""}, {"CORS_ORIGINS": " , \n"}, {"CORS_ORIGIN_REGEXPS": "\n"},
		{"CORS_CREDENTIALS": "maybe", "CORS_UNSAFE_ACCEPT": "null"}, {"cors_origins": "*"},
	} {
		got, err := fromEnv(variables)
		if !errors.Is(err, ErrNotConfigured) || !strings.Contains(err.Error(), "CORS_ORIGINS") || !reflect.ValueOf(got).IsZero() {
			t.Errorf("%v: got %+v and %v, want ErrNotConfigured that names CORS_ORIGINS", variables, got, err)
		}
	}
}

func TestMistakesInTheEnvironmentNameTheVariable(t *testing.T) {
	_, err := fromEnv(map[string]string{
		"CORS_ORIGINS": "https://app.example.com", "CORS_CREDENTIALS": "yes", "CORS_BLOCK": strings.Repeat("x", 1<<20),
		"CORS_MAX_AGE": "600",
	})
	var got []string
	for e := range ConfigErrors(err) {
		got = append(got, e.Field)
		if e.Reason != ConfigReasonMalformed || e.Hint == "" || len(e.Error()) > 1000 {
			t.Errorf("got %.300v", e)
		}
	}
	if want := []string{"CORS_CREDENTIALS", "CORS_MAX_AGE", "CORS_BLOCK"}; errors.Is(err, ErrNotConfigured) || !slices.Equal(got, want) {
		t.Errorf("got mistakes in %q, want %q", got, want)
	}
}

// What is wrong with the values is found by Compile, within its bounds.
func TestHostileVariablesAreRefused(t *testing.T) {
	for name, value := range map[string]string{
		"many commas": strings.Repeat(",", 1<<20), "many entries": strings.Repeat("\x01,", 1<<19), "one long entry": strings.Repeat("a", 1<<20),
		"control bytes": "https://a\x00.example", "not UTF-8": "https://a\xff.example",
	} {
		for variable := range maps.Keys(map[string]bool{"CORS_ORIGINS": true, "CORS_UNSAFE_ACCEPT": true, "CORS_METHODS": true}) {
			c, err := fromEnv(map[string]string{"CORS_ORIGIN_REGEXPS": `https://a\.example`, variable: value})
			if err == nil {
				_, err = Compile(c)
			}
			if name != "many commas" && (err == nil || len(err.Error()) > 200_000) {
				t.Errorf("%s in %s: got %.200v, want an error of bounded length", name, variable, err)
			}
		}
	}
}
