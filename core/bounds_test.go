package core

import (
	"strings"
	"testing"
	"time"
)

// Work per request is bounded, so what a stranger makes 64 MiB long costs what 1 KiB of it costs. Both are past every
// bound. The ratio leaves room for a busy machine; reading all of it would cost some 60,000 times as much.
func TestWorkIsBoundedWhateverIsSent(t *testing.T) {
	listed := mustNew(t, Config{Origins: []string{"https://a.example"}, Methods: []string{"PUT"},
		RequestHeaders: []string{"X-A"}}).Policy()
	regexps := mustNew(t, Config{OriginRegexps: []string{`https://[a-z]+\.example\.com`}}).Policy()
	wildcards := mustNew(t, Config{Origins: []string{"https://a.example"}, Credentials: true, Methods: []string{"*"},
		RequestHeaders: []string{"*"}}).Policy()
	origin, post := []string{"https://a.example"}, []string{"POST"}
	ofOrigin := func(p *Policy) func(string) {
		return func(s string) { sinkD = p.Decide(&Request{Method: "GET", Origins: []string{s}}) }
	}
	ofPreflight := func(p *Policy, request func(string) *Request) func(string) {
		return func(s string) {
			r := request(s)
			sinkD = p.Decide(r)
			verdictSink = p.Verdict(r, &sinkD)
		}
	}
	method := func(s string) *Request {
		return &Request{Method: "OPTIONS", Origins: origin, RequestMethods: []string{s}}
	}
	headers := func(s string) *Request {
		return &Request{Method: "OPTIONS", Origins: origin, RequestMethods: post, RequestHeaders: []string{s}}
	}
	ofType := func(s string) {
		source := headerSource{"Content-Type": s}
		boolSink = listed.NeedsPreflight(&Request{Method: "POST", Origins: origin, Source: source})
	}
	ofName := func(p *Policy) func(string) {
		return func(s string) {
			boolSink = p.NeedsPreflight(&Request{Method: "POST", Origins: origin, Source: nameSource{name: s}})
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
		{"an origin that regexps would see", "https://", "a.", ofOrigin(regexps)},
		{"a method", "", "A", ofPreflight(listed, method)},
		{"a method that would be echoed", "", "A", ofPreflight(wildcards, method)},
		{"commas", "", ",", ofPreflight(listed, headers)},
		{"commas that would be echoed", "", ",", ofPreflight(wildcards, headers)},
		{"spaces", "", " ", ofPreflight(listed, headers)},
		{"spaces that would be echoed", "", " ", ofPreflight(wildcards, headers)},
		{"names", "", "x-a,", ofPreflight(listed, headers)},
		{"names that would be echoed", "", "x-a,", ofPreflight(wildcards, headers)},
		{"one name", "", "x", ofPreflight(listed, headers)},
		{"one name that would be echoed", "", "x", ofPreflight(wildcards, headers)},
		{"a Content-Type of spaces", "", " ", ofType},
		{"a Content-Type", "", "x", ofType},
		{"a header's name", "", "x", ofName(listed)},
		{"a header's name under a wildcard", "", "x", ofName(wildcards)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			short := fastest(test.work, test.start+strings.Repeat(test.unit, 1<<10/len(test.unit)))
			long := fastest(test.work, test.start+strings.Repeat(test.unit, 64<<20/len(test.unit)))
			if long > 50*short {
				t.Errorf("got %v for 64 MiB and %v for 1 KiB, want at most 50 times as much", long, short)
			}
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
		work := func(lines []string) {
			r := &Request{Method: "OPTIONS", Origins: []string{"https://a.example"}, RequestMethods: []string{"PUT"},
				RequestHeaders: lines}
			sinkD = wildcards.Decide(r)
			verdictSink = wildcards.Verdict(r, &sinkD)
		}
		lines := make([]string, 1<<22)
		for i := range lines {
			lines[i] = line
		}
		short, long := fastest(work, lines[:1<<10]), fastest(work, lines)
		if long > 50*short {
			t.Errorf("lines %q: got %v for %d and %v for 1024, want at most 50 times as much", line, long, len(lines), short)
		}
	}
}

// fastest returns what several calls of work take, in the loop that was disturbed least. A loop is short, so that a
// test that fails ends soon.
func fastest[T any](work func(T), input T) time.Duration {
	best := time.Duration(1<<63 - 1)
	for range 11 {
		start := time.Now()
		for range 10 {
			work(input)
		}
		best = min(best, time.Since(start))
	}
	return max(best, time.Nanosecond)
}
