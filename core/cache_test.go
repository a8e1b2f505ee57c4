package core

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// TestCachesCannotBePoisoned replays stored answers to GET and HEAD as a cache may: to every
// request that agrees with the stored one in all fields that Vary names. Nobody may get
// Access-Control fields by it that a fresh answer to him would not have.
//
// https://www.rfc-editor.org/rfc/rfc9111#section-4.1
func TestCachesCannotBePoisoned(t *testing.T) {
	policies := map[string]Config{
		"listed":                 {Origins: []string{"https://a.example", "https://*.b.example"}, Credentials: true, ExposeHeaders: []string{"X-A"}},
		"any":                    {Origins: []string{"*"}, ExposeHeaders: []string{"*"}},
		"credentialed wildcards": {Origins: []string{"https://a.example"}, Credentials: true, Methods: []string{"*"}, RequestHeaders: []string{"*"}},
		"blocking":               {Origins: []string{"https://a.example"}, Block: true},
		"null":                   {Origins: []string{"null"}, Unsafe: Unsafe{Accept: []string{"null"}}},
		"looked up":              {OriginFunc: new(keeper).allows},
	}
	var requests []message
	for _, origins := range [][]string{nil, {""}, {"null"}, {"https://a.example"}, {"https://x.b.example"}, {"https://tenant.example"},
		{"https://evil.example"}, {"HTTPS://A.EXAMPLE"}, {"https://a.example", "https://evil.example"}} {
		for _, method := range []string{"GET", "HEAD"} {
			for _, site := range []string{"", "same-origin", "cross-site"} {
				requests = append(requests, message{Method: method, Host: "api.example", Origins: origins, SecFetchSite: site,
					RequestMethods: []string{"PUT"}, RequestHeaders: []string{"x-a"}})
			}
		}
	}
	for name, cfg := range policies {
		cors := mustNew(t, cfg)
		replays := 0
		for _, stored := range requests {
			storedAnswer := cors.Decide(t.Context(), stored.request())
			for _, later := range requests {
				if !mayReplay(&storedAnswer, &stored, &later) {
					continue
				}
				replays++
				fresh := cors.Decide(t.Context(), later.request())
				if got, want := fieldsOf(&storedAnswer, stored.request()), fieldsOf(&fresh, later.request()); !maps.Equal(got, want) {
					t.Errorf("%s: the answer to %s, replayed to %s, is %v, want %v", name, describe(&stored), describe(&later), got, want)
				}
			}
		}
		if replays < len(requests) {
			t.Errorf("%s: only %d replays were possible", name, replays)
		}
	}
}

func mayReplay(answer *Decision, stored, later *message) bool {
	for i := range answer.NumVary() {
		if answer.Vary(i) != FieldOrigin || !slices.Equal(stored.Origins, later.Origins) {
			return false
		}
	}
	return true
}

func describe(r *message) string {
	return fmt.Sprintf("%s from %s (%s)", r.Method, strings.Join(r.Origins, "+"), r.SecFetchSite)
}
