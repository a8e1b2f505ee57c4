package core

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func TestTrustSaysWhoIsTrusted(t *testing.T) {
	p, err := Compile(Config{
		Origins: []string{
			"https://app.example.co.uk", "https://*.example.com", "http://localhost:*", "https://*.example.org:*",
			"https://app.example.co.uk", "null", "https://*.github.io", "https://*.internal", "capacitor://localhost",
			"http://127.0.0.1:3000", "https://*.amazonaws.com:8443",
		},
		OriginRegexps: []string{`https://pr-\d+\.example\.(com|net)`, `https://.*example\.com`},
		OriginFunc:    func(context.Context, OriginRequest) (bool, error) { return false, nil },
		Unsafe:        Unsafe{Accept: []string{"null", `https://.*example\.com`}},
	})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		kind    TrustKind
		domains []string
		want    string
	}{
		{TrustExact, []string{"example.co.uk"}, "pages of https://app.example.co.uk"},
		{TrustSubdomains, []string{"example.com"}, "pages of every subdomain of example.com over https"},
		{TrustAnyPort, []string{"localhost"}, "pages of http://localhost on any port"},
		{TrustSubdomains, []string{"example.org"}, "pages of every subdomain of example.org over https on any port"},
		{TrustNull, nil, "every page that makes itself a sandboxed frame (origin null)"},
		{TrustSubdomains, []string{"github.io"},
			"pages of every subdomain of github.io over https (anyone can have a subdomain of github.io)"},
		{TrustSubdomains, []string{"internal"}, "pages of every subdomain of internal over https"},
		{TrustExact, []string{"capacitor://localhost"}, "pages of capacitor://localhost"},
		{TrustExact, []string{"127.0.0.0/8"}, "pages of http://127.0.0.1:3000"},
		{TrustSubdomains, []string{"amazonaws.com"}, "pages of every subdomain of amazonaws.com:8443 over https " +
			"(anyone can have a subdomain of amazonaws.com)"},
		{TrustRegexp, []string{"example.com", "example.net"},
			`pages of example.com, example.net that match https://pr-\d+\.example\.(com|net)`},
		{TrustRegexp, nil, `pages of every domain that matches https://.*example\.com, such as https://aexample.com ` +
			`or https://bexample.com`},
		{TrustFunction, nil, "pages of every origin that OriginFunc allows"},
	}
	accepted := map[string]string{
		"null":                   " (accepted as unsafe: null_origin)",
		`https://.*example\.com`: " (accepted as unsafe: unpinned_regexp)",
	}
	got := p.TrustList()
	if len(got) != len(tests) {
		t.Fatalf("Trust() lists %d things, want %d: %v", len(got), len(tests), got)
	}
	for i, test := range tests {
		if got[i].Kind != test.kind || !slices.Equal(got[i].Domains, test.domains) || got[i].Credentials {
			t.Errorf("Trust()[%d] = %+v, want kind %v, domains %q", i, got[i], test.kind, test.domains)
		}
		if got, want := got[i].String(), test.want+" may read responses, without credentials"+accepted[got[i].Pattern]; got != want {
			t.Errorf("Trust()[%d].String():\n got %s\nwant %s", i, got, want)
		}
	}
}

func TestTrustTellsOfCredentials(t *testing.T) {
	p, err := Compile(Config{Origins: []string{"https://example.com"}, Credentials: true})
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(p.TrustList())
	if err != nil {
		t.Fatal(err)
	}
	want := `[{"pattern":"https://example.com","kind":"exact","domains":["example.com"],"credentials":true}]`
	if string(got) != want {
		t.Errorf("JSON = %s, want %s", got, want)
	}
	sentence := "pages of https://example.com may read responses with the user's credentials"
	if got := p.TrustList()[0].String(); got != sentence {
		t.Errorf("got %q, want %q", got, sentence)
	}
}

func TestTrustInEverybodyAndInNobody(t *testing.T) {
	p, err := Compile(Config{Origins: []string{"*"}})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := p.TrustList()[0].String(), "every page on the web may read responses, without credentials"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, p := range []*Policy{nil, {}} {
		if got := p.TrustList(); len(got) != 0 {
			t.Errorf("Trust() of no policy = %v", got)
		}
	}
}

func TestTrustIsACopy(t *testing.T) {
	p := allowing(t, `https://example\.com`)
	p.TrustList()[0].Domains[0] = "changed"
	if got := p.TrustList()[0].Domains[0]; got != "example.com" {
		t.Errorf("the policy's own list was changed to %q", got)
	}
}

// Without credentials a regexp may trust everyone, by consent. It is called what it is.
func TestTrustNamesRegexpsThatTrustEveryone(t *testing.T) {
	tests := []struct{ expr, want string }{
		{".*", "every page on the web, http included, may read responses"},
		{"https://.*", "every page on the web may read responses"},
		{`https://app\..*`, "every page on the web may read responses"},
		{`https://.*\.com`, `pages of every domain that matches https://.*\.com, such as`},
	}
	for _, test := range tests {
		p, err := Compile(accepting(Config{OriginRegexps: []string{test.expr}}))
		if err != nil {
			t.Fatal(err)
		}
		if got := p.TrustList()[0].String(); !strings.HasPrefix(got, test.want) {
			t.Errorf("%s: got %q, want %q", test.expr, got, test.want)
		}
	}
}
