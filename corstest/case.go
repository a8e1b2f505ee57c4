package corstest

import (
	"context"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/corselet/corselet/core"
)

// A Case is one request under one policy, and the whole answer to it. The cases are data that
// suites in other languages can run too: testdata/conformance.json in this package, in the form of
// [Suite].
type Case struct {
	// Name is a sentence that says what is expected.
	Name string `json:"name"`
	// Why says what goes wrong otherwise. It is printed on failure.
	Why string `json:"why"`
	// Policy is the name of the policy.
	Policy string `json:"policy"`
	// Outer are response fields that a layer in front of CORS has set.
	Outer Fields `json:"outer"`
	// Request is the request.
	Request RawRequest `json:"request"`
	// Over lists the transports that can send the request: "process", "http/1.1", "http/2". Empty
	// means all.
	Over []string `json:"over"`
	// RefusedBy has the servers that refuse such a request themselves when it comes over a network,
	// with the status of the refusal, such as "net/http": 431. They may close the connection
	// instead.
	RefusedBy map[string]int `json:"refused_by"`
	// Want is the answer.
	Want Answer `json:"want"`
	// Event is what observers get; nil for requests that CORS does not concern.
	Event *Event `json:"event"`
}

// Answer is the wanted answer.
type Answer struct {
	Status int `json:"status"`
	// Fields has all fields whose names start with Access-Control-, with all their lines.
	Fields map[string][]string `json:"fields"`
	// Vary has the names in all lines of Vary, in any order and case, each once.
	Vary []string `json:"vary"`
	// Hit reports whether the handler ran and set "X-Handler: hit".
	Hit bool `json:"hit"`
}

// Event is what observers must get, exactly once.
type Event struct {
	Kind           string `json:"kind"`
	Pattern        string `json:"pattern"`
	Outcome        string `json:"outcome"`
	Reason         string `json:"reason"`
	Detail         string `json:"detail"`
	NeedsPreflight bool   `json:"needs_preflight"`
	Blocked        bool   `json:"blocked"`
}

// Policy is a configuration under which cases run.
type Policy struct {
	Config core.Config `json:"config"`
	// Lookup, if not nil, becomes the configuration's OriginFunc.
	Lookup *Lookup `json:"lookup"`
}

// Lookup describes an OriginFunc: it allows some origins, fails for some, and refuses all others.
type Lookup struct {
	Allow []string `json:"allow"`
	Fail  []string `json:"fail"`
}

// Suite is all of the data.
type Suite struct {
	Policies map[string]Policy `json:"policies"`
	Cases    []Case            `json:"cases"`
}

//go:embed testdata/conformance.json
var conformance []byte

// Conformance returns a new copy of the conformance suite.
func Conformance() (*Suite, error) {
	var s Suite
	decoder := json.NewDecoder(strings.NewReader(string(conformance)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&s); err != nil {
		return nil, fmt.Errorf("corstest: conformance.json: %w", err)
	}
	for _, c := range s.Cases {
		if _, ok := s.Policies[c.Policy]; !ok {
			return nil, fmt.Errorf("corstest: conformance.json: case %q: no policy %q",
				c.Name, c.Policy)
		}
	}
	return &s, nil
}

// Compilable returns the configuration with its OriginFunc.
func (p Policy) Compilable() core.Config {
	c := p.Config
	if p.Lookup != nil {
		c.OriginFunc = p.Lookup.allows
	}
	return c
}

func (l *Lookup) allows(_ context.Context, r core.OriginRequest) (bool, error) {
	if slices.Contains(l.Fail, r.Origin) {
		return false, errors.New("the lookup failed, as the case wants")
	}
	return slices.Contains(l.Allow, r.Origin), nil
}

// RawRequest is a request, byte by byte. Nothing in it needs to be valid.
type RawRequest struct {
	Method string `json:"method"`
	Path   string `json:"path"`
	Fields Fields `json:"fields"`
	// Body is empty in the cases of the suite.
	Body string `json:"body"`
}

// Host is the Host field, or :authority, of every request.
const Host = "api.example.net"

// Field is one line of a header.
type Field struct {
	Name, Value string
}

// Fields are the lines of a header. In JSON a line is an array of a name, a value and, if it is not
// 1, a number of times. The value is a string, or {"hex": "ff"} for bytes that JSON cannot hold, or
// {"repeat": ",", "times": 1048576} for long values.
type Fields []Field

// UnmarshalJSON reads the lines.
func (f *Fields) UnmarshalJSON(data []byte) error {
	var lines [][]json.RawMessage
	if err := json.Unmarshal(data, &lines); err != nil {
		return err
	}
	for _, line := range lines {
		var (
			field Field
			value fieldValue
			count = 1
		)
		if len(line) < 2 || len(line) > 3 {
			return fmt.Errorf(
				"header line %s: write a name, a value, and how many times if not once", line)
		}
		err := errors.Join(json.Unmarshal(line[0], &field.Name), json.Unmarshal(line[1], &value))
		if len(line) == 3 {
			err = errors.Join(err, json.Unmarshal(line[2], &count))
		}
		if err != nil {
			return fmt.Errorf("header line %s: %w", line, err)
		}
		field.Value = string(value)
		*f = append(*f, slices.Repeat([]Field{field}, count)...)
	}
	return nil
}

// fieldValue is a value in either form.
type fieldValue string

func (v *fieldValue) UnmarshalJSON(data []byte) error {
	if json.Unmarshal(data, (*string)(v)) == nil {
		return nil
	}
	var long struct {
		Hex    string `json:"hex"`
		Repeat string `json:"repeat"`
		Times  int    `json:"times"`
	}
	if err := json.Unmarshal(data, &long); err != nil {
		return err
	}
	raw, err := hex.DecodeString(long.Hex)
	*v = fieldValue(string(raw) + strings.Repeat(long.Repeat, long.Times))
	return err
}
