package core

import (
	"cmp"
	_ "embed"
	"slices"
	"strings"
	"sync"

	"golang.org/x/net/publicsuffix"
)

// loopbackIPv4 stands for all addresses that start with 127.
const loopbackIPv4 = "127.0.0.0/8"

// domain returns the domain in whose name the origin acts: see coverage.go.
func (o *origin) domain() string {
	switch {
	case o.scheme != "http" && o.scheme != "https":
		return o.withoutPort()
	case o.host == "localhost" || strings.HasSuffix(o.host, ".localhost"):
		return "localhost"
	case isLoopback(o.host) && o.host[0] != '[':
		return loopbackIPv4
	case isIP(o.host):
		return o.host
	}
	return domainOfName(o.host)
}

// domainOfName returns the registrable domain of a name: its public suffix and one label more. Of a name that no list
// knows it returns the last label, and a public suffix itself it returns as it is.
//
// https://publicsuffix.org/list/
func domainOfName(name string) string {
	if isUnlisted(name) {
		return name[strings.LastIndexByte(name, '.')+1:]
	}
	if isPublicSuffix(name) {
		return name
	}
	suffix, _ := publicsuffix.PublicSuffix(name)
	front := strings.TrimSuffix(name, "."+suffix)
	return name[strings.LastIndexByte(front, '.')+1:]
}

// isPublicSuffix reports whether the list names it as something below which anyone can register or is handed a name.
func isPublicSuffix(name string) bool {
	suffix, icann := publicsuffix.PublicSuffix(name)
	if suffix != name {
		return false
	}
	if icann || strings.Contains(name, ".") {
		return true
	}
	// Of some countries the list has only a rule for all names below, such as "*.ck".
	below, _ := publicsuffix.PublicSuffix("x." + name)
	return below != name
}

// isUnlisted reports whether the list knows nothing of a name's last label.
func isUnlisted(name string) bool { return !isPublicSuffix(name[strings.LastIndexByte(name, '.')+1:]) }

// settles reports whether all hosts that end with a dot and name belong to the same domain as name. They do, once name
// has a registrable domain, unless public suffixes are listed below that.
func settles(name string) bool {
	switch {
	case isUnlisted(name):
		return true
	case isPublicSuffix(name):
		return false
	}
	if len(labelsToSuffixes(name)) > 0 {
		return false
	}
	// Should the list be newer than the file of rules, this still finds new rules for all names below.
	suffix, _ := publicsuffix.PublicSuffix(name)
	below, _ := publicsuffix.PublicSuffix("x." + name)
	return suffix == below
}

// labelsToSuffixes returns the labels that can stand in front of name on the way to a public suffix below it, those to
// the shortest ones first; "*" stands for every label. For amazonaws.com these are "s3", "us-east-1" and so on.
func labelsToSuffixes(name string) []string { return suffixRules()[name] }

// suffixRules knows the public suffixes below registrable domains, such as s3.amazonaws.com. The package publicsuffix
// can only be asked about one name at a time, which does not help with all names that match a regexp. A test keeps the
// file in step with the list.
var suffixRules = sync.OnceValue(func() map[string][]string {
	var rules []string
	for line := range strings.Lines(suffixRulesText) {
		if rule := strings.TrimSpace(line); !strings.HasPrefix(rule, "#") {
			rules = append(rules, rule)
		}
	}
	slices.SortStableFunc(rules, func(a, b string) int { return cmp.Compare(len(a), len(b)) })
	labels := map[string][]string{}
	for _, rule := range rules {
		for label, parent, ok := strings.Cut(rule, "."); ok; label, parent, ok = strings.Cut(parent, ".") {
			if !slices.Contains(labels[parent], label) {
				labels[parent] = append(labels[parent], label)
			}
		}
	}
	return labels
})

//go:embed suffixrules.txt
var suffixRulesText string
