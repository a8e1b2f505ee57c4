// Package token knows the syntax of methods and header names, and compares them without regard to
// case. It may know the standard library only.
package token

// IsValid reports whether s is a token.
//
// https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2
func IsValid(s string) bool {
	for i := 0; i < len(s); i++ {
		if !valid[s[i]] {
			return false
		}
	}
	return s != ""
}

// valid says which bytes a token consists of.
var valid = func() (table [256]bool) {
	const members = "!#$%&'*+-.^_`|~0123456789" +
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	for _, c := range []byte(members) {
		table[c] = true
	}
	return table
}()

// EqualFold reports whether a and b are equal but for the case of ASCII letters ("a
// byte-case-insensitive match"). Unlike [strings.EqualFold] it knows no Unicode: "ſ" is not "s"
// here.
func EqualFold(a, b string) bool {
	return len(a) == len(b) && CompareFold(a, b) == 0
}

// CompareFold compares a and b as if both were in lower case, by bytes.
func CompareFold(a, b string) int {
	for i := 0; i < len(a) && i < len(b); i++ {
		if x, y := Lower(a[i]), Lower(b[i]); x != y {
			return int(x) - int(y)
		}
	}
	return len(a) - len(b)
}

// Lower returns an ASCII letter in lower case, and any other byte as it is.
func Lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + ('a' - 'A')
	}
	return c
}
