package otelcors

import (
	"os"
	"strings"
	"testing"
)

// A release writes its version into go.mod and into this module's code; see scripts/release.sh.
func TestVersionIsThatOfTheSiblings(t *testing.T) {
	data, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	if want := "\tgithub.com/corselet/corselet v" + Version + "\n"; !strings.Contains(string(data), want) {
		t.Errorf("got version %s, want the one that go.mod requires of core:\n%s", Version, data)
	}
}
