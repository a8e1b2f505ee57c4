package core

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// ParseConfig reads a Config from JSON:
//
//	{
//	  "origins": ["https://app.example.com", "https://*.example.com"],
//	  "origin_regexps": ["https://pr-[0-9]+\\.example\\.dev"],
//	  "credentials": true,
//	  "methods": ["PUT", "DELETE"],
//	  "request_headers": ["Content-Type"],
//	  "expose_headers": ["X-Request-Id"],
//	  "max_age": "10m",
//	  "preflight_status": 204,
//	  "block": false,
//	  "unsafe": {"accept": [], "insecure_lookups": false}
//	}
//
// YAML with the same keys is read by [Config.UnmarshalYAML].
//
// Malformed JSON, wrong types, unknown and repeated keys are errors, all reported as [ConfigError]
// with reason [ConfigReasonMalformed]. Beside them it returns the fields that could be read.
// Whether the values make sense is for [Compile] to say.
func ParseConfig(data []byte) (Config, error) {
	var c Config
	err := c.UnmarshalJSON(bytes.TrimPrefix(data, []byte("\ufeff"))) // RFC 8259, section 8.1
	return c, err
}

// syntaxError returns an error that says where data is not JSON.
func syntaxError(data []byte) error {
	var value json.RawMessage
	err := json.Unmarshal(data, &value)
	if err == nil {
		return nil
	}
	hint := "write a JSON object such as {\"origins\": [\"https://example.com\"]}"
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		before := data[:min(int(syntax.Offset), len(data))]
		line := bytes.Count(before, []byte("\n")) + 1
		column := len(before) - bytes.LastIndexByte(before, '\n') - 1
		hint = fmt.Sprintf("fix line %d, column %d: %v", line, column, err)
	}
	return malformed("", -1, nil, hint)
}

// UnmarshalJSON reads an object as [ParseConfig] does. Fields whose keys are absent stay as they
// are.
//
// A struct that embeds Config inherits this method, and loses its own fields to it: give the Config
// a name there.
func (c *Config) UnmarshalJSON(data []byte) error {
	if err := syntaxError(data); err != nil {
		return err
	}
	var errs mistakes
	decodeObject(data, "", &errs, map[string]decoder{
		"origins":          stringsInto(&c.Origins),
		"origin_regexps":   stringsInto(&c.OriginRegexps),
		"credentials":      into(&c.Credentials, "write true or false"),
		"methods":          stringsInto(&c.Methods),
		"request_headers":  stringsInto(&c.RequestHeaders),
		"expose_headers":   stringsInto(&c.ExposeHeaders),
		"max_age":          maxAgeInto(&c.MaxAge),
		"preflight_status": into(&c.PreflightStatus, "write a status from 200 to 299"),
		"block":            into(&c.Block, "write true or false"),
		"unsafe": func(field string, raw json.RawMessage, report *mistakes) {
			decodeObject(raw, field, report, map[string]decoder{
				"accept":           stringsInto(&c.Unsafe.Accept),
				"insecure_lookups": into(&c.Unsafe.InsecureLookups, "write true or false"),
			})
		},
	})
	return errs.join()
}

// UnmarshalYAML reads what UnmarshalJSON does, with the same checks, from YAML. go.yaml.in/yaml/v3,
// gopkg.in/yaml.v3 and github.com/goccy/go-yaml call it; sigs.k8s.io/yaml calls UnmarshalJSON.
func (c *Config) UnmarshalYAML(unmarshal func(any) error) error {
	var value any
	if err := unmarshal(&value); err != nil {
		return err
	}
	data, err := json.Marshal(value)
	if err != nil {
		return malformed("", -1, nil, "write keys that are strings")
	}
	return c.UnmarshalJSON(data)
}

// MarshalJSON writes what [ParseConfig] reads; OriginFunc is left out.
func (c Config) MarshalJSON() ([]byte, error) {
	type fields Config
	return json.Marshal(struct {
		fields
		MaxAge any `json:"max_age,omitempty"`
	}{fields(c), maxAgeJSON(c.MaxAge)})
}

func maxAgeJSON(d time.Duration) any {
	switch {
	case d == 0:
		return nil
	case d < 0:
		return -1
	}
	// 1h0m0s is what time.Duration prints; people write 1h.
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// A decoder stores the JSON value of the named field somewhere, or reports why it cannot.
type decoder func(field string, raw json.RawMessage, report *mistakes)

// decodeObject hands each value of an object to the decoder for its key.
func decodeObject(data []byte, field string, report *mistakes, decoders map[string]decoder) {
	d := json.NewDecoder(bytes.NewReader(data))
	switch token, err := d.Token(); {
	case err != nil:
		report.add(malformed(field, -1, data, err.Error()))
		return
	case token == nil:
		return // null changes nothing, as everywhere in encoding/json
	case token != json.Delim('{'):
		report.add(malformed(field, -1, data, "write an object in braces"))
		return
	}
	known := slices.Sorted(maps.Keys(decoders))
	seen := map[string]bool{}
	for d.More() {
		token, err := d.Token()
		key, _ := token.(string)
		var raw json.RawMessage
		if err == nil {
			err = d.Decode(&raw)
		}
		if err != nil {
			report.add(malformed(field, -1, nil, err.Error()))
			return
		}
		path := strings.TrimPrefix(field+"."+key, ".")
		switch decode := decoders[key]; {
		case decode == nil:
			report.add(malformed(path, -1, raw, nearestKey(key, known)))
		case seen[key]:
			report.add(malformed(path, -1, raw, "write the field once"))
		default:
			seen[key] = true
			decode(path, raw, report)
		}
	}
}

// nearestKey says which known key was meant: one that is part of the other, or a few letters away.
func nearestKey(key string, known []string) string {
	hint := "use one of the fields " + strings.Join(known, ", ")
	if len(key) > 64 {
		return hint
	}
	nearest, least := "", 4
	for _, k := range known {
		d := distance(strings.ToLower(key), k)
		if strings.Contains(key, k) || len(key) > 3 && strings.Contains(k, key) {
			d = 0
		}
		if d < least {
			nearest, least = k, d
		}
	}
	if nearest == "" {
		return hint
	}
	return fmt.Sprintf("write %q, or %s", nearest, hint)
}

// distance returns how many letters have to be added, removed or replaced to make b of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

func into[T any](target *T, hint string) decoder {
	return func(field string, raw json.RawMessage, report *mistakes) {
		value := *target
		if err := json.Unmarshal(raw, &value); err != nil {
			report.add(malformed(field, -1, raw, hint))
			return
		}
		*target = value
	}
}

func stringsInto(target *[]string) decoder {
	return func(field string, raw json.RawMessage, report *mistakes) {
		var elements []json.RawMessage
		if err := json.Unmarshal(raw, &elements); err != nil {
			report.add(malformed(field, -1, raw, `write a list of strings, such as ["…"]`))
			return
		}
		values := make([]string, len(elements)) // an element that is no string keeps its place
		for i, element := range elements {
			if json.Unmarshal(element, &values[i]) != nil || string(element) == "null" {
				report.add(malformed(field, i, element, "write a string"))
			}
		}
		*target = values
	}
}

func maxAgeInto(target *time.Duration) decoder {
	return func(field string, raw json.RawMessage, report *mistakes) {
		var value any
		if err := json.Unmarshal(raw, &value); err == nil {
			switch v := value.(type) {
			case nil:
				return
			case string:
				if d, err := time.ParseDuration(v); err == nil {
					*target = d
					return
				}
			case float64:
				if v == 0 || v == -1 {
					*target = time.Duration(v) * time.Second
					return
				}
			}
		}
		const hint = `write a duration such as "10m", or -1 to forbid caching`
		report.add(malformed(field, -1, raw, hint))
	}
}

func malformed(field string, index int, raw json.RawMessage, hint string) *ConfigError {
	const limit = 64 // a whole policy may be where a number should be
	value := string(raw[:min(len(raw), limit+1)])
	if len(value) > limit {
		value = strings.ToValidUTF8(value[:limit], "") + "…"
	}
	return &ConfigError{
		Field: field, Index: index, Value: value, Reason: ConfigReasonMalformed, Hint: hint,
	}
}
