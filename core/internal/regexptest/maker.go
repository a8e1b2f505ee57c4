package regexptest

import (
	"math/rand/v2"
	"strings"

	"github.com/corselet/corselet/core/internal/automaton"
	"github.com/corselet/corselet/core/internal/domain"
)

// A Maker makes random regexps out of what matters: anchors, dots, repetitions, alternations,
// classes, and bits of origins.
type Maker struct{ *rand.Rand }

func (m Maker) pick(list ...string) string { return list[m.IntN(len(list))] }

// expr returns a regexp of at most the given depth.
func (m Maker) expr(depth int) string {
	if depth == 0 {
		return m.pick(`a`, `b`, `ab`, `.`, `\.`, `:`, `/`, `-`, `[a-c]`, `[^a.]`, `\d`, `\w`, `1`,
			`8`, `^`, `$`, `\z`, `\A`, `(?i:A)`, `com`, `example\.com`, `localhost`,
			`127\.0\.0\.1`, `\[::1\]`, `(?m:^)`, `(?m:$)`, ``)
	}
	switch m.IntN(7) {
	case 0:
		return "(?:" + m.expr(depth-1) + "|" + m.expr(depth-1) + ")"
	case 1:
		return "(?:" + m.expr(depth-1) + ")" + m.pick("*", "+", "?", "*?", "+?", "??", "{2}",
			"{1,3}", "{2,}")
	case 2:
		return m.pick(".*", ".+", `[a-z]+`, `[^/]*`, `(?:.*\.)?`) + m.expr(depth-1)
	default:
		return m.expr(depth-1) + m.expr(depth-1)
	}
}

// Whole returns a regexp that has a chance to match an origin.
func (m Maker) Whole() string {
	return m.pick("https://", "^https://", "https?://", "", "(?:https|app)://",
		"http://") + m.expr(2+m.IntN(3)) +
		m.pick("", "", `\.com`, `(:\d+)?`, "$", ":8080")
}

// several returns up to limit-1 texts that piece makes, one after the other.
func (m Maker) several(limit int, piece func() string) string {
	var text strings.Builder
	for range m.IntN(limit) {
		text.WriteString(piece())
	}
	return text.String()
}

// Origin returns a random text that is often an origin.
func (m Maker) Origin() string {
	return m.pick("https://", "http://", "app://", "https://", "h") +
		m.several(8, func() string {
			return m.pick("a", "b", "ab", ".", "1", "-", "com", "example.com", "localhost",
				"127.0.0.1", "[::1]", "c", "8")
		}) + m.pick("", "", ".com", ":8080", ":1", ":80")
}

// Pinned returns a regexp over bits of names that matter to the public suffix list.
func (m Maker) Pinned() string {
	labels := func() string {
		return m.several(3, func() string {
			return m.pick(`a`, `[a-b]`, `[a-z]+`, `www`, `(www\.)?`, `(www\.?)?`, `.*`, `[^/]*`,
				`[^.]+`, `s3`, `(a|b)`, `.`, `\.`, `city`, `x-`) +
				m.pick(`\.`, `\.`, `\.`, ``, `.`, `\.?`)
		})
	}
	domain := func() string {
		return m.pick(`example\.com`, `example.com`, `github\.io`, `example\.co\.uk`, `co\.uk`,
			`ck`, `www\.ck`, `foo\.ck`, `kawasaki\.jp`, `city\.kawasaki\.jp`, `amazonaws\.com`,
			`s3\.amazonaws\.com`, `internal`, `localhost`, `10\.0\.0\.\d`, `127\.0\.0\.\d+`,
			`\[::[1-3]\]`, `example\.(com|org)`, `fastly\.net`, `map\.fastly\.net`,
			`(prod\.)?global\.ssl\.fastly\.net`, `salesforce\.com`, `com`, `[a-c]\.com`,
			`(a|b)?a\.com`)
	}
	expr := m.pick(`https://`, `https?://`, `http://`, `(app|https)://`, `[a-z]+://`, `app://`) +
		labels() + domain() + m.pick(``, ``, `(:\d+)?`, `:8080`)
	if m.IntN(4) == 0 {
		return expr + "|https://" + labels() + domain()
	}
	return expr
}

// Host returns a random origin in whose name public suffixes hide.
func (m Maker) Host() string {
	return m.pick("https://", "http://", "app://") +
		m.several(4, func() string {
			return m.pick("a", "b", "www", "s3", "city", "foo", "example", "map", "prod",
				"global.ssl", "x-a", "wwwexample") + "."
		}) +
		m.pick("example.com", "github.io", "co.uk", "ck", "kawasaki.jp", "amazonaws.com",
			"internal", "localhost", "10.0.0.1", "127.0.0.1", "fastly.net", "com",
			"wwwexample.com", "aexample.com") + m.pick("", "", ":8080")
}

// Walk returns a random text that d accepts, or "" if it lost its way.
func Walk(random *rand.Rand, d *automaton.DFA) string {
	distance, alphabet := d.Distances(&automaton.Budget{Left: Work}), d.Alphabet()
	s, text := automaton.Start, ""
	for range 60 {
		if d.IsFinal(s) && random.IntN(4) == 0 || distance[s] == automaton.Unreachable {
			break
		}
		var options []int
		for symbol, next := range d.Row(s) {
			nearer := distance[next] < distance[s]
			if distance[next] != automaton.Unreachable && (len(text) < 30 || nearer) {
				options = append(options, symbol)
			}
		}
		if len(options) == 0 {
			break
		}
		symbol := options[random.IntN(len(options))]
		text, s = text+string(alphabet.Symbol(symbol)), d.Row(s)[symbol]
	}
	return text
}

// Mutate changes a few bytes of text.
func Mutate(random *rand.Rand, text string) string {
	alphabet := domain.Shape().Alphabet()
	b := []byte(text)
	for range random.IntN(3) {
		if len(b) > 0 {
			b[random.IntN(len(b))] = alphabet.Symbol(random.IntN(alphabet.Size()))
		}
	}
	return string(b)
}
