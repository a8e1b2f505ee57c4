package core

import (
	"slices"
	"strings"
	"testing"
)

// naiveNames is what headerList has to agree with.
func naiveNames(lines []string) (names []string, valid bool) {
	empty := 0
	if len(lines) == 0 {
		return nil, true
	}
	if len(strings.Join(lines, "")) > 8<<10 {
		return nil, false
	}
	for element := range strings.SplitSeq(strings.Join(lines, ","), ",") {
		element = strings.Trim(element, " \t")
		switch {
		case element == "":
			empty++
		case strings.Trim(element, "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") != "":
			return names, false
		default:
			names = append(names, element)
		}
		if empty > 32 || len(names) > 128 {
			return names, false
		}
	}
	return names, true
}

func readNames(lines []string) (names []string, valid bool) {
	list := newHeaderList(StringLines(lines))
	for {
		name, ok := list.next()
		if !ok {
			return names, !list.invalid
		}
		names = append(names, name)
	}
}

func TestHeaderListReads(t *testing.T) {
	tests := []struct {
		name  string
		lines []string
		want  []string
		valid bool
	}{
		{"no lines", nil, nil, true},
		{"an empty line", []string{""}, nil, true},
		{"one name", []string{"a"}, []string{"a"}, true},
		{"several names", []string{"a,b,c"}, []string{"a", "b", "c"}, true},
		{"white space", []string{" a\t, \tb "}, []string{"a", "b"}, true},
		{"empty elements", []string{",a,,b,"}, []string{"a", "b"}, true},
		{"several lines", []string{"a,b", "", "c"}, []string{"a", "b", "c"}, true},
		{"duplicates and case", []string{"A,a,a"}, []string{"A", "a", "a"}, true},
		{"white space inside", []string{"a b"}, nil, false},
		{"an invalid name behind a valid one", []string{"a,b c"}, []string{"a"}, false},
		{"a control byte", []string{"a\x00"}, nil, false},
		{"160 lines that are empty or hold a name", append(slices.Repeat([]string{""}, 32), slices.Repeat([]string{"a"}, 128)...), slices.Repeat([]string{"a"}, 128), true},
		{"161 lines", slices.Repeat([]string{"a"}, 161), nil, false},
	}
	for _, test := range tests {
		got, valid := readNames(test.lines)
		if !slices.Equal(got, test.want) || valid != test.valid {
			t.Errorf("%s: got %q %v, want %q %v", test.name, got, valid, test.want, test.valid)
		}
	}
}

func FuzzHeaderList(f *testing.F) {
	f.Add("content-type,x-a", "x-b")
	f.Add(" ,\t,a,, ", "")
	f.Add(strings.Repeat("a,", 127), "b")
	f.Add(strings.Repeat(",", 31), "b")
	f.Add(strings.Repeat(" ", 8<<10), "")
	f.Fuzz(func(t *testing.T, first, second string) {
		for _, lines := range [][]string{{first}, {first, second}, {second, first, second}} {
			got, valid := readNames(lines)
			want, wantValid := naiveNames(lines)
			if valid != wantValid || valid && !slices.Equal(got, want) {
				t.Fatalf("%q: got %q %v, want %q %v", lines, got, valid, want, wantValid)
			}
		}
	})
}
