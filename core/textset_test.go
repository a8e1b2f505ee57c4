package core

import (
	"fmt"
	"testing"
)

func TestATextSetFindsItsTextsAndNoOthers(t *testing.T) {
	for _, size := range []int{0, 1, fewTexts, fewTexts + 1, 7, 8, 9, 1000, 10_000} {
		t.Run(fmt.Sprint(size, " texts"), func(t *testing.T) {
			texts := []string{}
			for i := range size {
				texts = append(texts, fmt.Sprint("https://", i, ".example.com"))
			}
			s := newTextSet(append(texts, texts...))
			for _, text := range texts {
				if own, ok := s.find(text); !ok || own != text {
					t.Errorf("%s: got %q, %v, want it found", text, own, ok)
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

// Few others hash to the same slot, but some do: each slot is asked for by a text that is not in the set.
func TestATextSetEndsItsSearchForWhatIsMissing(t *testing.T) {
	for size := fewTexts + 1; size < 70; size++ {
		texts := make([]string, size)
		for i := range texts {
			texts[i] = fmt.Sprint("in", i)
		}
		s := newTextSet(texts)
		empty := 0
		for _, slot := range s.slots {
			if slot == 0 {
				empty++
			}
		}
		if empty*2 < len(s.slots) {
			t.Errorf("%d texts: %d of %d slots are empty, want half of them or more", size, empty, len(s.slots))
		}
		for i := range 1000 {
			if own, ok := s.find(fmt.Sprint("out", i)); ok {
				t.Fatalf("%d texts: got %q, want nothing", size, own)
			}
		}
	}
}
