package core

import "strings"

// A nameList walks the elements of a list of header names: the value of Access-Control-Request-Headers, on one line
// or several. Order, case, duplicates (Firefox sends them), optional white space and empty elements are all fine, as
// RFC 9110 section 5.6.1 asks of a recipient.
//
// Work is bounded: a list of more than maxListBytes, or with more than maxListNames names or maxListEmpty empty
// elements, is invalid, and nothing past the bound is read.
type nameList struct {
	lines   []string // lines not begun yet
	line    string   // what is left of the line begun
	more    bool     // the line begun has another element
	names   int
	empty   int
	invalid bool
}

// Bounds of a header-name list. The longest that browsers send in practice are a few hundred bytes.
const (
	maxListBytes = 8 << 10
	maxListNames = 128
	maxListEmpty = 32

	// MaxListLines is how many lines of Access-Control-Request-Headers matter to a policy: each holds at least a
	// name or an empty element, so a list of more lines is over a bound. An adapter that has to copy the lines may
	// stop there.
	MaxListLines = maxListNames + maxListEmpty + 1
)

func newNameList(lines []string) nameList {
	l := nameList{lines: lines, invalid: len(lines) >= MaxListLines}
	if l.invalid {
		return l
	}
	total := 0
	for _, line := range lines {
		total += len(line)
	}
	l.invalid = total > maxListBytes
	return l
}

// next returns the next name as it was sent, or false at the end of the list and at the element that makes it
// invalid; l.invalid tells the two apart.
func (l *nameList) next() (string, bool) {
	for !l.invalid {
		if !l.more {
			if len(l.lines) == 0 {
				return "", false
			}
			l.line, l.lines = l.lines[0], l.lines[1:]
		}
		var element string
		element, l.line, l.more = cutElement(l.line)
		if element == "" {
			l.empty++
			l.invalid = l.empty > maxListEmpty
			continue
		}
		l.names++
		l.invalid = l.names > maxListNames || !isToken(element)
		if !l.invalid {
			return element, true
		}
	}
	return "", false
}

// valid reads the list to its end and reports whether it is valid and names anything at all.
func (l *nameList) valid() bool {
	for {
		if _, ok := l.next(); !ok {
			return !l.invalid && l.names > 0
		}
	}
}

// cutElement returns the first element of a comma-separated line without the optional white space around it, what
// follows its comma, and whether there was a comma.
func cutElement(line string) (element, rest string, more bool) {
	element, rest, more = strings.Cut(line, ",")
	return strings.Trim(element, " \t"), rest, more
}
