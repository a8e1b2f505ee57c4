package core

import (
	"fmt"
	"hash/maphash"
	"strings"
	"testing"
	"unsafe"
)

func TestATextSetFindsItsTextsAndNoOthers(t *testing.T) {
	for _, size := range []int{0, 1, fewTexts, fewTexts + 1, 7, 8, 9, 1000, 1<<16 + 1} {
		t.Run(fmt.Sprint(size, " texts"), func(t *testing.T) {
			texts := []string{}
			for i := range size {
				texts = append(texts, fmt.Sprint("https://", i, ".example.com"))
			}
			s := newTextSet(append(texts, texts...))
			for _, text := range texts {
				own, ok := s.find(strings.Clone(text))
				if !ok || own != text {
					t.Errorf("%s: got %q, %v, want it found", text, own, ok)
				}
				if unsafe.StringData(own) != unsafe.StringData(text) {
					t.Errorf("%s: got what was asked with, want the set's own copy", text)
				}
				for _, other := range []string{text + "a", text[1:], text[:len(text)-1], ""} {
					if own, ok := s.find(other); ok {
						t.Errorf("%q: got %q, want nothing", other, own)
					}
				}
			}
		})
	}
}

// One in four billion pairs of texts has the same half of a hash. A stranger's must not pass for what it resembles.
func TestATextSetIsNotFooledByAHash(t *testing.T) {
	s := newTextSet([]string{"a", "b", "c", "d", "e"})
	hash := maphash.String(s.seed, "stranger")
	at := hash & s.mask()
	for s.slots[at] != 0 {
		at = (at + 1) & s.mask()
	}
	s.slots[at] = hash&^lowerHalf | 1
	if own, ok := s.find("stranger"); ok {
		t.Errorf("got %q, want nothing", own)
	}
}

// A search ends at the next empty slot, so there must be enough of them, and no more than memory allows.
func TestATextSetIsHalfEmpty(t *testing.T) {
	tests := []struct {
		name   string
		texts  int
		copies int
	}{
		{"just too many to compare them all", fewTexts + 1, 1},
		{"a power of two", 64, 1},
		{"one more than that", 65, 1},
		{"many", 100_000, 1},
		{"many times the same few", fewTexts + 1, 20_000},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var texts []string
			for i := range test.texts * test.copies {
				texts = append(texts, fmt.Sprint(i%test.texts))
			}
			s := newTextSet(texts)
			if s.slots == nil {
				t.Fatal("got no table, want one")
			}
			full, longest, run := 0, 0, 0
			for _, slot := range s.slots {
				if slot == 0 {
					run = 0
					continue
				}
				full++
				run++
				longest = max(longest, run)
			}
			if full != test.texts || len(s.slots) < 2*full || len(s.slots) > 4*len(texts) {
				t.Errorf("%d of %d slots are full, want %d", full, len(s.slots), test.texts)
			}
			if longest > 100 {
				t.Errorf("%d full slots stand in a row, want at most 100", longest)
			}
		})
	}
}
