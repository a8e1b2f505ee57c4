package core

import (
	"strings"

	"github.com/corselet/corselet/core/internal/token"
)

// A headerList reads a list of header names: the value of Access-Control-Request-Headers, on one
// line or several. Order, case, duplicates (Firefox sends them), optional white space and empty
// elements are all fine, as RFC 9110 section 5.6.1 asks of a recipient.
//
// Work is bounded: a list of more than maxListBytes, or with more than maxListNames names or
// maxListEmpty empty elements, is invalid, and nothing past the bound is read.
type headerList struct {
	lines   Lines
	begun   int    // how many of the lines were begun
	line    string // what is left of the last one of these
	more    bool   // it has another element
	names   int
	empty   int
	invalid bool
}

// Bounds of a list of header names. The longest that browsers send in practice are a few hundred
// bytes. Each line holds a name or an empty element at least, so that more than maxListLines are
// over a bound.
const (
	maxListBytes = 8 << 10
	maxListNames = 128
	maxListEmpty = 32
	maxListLines = maxListNames + maxListEmpty
)

func newHeaderList(lines Lines) headerList {
	l := headerList{lines: lines, invalid: lines.Len() > maxListLines}
	total := 0
	for i := 0; i < lines.Len() && !l.invalid; i++ {
		total += len(lines.At(i))
		l.invalid = total > maxListBytes
	}
	return l
}

// next returns the next name as it was sent, or false at the end of the list and at the element
// that makes it invalid; l.invalid tells the two apart.
func (l *headerList) next() (name string, ok bool) {
	for !l.invalid {
		if !l.more {
			if l.begun == l.lines.Len() {
				return "", false
			}
			l.line = l.lines.At(l.begun)
			l.begun++
		}
		var element string
		element, l.line, l.more = cutElement(l.line)
		if element == "" {
			l.empty++
			l.invalid = l.empty > maxListEmpty
			continue
		}
		l.names++
		l.invalid = l.names > maxListNames || !token.IsValid(element)
		if !l.invalid {
			return element, true
		}
	}
	return "", false
}

// isValid reads the list to its end and reports whether it is valid and has a name in it.
func (l *headerList) isValid() bool {
	for {
		if _, ok := l.next(); !ok {
			return !l.invalid && l.names > 0
		}
	}
}

// cutElement returns the first element of a comma-separated line without the optional white space
// around it, what follows its comma, and whether there was a comma.
func cutElement(line string) (element, rest string, more bool) {
	element, rest, more = strings.Cut(line, ",")
	return strings.Trim(element, " \t"), rest, more
}
