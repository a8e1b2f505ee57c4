package core

// isToken reports whether s is a token, the syntax of methods and header names.
//
// https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2
func isToken(s string) bool {
	for i := 0; i < len(s); i++ {
		if classes[s[i]]&classToken == 0 {
			return false
		}
	}
	return s != ""
}

// equalFold reports whether a and b are equal but for the case of ASCII letters ("a byte-case-insensitive match").
// Unlike [strings.EqualFold] it knows no Unicode: "ſ" is not "s" here.
func equalFold(a, b string) bool {
	return len(a) == len(b) && compareFold(a, b) == 0
}

// compareFold compares a and b as if both were lower-case, by bytes.
func compareFold(a, b string) int {
	for i := 0; i < len(a) && i < len(b); i++ {
		if x, y := lower(a[i]), lower(b[i]); x != y {
			return int(x) - int(y)
		}
	}
	return len(a) - len(b)
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + ('a' - 'A')
	}
	return c
}

// A byte's classes, as bits.
const (
	classToken  = 1 << iota // RFC 9110: tchar
	classHost               // what a label of a serialized host is made of
	classScheme             // what a serialized scheme is made of
	classDigit
)

// classes maps a byte to its classes, so that the parsers of this package test a byte by one look-up.
var classes = func() (table [256]uint8) {
	set := func(class uint8, members string) {
		for _, c := range []byte(members) {
			table[c] |= class
		}
	}
	const digits, lowerCase, upperCase = "0123456789", "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	set(classToken, "!#$%&'*+-.^_`|~"+digits+lowerCase+upperCase)
	set(classHost, "-_"+digits+lowerCase)
	set(classScheme, "+-."+digits+lowerCase)
	set(classDigit, digits)
	return table
}()
