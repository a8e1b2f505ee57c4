// Package textset finds a text among many. It may know nothing of this module.
package textset

import (
	"hash/maphash"
	"math/bits"
	"strings"
)

// A Set is a list of texts, some of which can be found. It is what a slice and a map would be, but
// for what a look-up among very many waits for: memory. All texts are in one string, and a table of
// integers says where. A look-up touches two places, a slot and a text, and a million texts need
// less memory than their string headers in a slice and a map would. A few texts are compared one
// after another.
//
// A slot is zero, or holds the offset of a text plus one, its length, and some bits of its hash. A
// text is in the slot that its hash names, or behind it before the next empty one; a third of the
// slots or more are empty. The seed is random, so that no one can choose texts that pile up.
type Set struct {
	texts string // each with end behind it
	few   []string
	slots []uint64
	seed  maphash.Seed
}

const (
	// MaxLength is the greatest length of a text that can be found.
	MaxLength = 1<<lengthBits - 1

	few        = 4 // up to how many it is faster to compare them all
	end        = '\n'
	offsetBits = 40
	lengthBits = 9
	tagBits    = 64 - offsetBits - lengthBits
)

// New returns a set of texts, none of which has a line feed in it. Those for whose index find
// reports true can be found; they have at most MaxLength bytes. Duplicates are fine.
func New(texts []string, find func(i int) bool) Set {
	n, size := 0, 0
	for i, text := range texts {
		if find(i) {
			n++
		}
		size += len(text) + 1
	}
	var all strings.Builder
	all.Grow(size)
	for _, text := range texts {
		all.WriteString(text)
		all.WriteByte(end)
	}
	s := Set{texts: all.String()}
	if n > few {
		s.seed = maphash.MakeSeed()
		s.slots = make([]uint64, n+n/2)
	}
	offset := 0
	for i, text := range texts {
		if find(i) {
			s.add(offset, len(text))
		}
		offset += len(text) + 1
	}
	return s
}

func (s *Set) add(offset, length int) {
	text := s.texts[offset : offset+length]
	if _, again := s.Find(text); again {
		return // duplicates would pile up one behind the other
	}
	if s.slots == nil {
		s.few = append(s.few, text)
		return
	}
	at, key := s.place(text)
	for s.slots[at] != 0 {
		at = s.after(at)
	}
	s.slots[at] = key | uint64(offset+1)
}

// place returns the slot that the hash of text names, and what is in the upper bits of its slot.
func (s *Set) place(text string) (at int, key uint64) {
	hash := maphash.String(s.seed, text)
	high, _ := bits.Mul64(hash, uint64(len(s.slots)))
	return int(high), (hash<<lengthBits | uint64(len(text))) << offsetBits
}

func (s *Set) after(at int) int {
	if at++; at < len(s.slots) {
		return at
	}
	return 0
}

// Find returns the set's own copy of text.
func (s *Set) Find(text string) (own string, ok bool) {
	if s.slots == nil {
		for _, own := range s.few {
			if own == text {
				return own, true
			}
		}
		return "", false
	}
	if len(text) > MaxLength {
		return "", false
	}
	at, key := s.place(text)
	for ; s.slots[at] != 0; at = s.after(at) {
		if slot := s.slots[at]; slot>>offsetBits == key>>offsetBits {
			offset := slot&(1<<offsetBits-1) - 1
			if own := s.texts[offset : offset+uint64(len(text))]; own == text {
				return own, true
			}
		}
	}
	return "", false
}

// Texts returns all texts in their order.
func (s *Set) Texts() []string {
	if s.texts == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(s.texts, string(end)), string(end))
}
