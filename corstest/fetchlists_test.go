package corstest

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
)

// fetchLists are lists of the Fetch standard, as it has them.
type fetchLists struct {
	SafelistedMethods  []string `json:"safelisted_methods"`
	ForbiddenMethods   []string `json:"forbidden_methods"`
	NormalizedMethods  []string `json:"normalized_methods"`
	ForbiddenRequest   []string `json:"forbidden_request_headers"`
	ForbiddenPrefixes  []string `json:"forbidden_request_header_prefixes"`
	MethodOverride     []string `json:"method_override_headers"`
	ForbiddenResponse  []string `json:"forbidden_response_headers"`
	SafelistedRequest  []string `json:"safelisted_request_headers"`
	SafelistedResponse []string `json:"safelisted_response_headers"`
	Others             []string
}

// Each list holds what the standard's does, and nothing that any of its other lists holds. core's are compared with the
// same vector, so that a mistake that both make comes to light.
func TestListsAreThoseOfTheStandard(t *testing.T) {
	data, err := os.ReadFile("../core/testdata/fetch_lists.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []fetchLists
	if err := json.Unmarshal(data, &vectors); err != nil || len(vectors) != 1 {
		t.Fatalf("got %d vectors and error %v, want one", len(vectors), err)
	}
	l := vectors[0]
	all := slices.Concat(l.SafelistedMethods, l.ForbiddenMethods, l.NormalizedMethods, l.ForbiddenRequest, l.MethodOverride,
		l.ForbiddenResponse, l.SafelistedRequest, l.SafelistedResponse, l.Others)
	for _, prefix := range l.ForbiddenPrefixes {
		all = append(all, prefix, prefix+"Anything")
	}
	value := map[string]string{"content-type": "text/plain", "range": "bytes=0-"} // that is safelisted
	tests := []struct {
		name     string
		list     []string
		prefixes []string
		exact    bool // case matters
		is       func(name string) bool
	}{
		{"safelisted methods", l.SafelistedMethods, nil, true, isSafelistedMethod},
		{"forbidden methods", l.ForbiddenMethods, nil, false, isForbiddenMethod},
		{"normalized methods", l.NormalizedMethods, nil, false, func(name string) bool {
			return normalizeMethod(strings.ToLower(name)) == strings.ToUpper(name)
		}},
		{"forbidden request headers", l.ForbiddenRequest, l.ForbiddenPrefixes, false, func(name string) bool {
			return isForbiddenRequestHeader(name, "PUT")
		}},
		{"with the value TRACE", slices.Concat(l.ForbiddenRequest, l.MethodOverride), l.ForbiddenPrefixes, false, func(name string) bool {
			return isForbiddenRequestHeader(name, "PUT, trace")
		}},
		{"safelisted request headers", l.SafelistedRequest, nil, false, func(name string) bool {
			return isSafelistedRequestHeader(name, value[strings.ToLower(name)])
		}},
		{"forbidden response headers", l.ForbiddenResponse, nil, false, isForbiddenResponseHeader},
		{"safelisted response headers", l.SafelistedResponse, nil, false, func(name string) bool {
			return isSafelistedResponseHeader(name, nil)
		}},
	}
	for _, test := range tests {
		for _, name := range all {
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
