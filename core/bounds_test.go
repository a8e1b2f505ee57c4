//go:build unix

package core

import (
	"runtime/debug"
	"strings"
	"syscall"
	"testing"
	"unsafe"
)

// Work per request is bounded: what is 64 MiB long is read no further than its bounds. Behind them
// is memory that cannot be read. The last page can be, where a look at the end costs nothing.
const (
	sentBytes     = 64 << 20
	readableBytes = 16 << 10
)

// guarded returns memory that can be read at its beginning and its end only, once fill has filled
// it.
func guarded(t *testing.T, fill func(memory []byte)) []byte {
	t.Helper()
	memory, err := syscall.Mmap(-1, 0, sentBytes, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Munmap(memory) })
	fill(memory[:readableBytes])
	fill(memory[sentBytes-readableBytes:])
	if err := syscall.Mprotect(memory[readableBytes:sentBytes-readableBytes], syscall.PROT_NONE); err != nil {
		t.Fatal(err)
	}
	return memory
}

// guardedString returns start and then unit, again and again.
func guardedString(t *testing.T, start, unit string) string {
	t.Helper()
	memory := guarded(t, func(memory []byte) {
		copy(memory, start+strings.Repeat(unit, readableBytes/len(unit)+1))
	})
	return unsafe.String(&memory[0], len(memory))
}

// readsNoFurther runs work, which must not touch what is guarded.
func readsNoFurther(t *testing.T, work func()) {
	t.Helper()
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if fault := recover(); fault != nil {
			t.Errorf("got a look at more than %d bytes (%v), want none", readableBytes, fault)
		}
	}()
	work()
}

func TestWorkIsBoundedWhateverIsSent(t *testing.T) {
	listed := mustNew(t, Config{Origins: []string{"https://a.example"}, Methods: []string{"PUT"},
		RequestHeaders: []string{"X-A"}}).Policy()
	many := mustNew(t, Config{Origins: strings.Fields("https://a.example https://b.example https://c.example " +
		"https://d.example https://e.example http://*.example.com")}).Policy()
	regexps := mustNew(t, Config{OriginRegexps: []string{`https://[a-z]+\.example\.com`}}).Policy()
	wildcards := mustNew(t, Config{Origins: []string{"https://a.example"}, Credentials: true, Methods: []string{"*"},
		RequestHeaders: []string{"*"}}).Policy()
	const friend = "https://a.example"
	judged := func(p *Policy, m message) {
		r := m.request()
		sinkD = p.Decide(r)
		verdictSink, boolSink = p.Verdict(r, &sinkD), p.NeedsPreflight(r)
	}
	ofOrigin := func(p *Policy) func(string) {
		return func(s string) { judged(p, message{Method: "GET", Origins: []string{s}}) }
	}
	ofMethod := func(p *Policy) func(string) {
		return func(s string) {
			judged(p, message{Method: "OPTIONS", Origins: []string{friend}, RequestMethods: []string{s}})
		}
	}
	ofHeaders := func(p *Policy) func(string) {
		return func(s string) {
			judged(p, message{Method: "OPTIONS", Origins: []string{friend}, RequestMethods: []string{"POST"},
				RequestHeaders: []string{s}})
		}
	}
	ofType := func(s string) {
		judged(listed, message{Method: "POST", Origins: []string{friend}, Fields: headerSource{"Content-Type": s}})
	}
	ofName := func(p *Policy) func(string) {
		return func(s string) {
			boolSink = p.NeedsPreflight(&Request{Method: "POST", Origin: friend, HasOrigin: true, Source: nameSource{name: s}})
		}
	}
	tests := []struct {
		name        string
		start, unit string
		work        func(input string)
	}{
		{"an origin, as a scheme", "", "a.", ofOrigin(listed)},
		{"an origin, as labels of a host", "https://", "a.", ofOrigin(listed)},
		{"an origin, as an address", "https://[", ":", ofOrigin(listed)},
		{"an origin, as a port", "https://a.example:", "1", ofOrigin(listed)},
		{"an origin among many", "https://", "a.", ofOrigin(many)},
		{"an origin that regexps would see", "https://", "a.", ofOrigin(regexps)},
		{"a method", "", "A", ofMethod(listed)},
		{"a method that would be echoed", "", "A", ofMethod(wildcards)},
		{"commas", "", ",", ofHeaders(listed)},
		{"commas that would be echoed", "", ",", ofHeaders(wildcards)},
		{"spaces", "", " ", ofHeaders(listed)},
		{"spaces that would be echoed", "", " ", ofHeaders(wildcards)},
		{"names", "", "x-a,", ofHeaders(listed)},
		{"names that would be echoed", "", "x-a,", ofHeaders(wildcards)},
		{"one name", "", "x", ofHeaders(listed)},
		{"one name that would be echoed", "", "x", ofHeaders(wildcards)},
		{"a Content-Type of spaces", "", " ", ofType},
		{"a Content-Type", "", "x", ofType},
		{"a header's name", "", "x", ofName(listed)},
		{"a header's name under a wildcard", "", "x", ofName(wildcards)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			input := guardedString(t, test.start, test.unit)
			readsNoFurther(t, func() { test.work(input) })
		})
	}
}

// nameSource is a source that has one header, without a map that would have to hash its name.
type nameSource struct {
	headerSource
	name string
}

func (s nameSource) AnyHeaderName(match func(string) bool) bool { return match(s.name) }

// The same for lines instead of bytes.
func TestWorkIsBoundedHoweverManyLinesAreSent(t *testing.T) {
	wildcards := mustNew(t, Config{Origins: []string{"https://a.example"}, Credentials: true, Methods: []string{"*"},
		RequestHeaders: []string{"*"}}).Policy()
	for _, line := range []string{"", "x", ","} {
		const size = int(unsafe.Sizeof(line))
		memory := guarded(t, func(memory []byte) {
			lines := unsafe.Slice((*string)(unsafe.Pointer(&memory[0])), len(memory)/size)
			for i := range lines {
				lines[i] = line
			}
		})
		lines := unsafe.Slice((*string)(unsafe.Pointer(&memory[0])), len(memory)/size)
		r := message{Method: "OPTIONS", Origins: []string{"https://a.example"}, RequestMethods: []string{"PUT"},
			RequestHeaders: lines}.request()
		readsNoFurther(t, func() {
			sinkD = wildcards.Decide(r)
			verdictSink = wildcards.Verdict(r, &sinkD)
		})
	}
}

// A guard that lets everything pass would make the tests above pass, too.
func TestTheGuardNoticesAFurtherLook(t *testing.T) {
	input := guardedString(t, "", "a")
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if recover() == nil {
			t.Error("got no fault, want one")
		}
	}()
	boolSink = strings.Contains(input, "b")
}
