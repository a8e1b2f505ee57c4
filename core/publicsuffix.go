package core

import (
	_ "embed"
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
	if _, owns := suffixOwners()[domainOfName(name)]; owns {
		return false
	}
	// Should the list be newer than suffixOwners, this still finds new rules for all names below.
	suffix, _ := publicsuffix.PublicSuffix(name)
	below, _ := publicsuffix.PublicSuffix("x." + name)
	return suffix == below
}

// suffixOwners maps each registrable domain that has public suffixes below it, such as amazonaws.com, to the shortest
// of them, such as s3.amazonaws.com. The package publicsuffix can only be asked about one name at a time, which does
// not help with all names that match a regexp. A test keeps the file in step with the list.
var suffixOwners = sync.OnceValue(func() map[string]string {
	owners := map[string]string{}
	for line := range strings.Lines(suffixOwnersText) {
		if owner, suffix, ok := strings.Cut(strings.TrimSpace(line), " "); ok && owner != "#" {
			owners[owner] = suffix
		}
	}
	return owners
})

//go:embed suffixowners.txt
var suffixOwnersText string

// exampleLabels returns the label in front of name that leads to a public suffix, if name's owner has one.
func exampleLabels(name string) []string {
	if isPublicSuffix(name) {
		return nil
	}
	front, ok := strings.CutSuffix(suffixOwners()[domainOfName(name)], "."+name)
	if !ok {
		return nil
	}
	label := front[strings.LastIndexByte(front, '.')+1:]
	if label == "*" {
		label = "a"
	}
	return []string{label}
}
