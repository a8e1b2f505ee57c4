package domain

import (
	"cmp"
	_ "embed"
	"slices"
	"strings"
	"sync"

	"golang.org/x/net/publicsuffix"

	"github.com/corselet/corselet/core/internal/origin"
)

// loopbackIPv4 stands for all addresses that start with 127.
const loopbackIPv4 = "127.0.0.0/8"

// Of returns the domain that an origin belongs to: see coverage.go.
func Of(o origin.Origin) string {
	host := o.Host()
	switch {
	case o.Scheme() != "http" && o.Scheme() != "https":
		return o.WithoutPort()
	case host == "localhost" || strings.HasSuffix(host, ".localhost"):
		return "localhost"
	case origin.IsLoopback(host) && host[0] != '[':
		return loopbackIPv4
	case origin.IsIP(host):
		return host
	}
	return ofName(host)
}

// ofName returns the registrable domain of a name: its public suffix and one label more. Of a name
// that the list does not know it returns the last label, and a public suffix itself it returns as
// it is.
//
// https://publicsuffix.org/list/
func ofName(name string) string {
	if isUnlisted(name) {
		return name[strings.LastIndexByte(name, '.')+1:]
	}
	if isPublicSuffix(name) {
		return name
	}
	suffix, _ := publicSuffix(name)
	front := strings.TrimSuffix(name, "."+suffix)
	return name[strings.LastIndexByte(front, '.')+1:]
}

// isPublicSuffix reports whether the list has name as something below which anyone can register, or
// is given, a name.
func isPublicSuffix(name string) bool {
	suffix, icann := publicSuffix(name)
	if suffix != name {
		return false
	}
	if icann || strings.Contains(name, ".") {
		return true
	}
	// Of some countries the list has only a rule for all names below, such as "*.ck".
	below, _ := publicSuffix("x." + name)
	return below != name
}

// isUnlisted reports whether the list does not know a name's last label.
func isUnlisted(name string) bool {
	return !isPublicSuffix(name[strings.LastIndexByte(name, '.')+1:])
}

// HasOneOwner reports whether all hosts that end with a dot and name belong to the same domain as
// name. They do, if name has a registrable domain, unless public suffixes are listed below that. A
// last label that the list does not know, such as "internal", is taken for a network of one's own.
func HasOneOwner(name string) bool {
	switch {
	case isUnlisted(name):
		return true
	case isPublicSuffix(name):
		return false
	}
	if len(labelsToSuffixes(name)) > 0 {
		return false
	}
	// Should the list be newer than the file of rules, this still finds new rules for all names
	// below.
	suffix, _ := publicSuffix(name)
	below, _ := publicSuffix("x." + name)
	return suffix == below
}

// labelsToSuffixes returns the labels that can be in front of name on the way to a public suffix
// below it, those to the shortest ones first; "*" stands for every label. For amazonaws.com these
// are "s3", "us-east-1" and so on.
func labelsToSuffixes(name string) []string { return suffixRules()[name] }

// publicSuffix returns the public suffix of a name, as the list has it or, where that does not know
// it, a short list of hosts below which strangers get names.
func publicSuffix(name string) (suffix string, icann bool) {
	suffix, icann = publicsuffix.PublicSuffix(name)
	for host := name; len(host) > len(suffix); {
		_, parent, _ := strings.Cut(host, ".")
		if sharedHosts()[host] || sharedHosts()["*."+parent] {
			return host, false
		}
		host = parent
	}
	return suffix, icann
}

// sharedHosts has the rules of that list.
var sharedHosts = sync.OnceValue(func() map[string]bool {
	rules := map[string]bool{}
	for _, rule := range rulesIn(sharedHostsText) {
		rules[rule] = true
	}
	return rules
})

//go:embed sharedhosts.txt
var sharedHostsText string

// rulesIn returns the first word of each line that is no comment.
func rulesIn(text string) (rules []string) {
	for line := range strings.Lines(text) {
		if rule, _, _ := strings.Cut(strings.TrimSpace(line), " "); !strings.HasPrefix(rule, "#") {
			rules = append(rules, rule)
		}
	}
	return rules
}

// suffixRules knows the public suffixes below registrable domains, such as s3.amazonaws.com. The
// package publicsuffix can be asked about one name at a time only, which does not help with all
// names that match a regexp. A test keeps the file in step with the list.
var suffixRules = sync.OnceValue(func() map[string][]string {
	rules := slices.Concat(rulesIn(suffixRulesText), rulesIn(sharedHostsText))
	slices.SortStableFunc(rules, func(a, b string) int { return cmp.Compare(len(a), len(b)) })
	labels := map[string][]string{}
	for _, rule := range rules {
		label, parent, ok := strings.Cut(rule, ".")
		for ; ok; label, parent, ok = strings.Cut(parent, ".") {
			if !slices.Contains(labels[parent], label) {
				labels[parent] = append(labels[parent], label)
			}
		}
	}
	return labels
})

//go:embed suffixrules.txt
var suffixRulesText string
