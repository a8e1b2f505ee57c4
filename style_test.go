package corselet_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// An adapter that needs more has taken over a job of core's.
func TestAdaptersAreShort(t *testing.T) {
	const limit = 150
	for _, dir := range append(adapters(t), "fasthttpcors") { // which holds a part of two of them
		for _, name := range sources(t, dir) {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if lines := bytes.Count(data, []byte("\n")); lines > limit {
				t.Errorf("%s: got %d lines, want at most %d", name, lines, limit)
			}
		}
	}
}

// adapters returns the directories of the packages that put core in front of a framework.
func adapters(t *testing.T) []string {
	t.Helper()
	inCheckout(t)
	files, err := filepath.Glob("*cors/*cors.go")
	if err != nil {
		t.Fatal(err)
	}
	var dirs []string
	for _, file := range files {
		if dir := filepath.Dir(file); filepath.Base(file) == dir+".go" && dir != "otelcors" {
			dirs = append(dirs, dir)
		}
	}
	if len(dirs) < 4 {
		t.Fatalf("got adapters %v, want at least four", dirs)
	}
	return dirs
}

// sources returns the Go files of a directory that are no tests.
func sources(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(files, func(name string) bool { return strings.HasSuffix(name, "_test.go") })
}
