package core

import (
	"hash/maphash"
	"math/bits"
)

// A textSet finds a text among many. It is what a map would be, but for what a look-up among very many waits for:
// memory. A map's look-up touches five places, this one three, and needs a quarter of the room: the texts stay where
// they are, and a table of integers says where to look. Few texts are compared one after another.
//
// A slot of the table is zero, or holds the upper half of a text's hash above the text's index plus one. The text
// stands in the slot that the hash's lower bits name, or behind it before the next empty one; half of the slots or more
// are empty. The seed is random, so that nobody can choose texts that pile up.
type textSet struct {
	texts []string
	slots []uint64 // a power of two of them; nil if the texts are few
	seed  maphash.Seed
}

// fewTexts is up to how many it is faster to compare them all.
const fewTexts = 4

// newTextSet returns a set of the texts, which it keeps. Duplicates are fine.
func newTextSet(texts []string) textSet {
	s := textSet{texts: texts}
	if len(texts) <= fewTexts {
		return s
	}
	s.seed = maphash.MakeSeed()
	s.slots = make([]uint64, 2<<bits.Len(uint(len(texts)-1)))
	for i, text := range texts {
		if _, again := s.find(text); again {
			continue // duplicates would pile up behind one another
		}
		hash := maphash.String(s.seed, text)
		at := hash & s.mask()
		for s.slots[at] != 0 {
			at = (at + 1) & s.mask()
		}
		s.slots[at] = hash&^lowerHalf | uint64(i+1)
	}
	return s
}

const lowerHalf = 1<<32 - 1

func (s *textSet) mask() uint64 { return uint64(len(s.slots) - 1) }

// find returns the set's own copy of text.
func (s *textSet) find(text string) (own string, ok bool) {
	if s.slots == nil {
		for _, own := range s.texts {
			if own == text {
				return own, true
			}
		}
		return "", false
	}
	hash := maphash.String(s.seed, text)
	for at := hash & s.mask(); s.slots[at] != 0; at = (at + 1) & s.mask() {
		if slot := s.slots[at]; (slot^hash)&^lowerHalf == 0 {
			if own := s.texts[slot&lowerHalf-1]; own == text {
				return own, true
			}
		}
	}
	return "", false
}
