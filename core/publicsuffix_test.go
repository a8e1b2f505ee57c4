package core

import (
	"cmp"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var updateSuffixOwners = flag.Bool("update-suffix-owners", false, "write suffixowners.txt from golang.org/x/net")

// TestSuffixOwnersFollowTheList makes the file anew from the rules that the tests of golang.org/x/net hold in plain
// text.
func TestSuffixOwnersFollowTheList(t *testing.T) {
	rules := publicSuffixRules(t)
	want := "# Registrable domains with public suffixes below them, each with the shortest of these.\n" +
		"# Derived from the Public Suffix List, https://publicsuffix.org, which is under the Mozilla Public License 2.0,\n" +
		"# as golang.org/x/net has it. Make anew: go test ./core -run SuffixOwners -update-suffix-owners\n"
	owners := map[string]string{}
	for _, rule := range rules {
		for name := rule; strings.Contains(name, "."); {
			_, name, _ = strings.Cut(name, ".")
			if isPublicSuffix(name) || domainOfName(name) != name {
				continue
			}
			old, ok := owners[name]
			if !ok || cmp.Or(cmp.Compare(len(rule), len(old)), cmp.Compare(rule, old)) < 0 {
				owners[name] = rule
			}
		}
	}
	for _, owner := range slices.Sorted(maps.Keys(owners)) {
		want += fmt.Sprintf("%s %s\n", owner, owners[owner])
	}
	if *updateSuffixOwners {
		if err := os.WriteFile("suffixowners.txt", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if suffixOwnersText != want {
		t.Error("suffixowners.txt is not what the list says; run this test with -update-suffix-owners")
	}
}

// TestSettledNamesStaySettled asks the list about every rule: no name may count as settled if a rule below it makes
// another domain.
func TestSettledNamesStaySettled(t *testing.T) {
	for _, rule := range publicSuffixRules(t) {
		host := "a.b." + strings.Replace(rule, "*", "c", 1)
		for name := host; name != ""; {
			if settles(name) && domainOfName(name) != domainOfName(host) {
				t.Errorf("settles(%q) = true, but %q belongs to %q", name, host, domainOfName(host))
			}
			_, name, _ = strings.Cut(name, ".")
		}
	}
}

// publicSuffixRules returns the rules of the list, without exceptions.
func publicSuffixRules(t *testing.T) []string {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "golang.org/x/net").Output()
	if err != nil {
		t.Skip("golang.org/x/net's source is not at hand:", err)
	}
	source, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "publicsuffix", "table_test.go"))
	if err != nil {
		t.Skip("golang.org/x/net's tests are not at hand:", err)
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
		o, ok := parseOrigin(test.origin)
		if !ok {
			t.Fatalf("parseOrigin(%q) failed", test.origin)
		}
		if got := o.domain(); got != test.want {
			t.Errorf("domain of %q = %q, want %q", test.origin, got, test.want)
		}
	}
}
