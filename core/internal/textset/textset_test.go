package textset

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unsafe"
)

func all(int) bool { return true }

func TestASetFindsItsTextsAndNoOthers(t *testing.T) {
	for _, size := range []int{0, 1, few, few + 1, 7, 8, 9, 1000, 1<<16 + 1} {
		t.Run(fmt.Sprint(size, " texts"), func(t *testing.T) {
			texts := []string{}
			for i := range size {
				texts = append(texts, fmt.Sprint("https://", i, ".example.com"))
			}
			twice := slices.Concat(texts, texts)
			s := New(twice, all)
			for _, text := range texts {
				own, ok := s.Find(strings.Clone(text))
				if !ok || own != text {
					t.Errorf("%s: got %q, %v, want it found", text, own, ok)
				}
				if start := unsafe.StringData(s.texts); uintptr(unsafe.Pointer(unsafe.StringData(own)))-uintptr(unsafe.Pointer(start)) >= uintptr(len(s.texts)) {
					t.Errorf("%s: got a text from elsewhere, want the set's own copy", text)
				}
				for _, other := range []string{text + "a", text + "\n", text[1:], text[:len(text)-1], "", text + "\n" + texts[(slices.Index(texts[:min(size, 9)], text)+1)%size]} {
					if own, ok := s.Find(other); ok {
						t.Errorf("%q: got %q, want nothing", other, own)
					}
				}
			}
			if got := s.Texts(); !slices.Equal(got, twice) {
				t.Errorf("Texts: got %d, want all %d in their order", len(got), len(twice))
			}
		})
	}
}

func TestASetFindsOnlyTheTextsThatItWasToldTo(t *testing.T) {
	for _, size := range []int{few, 4 * few} {
		var texts []string
		for i := range size {
			texts = append(texts, fmt.Sprint("text ", i))
		}
		s := New(texts, func(i int) bool { return i%2 == 0 })
		for i, text := range texts {
			if _, ok := s.Find(text); ok != (i%2 == 0) {
				t.Errorf("%q of %d: got found %v, want %v", text, size, ok, i%2 == 0)
			}
		}
		if got := s.Texts(); !slices.Equal(got, texts) {
			t.Errorf("Texts: got %q, want %q", got, texts)
		}
	}
}

func TestATextHasABound(t *testing.T) {
	texts := []string{"a", "b", "c", "d", strings.Repeat("x", MaxLength)}
	s := New(texts, all)
	for length, want := range map[int]bool{MaxLength - 1: false, MaxLength: true, MaxLength + 1: false, 2*MaxLength + 1: false} {
		if _, ok := s.Find(strings.Repeat("x", length)); ok != want {
			t.Errorf("%d bytes: got found %v, want %v", length, ok, want)
		}
	}
}

// One in 32,768 pairs of texts of the same length has the same bits of a hash in its slot.
func TestASetIsNotFooledByAHash(t *testing.T) {
	s := New([]string{"aaaaa", "b", "c", "d", "e"}, all)
	at, key := s.place("other")
	for s.slots[at] != 0 {
		at = s.after(at)
	}
	s.slots[at] = key | 1
	if own, ok := s.Find("other"); ok {
		t.Errorf("got %q, want nothing", own)
	}
}

// A search ends at the next empty slot, so there must be enough of them, and no more than memory
// allows.
func TestAThirdOfTheSlotsIsEmpty(t *testing.T) {
	tests := []struct {
		name   string
		texts  int
		copies int
	}{
		{"just too many to compare them all", few + 1, 1},
		{"a power of two", 64, 1},
		{"one more than that", 65, 1},
		{"many", 100_000, 1},
		{"many times the same few", few + 1, 20_000},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var texts []string
			for i := range test.texts * test.copies {
				texts = append(texts, fmt.Sprint(i%test.texts))
			}
			s := New(texts, all)
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
			if full != test.texts || 2*len(s.slots) < 3*full-1 || 2*len(s.slots) > 3*len(texts) {
				t.Errorf("%d of %d slots are full, want %d", full, len(s.slots), test.texts)
			}
			if longest > 300 {
				t.Errorf("%d full slots are in a row, want at most 300", longest)
			}
		})
	}
}
