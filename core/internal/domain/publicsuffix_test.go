package domain

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/corselet/corselet/core/internal/origin"
)

var updateSuffixRules = flag.Bool("update-suffix-rules", false, "write suffixrules.txt from golang.org/x/net")

// TestSuffixRulesFollowTheList makes the file anew from the rules that the tests of
// golang.org/x/net hold in plain text.
func TestSuffixRulesFollowTheList(t *testing.T) {
	want := "# Public suffixes below registrable domains.\n" +
		"# Derived from the Public Suffix List, https://publicsuffix.org, which is under the Mozilla Public License 2.0,\n" +
		"# as golang.org/x/net has it. Make anew: go test ./core/internal/domain -run SuffixRules -update-suffix-rules\n"
	for _, rule := range slices.Sorted(slices.Values(publicSuffixRules(t))) {
		for _, name, _ := strings.Cut(rule, "."); name != ""; _, name, _ = strings.Cut(name, ".") {
			if !isPublicSuffix(name) && ofName(name) == name {
				want += rule + "\n"
				break
			}
		}
	}
	if *updateSuffixRules {
		if err := os.WriteFile("suffixrules.txt", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if suffixRulesText != want {
		t.Error("suffixrules.txt is not what the list says; run this test with -update-suffix-rules")
	}
}

func TestNamesHaveOneOwnerUnlessPublicSuffixesAreBelow(t *testing.T) {
	for name, want := range map[string]bool{
		"example.com": true, "com": false, "co.uk": false, "internal": true, "a.internal": true,
		"amazonaws.com": false, "console.amazonaws.com": true, "console.aws.amazonaws.com": true,
		"s3.amazonaws.com": false, "bucket.s3.amazonaws.com": true,
		"us-west-2.amazonaws.com": false, "compute.amazonaws.com": false, "a.compute.amazonaws.com": false,
		"b.a.compute.amazonaws.com": true,
		"ck":                        false, "x.ck": false, "www.ck": true,
		"nip.io": false, "10.0.0.1.nip.io": true, "gitpod.io": false, "eu.gitpod.io": false, "ws-eu.x.gitpod.io": true,
		"cloudapp.azure.com": false, "azure.com": false, "westeurope.cloudapp.azure.com": false,
		"mine.westeurope.cloudapp.azure.com": true, "github.dev": false, "app.github.dev": false, "zendesk.com": false,
		"mine.zendesk.com": true, "notnip.io": true,
		"kawasaki.jp": false, "x.kawasaki.jp": false, "city.kawasaki.jp": true,
	} {
		if got := HasOneOwner(name); got != want {
			t.Errorf("HasOneOwner(%q) = %t, want %t", name, got, want)
		}
	}
}

// TestNamesWithOneOwnerKeepIt asks the list about every rule: no name may count as one owner's if a
// rule below it makes another domain.
func TestNamesWithOneOwnerKeepIt(t *testing.T) {
	for _, rule := range publicSuffixRules(t) {
		host := "a.b." + strings.Replace(rule, "*", "c", 1)
		for name := host; name != ""; {
			if HasOneOwner(name) && ofName(name) != ofName(host) {
				t.Errorf("HasOneOwner(%q) = true, but %q belongs to %q", name, host, ofName(host))
			}
			_, name, _ = strings.Cut(name, ".")
		}
	}
}

// publicSuffixRules returns the rules of the list, without exceptions.
func publicSuffixRules(t *testing.T) []string {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "golang.org/x/net").Output()
	if err != nil {
		missing(t, "golang.org/x/net's source is not at hand: ", err)
	}
	source, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "publicsuffix", "table_test.go"))
	if err != nil {
		missing(t, "golang.org/x/net's tests are not at hand: ", err)
	}
	_, text, _ := strings.Cut(string(source), "var rules = ")
	text, _, _ = strings.Cut(text, "\n}")
	var rules []string
	for _, quoted := range regexp.MustCompile(`"([^"]+)"`).FindAllStringSubmatch(text, -1) {
		if quoted[1][0] != '!' {
			rules = append(rules, quoted[1])
		}
	}
	if len(rules) < 5000 {
		t.Fatalf("found only %d rules", len(rules))
	}
	return rules
}

// missing skips a test for those who run core's tests without the module cache, such as from a
// vendor folder. In continuous integration the list must be there, or a stale file of rules would
// go unnoticed.
func missing(t *testing.T, what string, err error) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(what, err)
	}
	t.Skip(what, err)
}

func TestDomainOfOrigin(t *testing.T) {
	tests := []struct{ origin, want string }{
		{"https://example.com", "example.com"},
		{"https://a.b.example.co.uk:8443", "example.co.uk"},
		{"https://a.customer.github.io", "customer.github.io"},
		{"https://github.io", "github.io"},
		{"https://a.b.c.ck", "b.c.ck"},
		{"https://x.www.ck", "www.ck"},
		{"https://ck", "ck"},
		{"https://amazonaws.com", "amazonaws.com"},
		{"https://x.amazonaws.com", "amazonaws.com"},
		{"https://y.bucket.s3.amazonaws.com", "bucket.s3.amazonaws.com"},
		{"https://a.mine.zendesk.com", "mine.zendesk.com"},
		{"https://zendesk.com", "zendesk.com"},
		{"https://mine.eu.gitpod.io", "mine.eu.gitpod.io"},
		{"https://app.internal", "internal"},
		{"https://intranet", "intranet"},
		{"http://localhost:3000", "localhost"},
		{"http://a.localhost", "localhost"},
		{"http://127.1.2.3", "127.0.0.0/8"},
		{"http://[::1]:8080", "[::1]"},
		{"http://10.0.0.1", "10.0.0.1"},
		{"https://[2001:db8::1]", "[2001:db8::1]"},
		{"capacitor://localhost", "capacitor://localhost"},
		{"chrome-extension://abc:1", "chrome-extension://abc"},
	}
	for _, test := range tests {
		o, ok := origin.Parse(test.origin)
		if !ok {
			t.Fatalf("origin.Parse(%q) failed", test.origin)
		}
		if got := Of(o); got != test.want {
			t.Errorf("domain of %q = %q, want %q", test.origin, got, test.want)
		}
	}
}
