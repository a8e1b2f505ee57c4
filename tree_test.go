package corselet_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"strings"
	"testing"
)

// modules reads every go.mod of the tree.
func modules(t *testing.T) []module {
	t.Helper()
	inCheckout(t)
	var found []module
	for _, name := range tree(t, func(name string) bool { return path.Base(name) == "go.mod" }) {
		m := module{dir: path.Dir(name)}
		goEdit(t, &m, "mod", "edit", "-json", name)
		found = append(found, m)
	}
	return found
}

// inCheckout skips a test where only the root module is at hand, as in the module cache.
func inCheckout(t *testing.T) {
	t.Helper()
	if _, err := os.Stat("gincors/go.mod"); err != nil {
		t.Skip("needs a checkout of the repository:", err)
	}
}

// tree returns the files of the repository for which wanted holds, by their slash-separated names.
func tree(t *testing.T, wanted func(name string) bool) []string {
	t.Helper()
	var names []string
	err := fs.WalkDir(os.DirFS("."), ".", func(name string, entry fs.DirEntry, err error) error {
		hidden := name != "." && strings.HasPrefix(entry.Name(), ".")
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (hidden || entry.Name() == "testdata" || entry.Name() == "node_modules"):
			return fs.SkipDir
		case !entry.IsDir() && wanted(name):
			names = append(names, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// goFiles parses the Go files of one module, nested modules excluded.
func goFiles(t *testing.T, dir string, mode parser.Mode) map[string]*ast.File {
	t.Helper()
	files := map[string]*ast.File{}
	for _, name := range tree(t, func(name string) bool { return path.Ext(name) == ".go" }) {
		if moduleDir(name) != dir {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, mode)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = file
	}
	return files
}

// moduleDir returns the directory of the module that a file belongs to.
func moduleDir(name string) string {
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if _, err := os.Stat(path.Join(dir, "go.mod")); err == nil {
			return dir
		}
	}
	return "."
}

// goEdit runs the go command, and reads what it prints as JSON.
func goEdit(t *testing.T, into any, args ...string) {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Env = append(os.Environ(), "GOWORK=") // the workspace file is read even where it is switched off
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %s: %v", strings.Join(args, " "), err)
	}
	if err := json.Unmarshal(out, into); err != nil {
		t.Fatalf("go %s: %v", strings.Join(args, " "), err)
	}
}
