package origin

import "strings"

// A byte's classes, as bits.
const (
	classHost   = 1 << iota // a label of a serialized host is made of it
	classScheme             // a serialized scheme is made of it
	classDigit
	classOpaque // the host of another scheme than http and https is made of it
)

// classes maps a byte to its classes, so that the parser tests a byte by one look-up.
var classes = func() (table [256]uint8) {
	set := func(class uint8, members string) {
		for _, c := range []byte(members) {
			table[c] |= class
		}
	}
	const digits, letters = "0123456789", "abcdefghijklmnopqrstuvwxyz"
	set(classHost, "-_"+digits+letters)
	set(classScheme, "+-."+digits+letters)
	set(classDigit, digits)
	set(classOpaque, "-_."+digits+letters+strings.ToUpper(letters))
	return table
}()

// IsLabelByte reports whether a label of a serialized host may have b in it.
func IsLabelByte(b byte) bool { return classes[b]&classHost != 0 }
