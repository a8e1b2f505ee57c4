package origin

import (
	"strconv"
	"strings"
)

// isIPv4 reports whether s is four decimal numbers up to 255 without leading zeros.
func isIPv4(s string) bool {
	parts := 0
	for more := true; more; parts++ {
		var part string
		part, s, more = strings.Cut(s, ".")
		if n, ok := decimal(part, 3); !ok || n > 255 {
			return false
		}
	}
	return parts == 4
}

// isIPv6 reports whether s is an IPv6 address in the form to which browsers serialize it. It reads
// the pieces, writes them as the URL standard says, and compares: that leaves one spelling of each
// address.
//
// https://url.spec.whatwg.org/#concept-ipv6-serializer
func isIPv6(s string) bool {
	pieces, ok := parseIPv6(s)
	if !ok {
		return false
	}
	var buf [len("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]byte
	return string(appendIPv6(buf[:0], pieces)) == s
}

// parseIPv6 reads hexadecimal pieces, of which one run of zeros may be written "::". It is lenient,
// because leading zeros and a misplaced "::" come out differently when written again.
func parseIPv6(s string) (pieces [8]uint16, ok bool) {
	head, tail, compressed := strings.Cut(s, "::")
	n, ok := parsePieces(pieces[:], head)
	if !ok || !compressed {
		return pieces, ok && n == len(pieces)
	}
	var after [8]uint16
	m, ok := parsePieces(after[:], tail)
	if !ok || n+m >= len(pieces) {
		return pieces, false
	}
	copy(pieces[len(pieces)-m:], after[:m])
	return pieces, true
}

// parsePieces reads pieces that ":" separates into dst and returns how many there were.
func parsePieces(dst []uint16, s string) (n int, ok bool) {
	for more := s != ""; more; n++ {
		var piece string
		piece, s, more = strings.Cut(s, ":")
		if n == len(dst) || piece == "" || len(piece) > 4 {
			return n, false
		}
		for i := 0; i < len(piece); i++ {
			digit := strings.IndexByte("0123456789abcdef", piece[i])
			if digit < 0 {
				return n, false
			}
			dst[n] = dst[n]<<4 | uint16(digit)
		}
	}
	return n, true
}

// CanonicalIPv6 returns an IPv6 address, given without brackets, as browsers write it, in brackets.
func CanonicalIPv6(s string) (host string, ok bool) {
	pieces, ok := parseIPv6(s)
	if !ok {
		return "", false
	}
	return "[" + string(appendIPv6(nil, pieces)) + "]", true
}

// appendIPv6 writes the address as browsers do: the first longest run of at least two zero pieces
// becomes "::".
func appendIPv6(dst []byte, pieces [8]uint16) []byte {
	zeros, length := longestZeros(pieces)
	for i := 0; i < len(pieces); i++ {
		if i == zeros && length > 1 {
			dst = append(dst, "::"...)
			i += length - 1
			continue
		}
		if i > 0 && dst[len(dst)-1] != ':' {
			dst = append(dst, ':')
		}
		dst = strconv.AppendUint(dst, uint64(pieces[i]), 16)
	}
	return dst
}

// longestZeros returns where the first longest run of zero pieces starts, and its length.
func longestZeros(pieces [8]uint16) (start, length int) {
	run := 0
	for i, piece := range pieces {
		if piece != 0 {
			run = 0
			continue
		}
		if run++; run > length {
			start, length = i+1-run, run
		}
	}
	return start, length
}
