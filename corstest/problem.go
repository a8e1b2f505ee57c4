package corstest

import (
	"fmt"
	"slices"
	"unicode/utf8"
)

// problemList collects sentences that say what is wrong.
type problemList struct{ list *[]string }

func (p problemList) add(format string, args ...any) {
	*p.list = append(*p.list, shorten(fmt.Sprintf(format, args...)))
}

func (p problemList) compare(what string, got, want any) {
	if got != want {
		p.add("%s: got %+v, want %+v", what, got, want)
	}
}

func (p problemList) compareLists(what string, got, want []string) {
	if !slices.Equal(got, want) {
		p.add("%s: got %q, want %q", what, got, want)
	}
}

// shorten keeps long values of hostile requests out of the terminal.
func shorten(s string) string {
	const limit = 2000
	if len(s) <= limit {
		return s
	}
	for n := limit; ; n-- {
		if utf8.RuneStart(s[n]) {
			return s[:n] + " …"
		}
	}
}
