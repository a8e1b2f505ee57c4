package core

import "testing"

func TestVaryCovers(t *testing.T) {
	tests := []struct {
		line, name string
		want       bool
	}{
		{"", "Origin", false},
		{"Origin", "Origin", true},
		{"origin", "Origin", true},
		{"Accept-Encoding, ORIGIN", "Origin", true},
		{"Accept,\tOrigin ,Cookie", "Origin", true},
		{"*", "Origin", true},
		{"Accept, *", "Origin", true},
		{"X-Origin", "Origin", false},
		{"Origins", "Origin", false},
		{",,", "Origin", false},
		{"Orıgin", "Origin", false},
	}
	for _, test := range tests {
		if got := VaryCovers(test.line, test.name); got != test.want {
			t.Errorf("VaryCovers(%q, %q): got %v, want %v", test.line, test.name, got, test.want)
		}
	}
}
