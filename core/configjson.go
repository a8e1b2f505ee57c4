package core

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
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
//	  "unsafe": {"insecure_origins": false, "public_suffixes": false, "null_origin": false,
//	             "unpinned_regexps": false}
//	}
//
// Libraries for YAML that call UnmarshalJSON read the same. Others may know the keys by their tags,
// and silently drop what they do not know.
//
// Malformed JSON, wrong types, unknown and repeated keys are errors, all reported as [ConfigError]
// with reason [ConfigReasonMalformed]. Beside them it returns the fields that could be read.
// Whether the values make sense is for [Compile] to say.
func ParseConfig(data []byte) (Config, error) {
	var c Config
	err := c.UnmarshalJSON(data)
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
	return decodeObject(data, "", map[string]decoder{
		"origins":          stringsInto(&c.Origins),
		"origin_regexps":   stringsInto(&c.OriginRegexps),
		"credentials":      into(&c.Credentials, "write true or false"),
		"methods":          stringsInto(&c.Methods),
		"request_headers":  stringsInto(&c.RequestHeaders),
		"expose_headers":   stringsInto(&c.ExposeHeaders),
		"max_age":          maxAgeInto(&c.MaxAge),
		"preflight_status": into(&c.PreflightStatus, "write a status from 200 to 299"),
		"block":            into(&c.Block, "write true or false"),
		"unsafe": func(field string, raw json.RawMessage) error {
			return decodeObject(raw, field, map[string]decoder{
				"insecure_origins": into(&c.Unsafe.InsecureOrigins, "write true or false"),
				"public_suffixes":  into(&c.Unsafe.PublicSuffixes, "write true or false"),
				"null_origin":      into(&c.Unsafe.NullOrigin, "write true or false"),
				"unpinned_regexps": into(&c.Unsafe.UnpinnedRegexps, "write true or false"),
			})
		},
	})
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

// A decoder stores the JSON value of the named field somewhere.
type decoder func(field string, raw json.RawMessage) error

// decodeObject hands each value of an object to the decoder for its key, and collects their errors.
func decodeObject(data []byte, field string, decoders map[string]decoder) error {
	d := json.NewDecoder(bytes.NewReader(data))
	switch token, err := d.Token(); {
	case err != nil:
		return malformed(field, -1, data, err.Error())
	case token == nil:
		return nil // null changes nothing, as everywhere in encoding/json
	case token != json.Delim('{'):
		return malformed(field, -1, data, "write an object in braces")
	}
	var errs []error
	seen := map[string]bool{}
	for d.More() {
		token, err := d.Token()
		key, _ := token.(string)
		var raw json.RawMessage
		if err == nil {
			err = d.Decode(&raw)
		}
		if err != nil {
			return errors.Join(append(errs, malformed(field, -1, nil, err.Error()))...)
		}
		path := strings.TrimPrefix(field+"."+key, ".")
		decode, known := decoders[key]
		switch {
		case !known:
			errs = append(errs, malformed(path, -1, raw, "use one of the fields "+keys(decoders)))
		case seen[key]:
			errs = append(errs, malformed(path, -1, raw, "write the field once"))
		default:
			errs = append(errs, decode(path, raw))
		}
		seen[key] = true
	}
	return errors.Join(errs...)
}

func keys(decoders map[string]decoder) string {
	var names []string
	for name := range decoders {
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

func into[T any](target *T, hint string) decoder {
	return func(field string, raw json.RawMessage) error {
		value := *target
		if err := json.Unmarshal(raw, &value); err != nil {
			return malformed(field, -1, raw, hint)
		}
		*target = value
		return nil
	}
}

func stringsInto(target *[]string) decoder {
	return func(field string, raw json.RawMessage) error {
		var elements []json.RawMessage
		if err := json.Unmarshal(raw, &elements); err != nil {
			return malformed(field, -1, raw, `write a list of strings, such as ["…"]`)
		}
		var errs []error
		values := make([]string, len(elements)) // an element that is no string keeps its place
		for i, element := range elements {
			if err := json.Unmarshal(element, &values[i]); err != nil || string(element) == "null" {
				errs = append(errs, malformed(field, i, element, "write a string"))
			}
		}
		*target = values
		return errors.Join(errs...)
	}
}

func maxAgeInto(target *time.Duration) decoder {
	return func(field string, raw json.RawMessage) error {
		var value any
		if err := json.Unmarshal(raw, &value); err == nil {
			switch v := value.(type) {
			case nil:
				return nil
			case string:
				if d, err := time.ParseDuration(v); err == nil {
					*target = d
					return nil
				}
			case float64:
				if v == 0 || v == -1 {
					*target = time.Duration(v) * time.Second
					return nil
				}
			}
		}
		return malformed(field, -1, raw, `write a duration such as "10m", or -1 to forbid caching`)
	}
}

func malformed(field string, index int, raw json.RawMessage, hint string) error {
	const limit = 64 // a whole policy may be where a number should be
	value := string(raw)
	if len(value) > limit {
		value = strings.ToValidUTF8(value[:limit], "") + "…"
	}
	return &ConfigError{
		Field: field, Index: index, Value: value, Reason: ConfigReasonMalformed, Hint: hint,
	}
}
