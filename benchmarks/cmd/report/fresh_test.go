package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What is committed must be what the report writes from the committed numbers: nothing typed by hand, nothing from an
// older run, nothing left out.
func TestCommittedReportsAreOfTheCommittedNumbers(t *testing.T) {
	const cure = "run `GOWORK=off go run ./cmd/report` in benchmarks, or add -from results.json if only words have changed, " +
		"and commit all that it writes"
	module := filepath.Join("..", "..")
	r, err := read(filepath.Join(module, "results.json"))
	if err != nil {
		t.Fatalf("%v; %s", err, cure)
	}
	if r.Setup.partial() {
		t.Errorf("results.json holds a part only; %s", cure)
	}
	files := map[string]string{"RESULTS.md": string(r.markdown())}
	charts, err := r.charts()
	if err != nil {
		t.Fatal(err)
	}
	for name, svg := range charts {
		files[filepath.Join("charts", name)] = string(svg)
	}
	for name, want := range files {
		if got := text(t, filepath.Join(module, name)); got != want {
			t.Errorf("%s is not what results.json makes it; %s", name, cure)
		}
	}
	readme := text(t, filepath.Join(module, "..", "README.md"))
	if strings.Count(readme, blockBegin+r.block()+blockEnd) != 1 {
		t.Errorf("the root's README does not hold the block that results.json makes; %s", cure)
	}
}

func text(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestReportsAreTheSameWhenReadBack(t *testing.T) {
	dir := t.TempDir()
	want := sampleReport()
	if err := want.write(dir); err != nil {
		t.Fatal(err)
	}
	got, err := read(filepath.Join(dir, "results.json"))
	if err != nil {
		t.Fatal(err)
	}
	if string(got.markdown()) != string(want.markdown()) || got.block() != want.block() {
		t.Error("a report that was written and read back says something else")
	}
	if string(got.markdown()) != text(t, filepath.Join(dir, "RESULTS.md")) {
		t.Error("RESULTS.md is not what the report says")
	}
}
