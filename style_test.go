package corselet_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
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

// A tab counts as four columns. Tests are exempt, whose tables read better with a case on one line, and benchmarks,
// which nobody imports.
func TestLinesAreShort(t *testing.T) {
	const limit = 120
	inCheckout(t)
	wanted := func(name string) bool {
		exempt := strings.HasSuffix(name, "_test.go") || moduleDir(name) == "benchmarks"
		return path.Ext(name) == ".go" && !exempt
	}
	for _, name := range tree(t, wanted) {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		number := 0
		for line := range strings.Lines(string(data)) {
			number++
			line = strings.ReplaceAll(strings.TrimSuffix(line, "\n"), "\t", "    ")
			if columns := utf8.RuneCountInString(line); columns > limit {
				t.Errorf("%s:%d: got %d columns, want at most %d", name, number, columns, limit)
			}
		}
	}
}

func TestEveryExportedNameIsDocumented(t *testing.T) {
	for _, m := range modules(t) {
		for name, file := range goFiles(t, m.dir, parser.ParseComments|parser.SkipObjectResolution) {
			if strings.HasSuffix(name, "_test.go") || file.Name.Name == "main" {
				continue
			}
			for _, decl := range file.Decls {
				for _, missing := range undocumented(decl) {
					t.Errorf("%s: got no comment on %s, want one that says what it is for", name, missing)
				}
			}
		}
	}
}

// undocumented returns the exported names that a declaration leaves without a comment. For constants and variables
// one comment on the group is enough.
func undocumented(decl ast.Decl) []string {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() && d.Doc == nil && (d.Recv == nil || isExportedReceiver(d.Recv)) {
			return []string{d.Name.Name}
		}
	case *ast.GenDecl:
		var names []string
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				if s.Name.IsExported() && d.Doc == nil && s.Doc == nil && s.Comment == nil {
					names = append(names, s.Name.Name)
				}
			case *ast.ValueSpec:
				if s.Names[0].IsExported() && d.Doc == nil && s.Doc == nil && s.Comment == nil {
					names = append(names, s.Names[0].Name)
				}
			}
		}
		return names
	}
	return nil
}

func isExportedReceiver(receivers *ast.FieldList) bool {
	exported := false
	ast.Inspect(receivers.List[0].Type, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		exported = exported || ok && id.IsExported()
		return !ok
	})
	return exported
}
