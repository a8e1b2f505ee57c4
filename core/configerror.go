package core

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
)

// A ConfigError is one thing that is wrong with a [Config]. [Compile] reports all of them at once, joined;
// [ConfigErrors] takes them apart again.
//
// Its JSON form has the keys field, index, value, reason, hint and message.
type ConfigError struct {
	// Field is the JSON name of the Config field, such as "origins" or "unsafe.null_origin". It is empty if the whole
	// is meant.
	Field string `json:"field"`
	// Index is the place in the field's list, from 0; -1 if the field is no list, or the list as a whole is meant.
	Index int `json:"index"`
	// Value is the offending value as configured.
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

// A reporter is told of each mistake in a configuration.
type reporter func(*ConfigError)

// configErrors collects them.
type configErrors []error

func (e *configErrors) add(c *ConfigError) { *e = append(*e, c) }
func (e *configErrors) join() error        { return errors.Join(*e...) }

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

// A ConfigReason says what kind of mistake a [ConfigError] is. The set is closed but grows with new features.
type ConfigReason uint8

// The reasons for which a configuration is refused; String gives the name in the comment.
const (
	ConfigReasonMalformed           ConfigReason = iota + 1 // malformed: not JSON, a wrong type, or an unknown field
	ConfigReasonEmpty                                       // empty
	ConfigReasonMissingScheme                               // missing_scheme
	ConfigReasonInvalidScheme                               // invalid_scheme
	ConfigReasonInvalidHost                                 // invalid_host
	ConfigReasonInvalidPort                                 // invalid_port
	ConfigReasonDefaultPort                                 // default_port
	ConfigReasonUpperCase                                   // upper_case
	ConfigReasonUnicodeHost                                 // unicode_host
	ConfigReasonUserInfo                                    // user_info
	ConfigReasonPath                                        // path: also a slash at the end
	ConfigReasonQuery                                       // query: also a fragment
	ConfigReasonIPAddress                                   // ip_address: not in canonical form
	ConfigReasonNullOrigin                                  // null_origin
	ConfigReasonOpaqueOrigin                                // opaque_origin: file://, which browsers serialize as null
	ConfigReasonMisplacedWildcard                           // misplaced_wildcard
	ConfigReasonWildcardNotAlone                            // wildcard_not_alone
	ConfigReasonWildcardCredentials                         // wildcard_with_credentials
	ConfigReasonInsecureOrigin                              // insecure_origin
	ConfigReasonPublicSuffix                                // public_suffix
	ConfigReasonInvalidToken                                // invalid_token: not a method or header name
	ConfigReasonMethodCase                                  // method_case
	ConfigReasonForbidden                                   // forbidden: browsers never send or reveal it
	ConfigReasonResponseField                               // response_field: a CORS response field as request header
	ConfigReasonOutOfRange                                  // out_of_range
	ConfigReasonInvalidRegexp                               // invalid_regexp: also what automata cannot express
	ConfigReasonRegexpTooLarge                              // regexp_too_large
	ConfigReasonNeverMatches                                // never_matches
	ConfigReasonUnpinnedRegexp                              // unpinned_regexp
)

var configReasons = [...]struct{ name, text string }{
	ConfigReasonMalformed:           {"malformed", "cannot be read"},
	ConfigReasonEmpty:               {"empty", "is empty"},
	ConfigReasonMissingScheme:       {"missing_scheme", "has no scheme"},
	ConfigReasonInvalidScheme:       {"invalid_scheme", "has an invalid scheme"},
	ConfigReasonInvalidHost:         {"invalid_host", "has an invalid host"},
	ConfigReasonInvalidPort:         {"invalid_port", "has an invalid port"},
	ConfigReasonDefaultPort:         {"default_port", "names its scheme's default port, which browsers leave out"},
	ConfigReasonUpperCase:           {"upper_case", "has upper-case letters, which browsers never send"},
	ConfigReasonUnicodeHost:         {"unicode_host", "has a host outside ASCII, which browsers send as punycode"},
	ConfigReasonUserInfo:            {"user_info", "has user information, which is not part of an origin"},
	ConfigReasonPath:                {"path", "has a path, which is not part of an origin"},
	ConfigReasonQuery:               {"query", "has a query or fragment, which is not part of an origin"},
	ConfigReasonIPAddress:           {"ip_address", "has an IP address that is not in the form that browsers send"},
	ConfigReasonNullOrigin:          {"null_origin", "would trust every sandboxed frame and local file"},
	ConfigReasonOpaqueOrigin:        {"opaque_origin", "is an origin that browsers send as null"},
	ConfigReasonMisplacedWildcard:   {"misplaced_wildcard", "has a wildcard where none can stand"},
	ConfigReasonWildcardNotAlone:    {"wildcard_not_alone", `makes no sense beside "*"`},
	ConfigReasonWildcardCredentials: {"wildcard_with_credentials", "is not possible with credentials"},
	ConfigReasonInsecureOrigin:      {"insecure_origin", "lets anyone on the network act with your users' credentials"},
	ConfigReasonPublicSuffix:        {"public_suffix", "trusts every customer of a public suffix"},
	ConfigReasonInvalidToken:        {"invalid_token", "is not a valid name"},
	ConfigReasonMethodCase:          {"method_case", "differs from a standard method in case, which matters"},
	ConfigReasonForbidden:           {"forbidden", "is forbidden by the Fetch standard"},
	ConfigReasonResponseField:       {"response_field", "is a response field"},
	ConfigReasonOutOfRange:          {"out_of_range", "is out of range"},
	ConfigReasonInvalidRegexp:       {"invalid_regexp", "is not a regexp that can be compiled"},
	ConfigReasonRegexpTooLarge:      {"regexp_too_large", "makes too large an automaton"},
	ConfigReasonNeverMatches:        {"never_matches", "matches no origin that a browser can send"},
	ConfigReasonUnpinnedRegexp:      {"unpinned_regexp", "trusts origins beyond a few known domains"},
}

// String returns the reason's stable snake_case name.
func (r ConfigReason) String() string {
	if r == 0 || int(r) >= len(configReasons) {
		return "unknown"
	}
	return configReasons[r].name
}

// MarshalText returns the name, so that JSON shows it.
func (r ConfigReason) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

func (r ConfigReason) explain() string {
	if r == 0 || int(r) >= len(configReasons) {
		return "is wrong"
	}
	return configReasons[r].text
}
