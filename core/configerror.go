package core

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"

	"github.com/corselet/corselet/core/internal/automaton"
	"github.com/corselet/corselet/core/internal/enum"
)

// A ConfigError is one thing that is wrong with a [Config]. [Compile] reports all of them at once,
// joined; [ConfigErrors] takes them apart again.
//
// Its JSON form has the keys field, index, value, reason, hint and message.
type ConfigError struct {
	// Field is the JSON name of the Config field, such as "origins" or "unsafe.accept". It is
	// empty if the whole is meant.
	Field string `json:"field"`
	// Index is the place in the field's list, from 0; -1 if the field is no list, or the list as a
	// whole is meant.
	Index int `json:"index"`
	// Value is the offending value as configured, cut to 200 bytes.
	Value  string       `json:"value"`
	Reason ConfigReason `json:"reason"`
	// Hint says what to write instead.
	Hint string `json:"hint"`
}

// Error says in one line where, what and why, and what to write instead.
func (e *ConfigError) Error() string {
	where := e.Field
	if where == "" {
		where = "policy"
	}
	if e.Index >= 0 {
		where = fmt.Sprintf("%s[%d]", where, e.Index)
	}
	if e.Value != "" {
		where = fmt.Sprintf("%s: %q", where, e.Value)
	}
	return fmt.Sprintf("cors: %s: %s; %s", where, e.Reason.explain(), e.Hint)
}

// MarshalJSON adds the message to the fields.
func (e *ConfigError) MarshalJSON() ([]byte, error) {
	type fields ConfigError
	return json.Marshal(struct {
		*fields
		Message string `json:"message"`
	}{(*fields)(e), e.Error()})
}

// mistakes collects what is wrong with a configuration: the first maxMistakes, and how many more
// there are. Nobody reads more, and a configuration of a megabyte has room for many.
type mistakes struct {
	list []error
	more int
}

const maxMistakes = 100

// add notes a mistake. Values are cut to what can be read.
func (m *mistakes) add(e *ConfigError) {
	if m.isFull() {
		m.more++
		return
	}
	e.Field, e.Value = automaton.Excerpt(printable(e.Field)), automaton.Excerpt(e.Value)
	m.list = append(m.list, e)
}

// printable quotes a text that a terminal must not get as it is, such as an unknown key.
func printable(text string) string {
	if strings.ContainsFunc(text, func(r rune) bool { return !strconv.IsPrint(r) }) {
		return strconv.Quote(text)
	}
	return text
}

// isFull reports whether further mistakes are only counted.
func (m *mistakes) isFull() bool { return len(m.list) == maxMistakes }

// join returns one error for all, or nil.
func (m *mistakes) join() error {
	if m.more == 0 {
		return errors.Join(m.list...)
	}
	more := &ConfigError{Index: -1, Reason: ConfigReasonMore,
		Hint: fmt.Sprintf("fix those above; %d are not shown", m.more)}
	return errors.Join(append(m.list, more)...)
}

// ConfigErrors walks every [ConfigError] in err's tree, in the order in which they were joined.
func ConfigErrors(err error) iter.Seq[*ConfigError] {
	return func(yield func(*ConfigError) bool) { walkConfigErrors(err, yield) }
}

func walkConfigErrors(err error, yield func(*ConfigError) bool) bool {
	switch e := err.(type) {
	case *ConfigError:
		return yield(e)
	case interface{ Unwrap() error }:
		return walkConfigErrors(e.Unwrap(), yield)
	case interface{ Unwrap() []error }:
		for _, err := range e.Unwrap() {
			if !walkConfigErrors(err, yield) {
				return false
			}
		}
	}
	return true
}

// A ConfigReason says what kind of mistake a [ConfigError] is. The set is closed but grows with new
// features.
type ConfigReason uint8

// The reasons for which a configuration is refused. The name of each, as String returns it, is
// snake_case of what follows ConfigReason, such as missing_scheme.
const (
	ConfigReasonMalformed ConfigReason = iota + 1 // not JSON, a wrong type, or an unknown field
	ConfigReasonEmpty
	ConfigReasonMissingScheme
	ConfigReasonInvalidScheme
	ConfigReasonInvalidHost
	ConfigReasonInvalidPort
	ConfigReasonDefaultPort
	ConfigReasonUpperCase
	ConfigReasonUnicodeHost
	ConfigReasonUserInfo
	ConfigReasonPath      // also a slash at the end
	ConfigReasonQuery     // also a fragment
	ConfigReasonIPAddress // not in canonical form
	ConfigReasonNullOrigin
	ConfigReasonOpaqueOrigin // file://, which Electron and older WebViews send
	ConfigReasonMisplacedWildcard
	ConfigReasonWildcardNotAlone
	ConfigReasonWildcardWithCredentials
	ConfigReasonInsecureOrigin
	ConfigReasonPublicSuffix
	ConfigReasonInvalidToken // not a method or header name
	ConfigReasonMethodCase
	ConfigReasonForbidden     // browsers never send or reveal it
	ConfigReasonResponseField // a CORS response field as request header
	ConfigReasonOutOfRange
	ConfigReasonInvalidRegexp // also what automata cannot express
	ConfigReasonRegexpTooLarge
	ConfigReasonNeverMatches
	ConfigReasonUnpinnedRegexp
	ConfigReasonInvalidCharacter // quotes, commas, white space and the like
	ConfigReasonAnyHost
	ConfigReasonMisspeltScheme
	ConfigReasonStale // an entry of Unsafe.Accept that waives nothing
	ConfigReasonMore  // there are more mistakes than are shown
)

var configReasonNames = []string{
	"unknown", "malformed", "empty", "missing_scheme", "invalid_scheme", "invalid_host",
	"invalid_port", "default_port", "upper_case", "unicode_host", "user_info", "path", "query",
	"ip_address", "null_origin", "opaque_origin", "misplaced_wildcard", "wildcard_not_alone",
	"wildcard_with_credentials", "insecure_origin", "public_suffix", "invalid_token", "method_case",
	"forbidden", "response_field", "out_of_range", "invalid_regexp", "regexp_too_large",
	"never_matches", "unpinned_regexp", "invalid_character", "any_host", "misspelt_scheme", "stale",
	"more",
}

var configReasonTexts = [...]string{
	0:                         "is wrong",
	ConfigReasonMalformed:     "cannot be read",
	ConfigReasonEmpty:         "is empty",
	ConfigReasonMissingScheme: "has no scheme",
	ConfigReasonInvalidScheme: "has an invalid scheme",
	ConfigReasonInvalidHost:   "has an invalid host",
	ConfigReasonInvalidPort:   "has an invalid port",
	ConfigReasonDefaultPort:   "names its scheme's default port, which browsers leave out",
	ConfigReasonUpperCase:     "has upper-case letters, which browsers never send",
	ConfigReasonUnicodeHost:   "has a host outside ASCII, which browsers send as punycode",
	ConfigReasonUserInfo:      "has user information, which is not part of an origin",
	ConfigReasonPath:          "has a path, which is not part of an origin",
	ConfigReasonQuery:         "has a query or fragment, which is not part of an origin",
	ConfigReasonIPAddress:     "has an IP address that is not in the form that browsers send",
	ConfigReasonNullOrigin:    "would trust every sandboxed frame and local file",
	ConfigReasonOpaqueOrigin:  "is the origin of every local file, which browsers send as null",

	ConfigReasonMisplacedWildcard:       "has a wildcard where none can be",
	ConfigReasonWildcardNotAlone:        `makes no sense next to "*"`,
	ConfigReasonWildcardWithCredentials: "is not possible with credentials",

	ConfigReasonInsecureOrigin: "lets anyone on the network act with your users' credentials",

	ConfigReasonPublicSuffix:     "trusts everyone who can have a name there",
	ConfigReasonInvalidToken:     "is not a valid name",
	ConfigReasonMethodCase:       "differs from a standard method in case, which matters",
	ConfigReasonForbidden:        "is forbidden by the Fetch standard",
	ConfigReasonResponseField:    "is a response field",
	ConfigReasonOutOfRange:       "is out of range",
	ConfigReasonInvalidRegexp:    "is not a regexp that can be compiled",
	ConfigReasonRegexpTooLarge:   "makes too large an automaton",
	ConfigReasonNeverMatches:     "matches no origin that a browser can send",
	ConfigReasonUnpinnedRegexp:   "trusts origins beyond a few known domains",
	ConfigReasonInvalidCharacter: "has characters that no origin has",
	ConfigReasonAnyHost:          "trusts every host of its scheme, such as every extension",
	ConfigReasonMisspeltScheme:   "has a scheme that is most likely misspelt",
	ConfigReasonStale:            "waives nothing",
	ConfigReasonMore:             "has more mistakes",
}

// String returns the reason's stable snake_case name.
func (r ConfigReason) String() string { return enum.Name(configReasonNames, r) }

// MarshalText returns the name, so that JSON shows it.
func (r ConfigReason) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

func (r ConfigReason) explain() string {
	if int(r) >= len(configReasonTexts) {
		return configReasonTexts[0]
	}
	return configReasonTexts[r]
}
