package core

import (
	"slices"
	"strings"
	"testing"
)

// fetchLists are lists of the Fetch standard, as it has them.
type fetchLists struct {
	SafelistedMethods  []string `json:"safelisted_methods"`
	ForbiddenMethods   []string `json:"forbidden_methods"`
	ForbiddenRequest   []string `json:"forbidden_request_headers"`
	ForbiddenPrefixes  []string `json:"forbidden_request_header_prefixes"`
	ForbiddenResponse  []string `json:"forbidden_response_headers"`
	SafelistedRequest  []string `json:"safelisted_request_headers"`
	NonWildcardRequest []string `json:"non_wildcard_request_headers"`
	SafelistedResponse []string `json:"safelisted_response_headers"`
	MethodOverride     []string `json:"method_override_headers"`
	Others             []string
}

func (l *fetchLists) all() []string {
	all := slices.Concat(l.SafelistedMethods, l.ForbiddenMethods, l.ForbiddenRequest, l.ForbiddenResponse, l.SafelistedRequest,
		l.NonWildcardRequest, l.SafelistedResponse, l.MethodOverride, l.Others)
	for _, prefix := range l.ForbiddenPrefixes {
		all = append(all, prefix, prefix+"Anything")
	}
	return all
}

// Each list holds what the standard's does, and nothing that any of its other lists holds.
func TestListsAreThoseOfTheStandard(t *testing.T) {
	l := readVectors[fetchLists](t, "fetch_lists.json")[0]
	isRefused := func(cfg Config) bool {
		cfg.Origins = []string{"https://a.example"}
		_, err := Compile(cfg)
		return err != nil
	}
	star := requestHeaders{star: true}
	tests := []struct {
		name     string
		list     []string
		prefixes []string
		exact    bool // case matters
		is       func(name string) bool
	}{
		{"safelisted methods", l.SafelistedMethods, nil, true, isSafelistedMethod},
		{"forbidden request headers", l.ForbiddenRequest, l.ForbiddenPrefixes, false, func(name string) bool {
			return isForbiddenRequestHeader(strings.ToLower(name))
		}},
		{"safelisted request headers", l.SafelistedRequest, nil, false, isSafelistedHeader},
		{"non-wildcard request headers", l.NonWildcardRequest, nil, false, func(name string) bool { return !star.allow(name) }},
		{"forbidden response headers", l.ForbiddenResponse, nil, false, func(name string) bool {
			return isRefused(Config{ExposeHeaders: []string{name}})
		}},
		{"forbidden methods", l.ForbiddenMethods, nil, false, func(name string) bool {
			e := checkMethod(name)
			return e != nil && e.Reason == ConfigReasonForbidden
		}},
	}
	for _, test := range tests {
		for _, name := range l.all() {
			for _, spelling := range []string{name, strings.ToLower(name), strings.ToUpper(name)} {
				want := slices.ContainsFunc(test.list, func(listed string) bool {
					return listed == spelling || !test.exact && strings.EqualFold(listed, spelling)
				}) || slices.ContainsFunc(test.prefixes, func(prefix string) bool {
					return strings.HasPrefix(strings.ToLower(spelling), strings.ToLower(prefix))
				})
				if got := test.is(spelling); got != want {
					t.Errorf("%s: got %v for %q, want %v", test.name, got, spelling, want)
				}
			}
		}
	}
}
