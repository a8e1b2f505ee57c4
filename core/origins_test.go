package core

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/corselet/corselet/core/internal/origin"
)

// naiveMatches returns every pattern of the list that matches the origin, by what the documentation
// says and nothing else.
func naiveMatches(patterns []string, text string) (matches []string) {
	scheme, authority, _ := strings.Cut(text, "://")
	host, port := authority, ""
	if i := strings.LastIndexByte(authority, ':'); i > strings.LastIndexByte(authority, ']') {
		host, port = authority[:i], authority[i+1:]
	}
	for _, p := range patterns {
		wantScheme, rest, _ := strings.Cut(p, "://")
		rest, subdomains := strings.CutPrefix(rest, "*.")
		rest, anyPort := strings.CutSuffix(rest, ":*")
		wantHost, wantPort := rest, ""
		if i := strings.LastIndexByte(rest, ':'); i > strings.LastIndexByte(rest, ']') {
			wantHost, wantPort = rest[:i], rest[i+1:]
		}
		hostOK := host == wantHost && !subdomains || subdomains && strings.HasSuffix(host, "."+wantHost) && !strings.HasSuffix(host, ".."+wantHost) && host != "."+wantHost
		hostOK = hostOK || rest == "*"
		if scheme == wantScheme && hostOK && (anyPort || port == wantPort || rest == "*") {
			matches = append(matches, p)
		}
	}
	return matches
}

// checkSet holds a set of the patterns against the naive matcher.
func checkSet(t *testing.T, patterns []string, origins []string) {
	t.Helper()
	p, err := Compile(Config{Origins: patterns})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range origins {
		if _, ok := origin.Parse(text); !ok {
			continue
		}
		got := p.judge(text)
		want := naiveMatches(patterns, text)
		if got.allowed != (len(want) > 0) || got.allowed && !slices.Contains(want, got.pattern) {
			t.Fatalf("%q: got %+v, want one of %q\npatterns %q", text, got, want, patterns)
		}
	}
}

func TestOriginSetMatchesWhatItsPatternsSay(t *testing.T) {
	patterns := []string{
		"https://foo.com", "https://bar.com", "https://*.foo.com", "https://*.bar.foo.com", "http://*.foo.com:8080",
		"http://localhost:*", "https://*.any.example:*", "https://[::1]:*", "http://127.0.0.1:*", "https://foo.com:8443",
	}
	origins := []string{
		"https://foo.com", "https://bar.com", "https://barfoo.com", "https://foobar.com", "https://a.foo.com",
		"https://bar.foo.com", "https://a.bar.foo.com", "https://a.b.foo.com", "https://afoo.com", "https://foo.com.a",
		"https://.foo.com", "http://a.foo.com", "http://a.foo.com:8080", "http://foo.com:8080", "https://a.foo.com:8080",
		"http://localhost", "http://localhost:1", "https://localhost", "http://a.localhost", "http://localhosta",
		"https://any.example", "https://a.any.example", "https://a.any.example:1", "https://any.example:1",
		"https://[::1]", "https://[::1]:8443", "https://[::2]", "http://127.0.0.1", "http://127.0.0.1:1",
		"http://1.127.0.0.1", "https://foo.com:8443", "https://foo.com:8444", "https://bar.com:8443",
	}
	checkSet(t, patterns, origins)
}

func TestOriginSetNamesTheMostSpecificPattern(t *testing.T) {
	tests := []struct{ origin, want string }{
		{"https://a.example.com", "https://a.example.com"},
		{"https://b.example.com", "https://b.example.com:*"},
		{"https://c.example.com", "https://*.example.com"},
		{"https://d.c.example.com", "https://*.c.example.com"},
		{"https://c.example.com:1", "https://*.example.com:*"},
	}
	patterns := []string{
		"https://*.example.com:*", "https://*.example.com", "https://*.c.example.com", "https://b.example.com:*",
		"https://a.example.com", "https://a.example.com:*",
	}
	for range 10 {
		rand.Shuffle(len(patterns), func(i, j int) { patterns[i], patterns[j] = patterns[j], patterns[i] })
		p, err := Compile(Config{Origins: patterns})
		if err != nil {
			t.Fatal(err)
		}
		for _, test := range tests {
			d := p.Decide(message{Method: "GET", Origins: []string{test.origin}}.request())
			if d.Pattern != test.want {
				t.Errorf("%s: got %q, want %q", test.origin, d.Pattern, test.want)
			}
		}
	}
}

// FuzzOriginSet makes patterns and origins out of few labels, so that they share prefixes and
// suffixes, and adds the patterns in any order.
func FuzzOriginSet(f *testing.F) {
	f.Add(uint64(1), 5, "https://a.b.c")
	f.Add(uint64(2), 50, "http://ab.a:1")
	f.Fuzz(func(t *testing.T, seed uint64, size int, extra string) {
		r := rand.New(rand.NewPCG(seed, 0))
		pick := func(list ...string) string { return list[r.IntN(len(list))] }
		host := func() string {
			labels := make([]string, 1+r.IntN(4))
			for i := range labels {
				labels[i] = pick("a", "b", "ab", "ba", "foo", "bar", "barfoo")
			}
			return strings.Join(labels, ".")
		}
		patterns := make([]string, 1+max(size, -size)%100)
		for i := range patterns {
			patterns[i] = pick("http", "https", "x") + "://" + pick("", "", "*.") + host() + pick("", "", ":1", ":8443", ":*")
		}
		origins := []string{extra}
		for range 100 {
			origins = append(origins, pick("http", "https", "x")+"://"+host()+pick("", "", ":1", ":8443", ":2"))
		}
		checkSet(t, patterns, origins)
	})
}

// manyPatterns returns n patterns of one kind, and some thousand origins of which every other one
// matches, spread over all patterns, so that the processor's caches do not hold what a look-up
// needs next.
func manyPatterns(n int, format string) (patterns, origins []string) {
	for i := range n {
		patterns = append(patterns, fmt.Sprintf(format, i))
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 2048 {
		origin := strings.Replace(patterns[random.IntN(n)], "*", "app", 1)
		origins = append(origins, origin, strings.Replace(origin, "tenant", "other", 1))
	}
	return patterns, origins
}

// BenchmarkDecide measures what the number of patterns does to a decision.
func BenchmarkDecide(b *testing.B) {
	for kind, format := range map[string]string{"exact": "https://tenant%d.example.com", "subdomains": "https://*.tenant%d.example"} {
		for _, n := range []int{1, 100, 100_000} {
			patterns, origins := manyPatterns(n, format)
			p, err := Compile(Config{Origins: patterns})
			if err != nil {
				b.Fatal(err)
			}
			b.Run(fmt.Sprintf("%s/%d", kind, n), func(b *testing.B) {
				requests := make([]*Request, len(origins))
				for i, origin := range origins {
					requests[i] = from(origin)
				}
				b.ReportAllocs()
				i := 0
				for b.Loop() {
					d := p.Decide(requests[i%len(requests)])
					if d.OriginAllowed != (i%2 == 0) {
						b.Fatalf("%s: allowed: %v", origins[i%len(requests)], d.OriginAllowed)
					}
					i++
				}
			})
		}
	}
}

func BenchmarkCompile(b *testing.B) {
	patterns, _ := manyPatterns(100_000, "https://*.tenant%d.example")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Compile(Config{Origins: patterns}); err != nil {
			b.Fatal(err)
		}
	}
}

func TestCompilingManyPatternsTakesLittleMemory(t *testing.T) {
	for _, format := range []string{"https://tenant%d.example.com", "https://*.tenant%d.example.com"} {
		patterns, _ := manyPatterns(100_000, format)
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		if _, err := Compile(Config{Origins: patterns, Credentials: true}); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 64<<20 {
			t.Errorf("%s: 100,000 patterns took %d MiB, want at most 64", format, allocated>>20)
		}
	}
}

// These origins could not be allowed by the first version.
func TestOriginsOfAppsAndExtensions(t *testing.T) {
	tests := []struct {
		entry, origin string
		want          bool
	}{
		{"safari-web-extension://2AB33852-D69B-4ED6-99AD-A4839DFEC7ED", "safari-web-extension://2AB33852-D69B-4ED6-99AD-A4839DFEC7ED", true},
		{"safari-web-extension://2AB33852-D69B-4ED6-99AD-A4839DFEC7ED", "safari-web-extension://2ab33852-d69b-4ed6-99ad-a4839dfec7ed", false},
		{"app://.", "app://.", true},
		{"app://.", "app://", false},
		{"file://", "file://", true},
		{"file://", "file:///", false},
		{"file://", "file://host", false},
		{"https://a.example", "file://", false},
		{"moz-extension://*", "moz-extension://d0e6b9f2-4c1f-4a0b-9d7a-0d3c6d1f2e3a", true},
		{"moz-extension://*", "chrome-extension://d0e6b9f2-4c1f-4a0b-9d7a-0d3c6d1f2e3a", false},
		{"moz-extension://*", "moz-extension://a b", false},
		{"moz-extension://*", "moz-extension://", false},
		{"moz-extension://*", "https://moz-extension", false},
		{"tauri://*", "tauri://localhost", true},
		{"app://*", "app://obsidian.md", true},
		{"app://*", "app://.", true},
		{"app://*", "app://host:3000", true},
		{"app://*", "App://host", false},
		{"vscode-file://*", "vscode-file://vscode-app", true},
		{"app://*.example.com", "app://a.example.com", true},
		{"app://*.example.com", "app://.example.com", false},
		{"app://*.example.com", "app://..example.com", false},
		{"app://*.example.com", "app://a..example.com", false},
	}
	for _, test := range tests {
		for _, credentials := range []bool{false, true} {
			p, err := Compile(accepting(Config{Origins: []string{test.entry}, Credentials: credentials}))
			if err != nil {
				t.Fatal(err)
			}
			if got := p.Decide(from(test.origin)); got.OriginAllowed != test.want || test.want && got.Pattern != test.entry {
				t.Errorf("%q under %q: got allowed %v by %q, want %v", test.origin, test.entry, got.OriginAllowed, got.Pattern, test.want)
			}
		}
	}
}

// OriginFunc is not asked about local files: no answer could tell them apart.
func TestFilesAreNotLookedUp(t *testing.T) {
	cors := mustNew(t, Config{OriginFunc: func(context.Context, OriginRequest) (bool, error) { return true, nil }})
	d := cors.Decide(context.Background(), from("file://"))
	if v := cors.Policy().Verdict(from("file://"), &d); d.OriginAllowed || v.Reason != ReasonOriginNotAllowed {
		t.Errorf("got allowed %v, reason %v, want a denial as an origin that is not listed", d.OriginAllowed, v.Reason)
	}
}
