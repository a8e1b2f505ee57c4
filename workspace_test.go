// Package corselet_test checks what concerns the repository as a whole: its modules, its rules and its documents.
package corselet_test

import (
	"go/parser"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const rootModule = "github.com/corselet/corselet"

// standsOutside is the module whose dependencies must not raise those of the others.
const standsOutside = "benchmarks"

// module is what a go.mod says, as far as it matters here.
type module struct {
	dir     string // from the root, with slashes; "." for the root itself
	Module  struct{ Path string }
	Go      string
	Require []struct{ Path, Version string }
	Replace []struct {
		Old, New struct{ Path, Version string }
	}
}

func TestEveryModuleIsInTheWorkspace(t *testing.T) {
	var got []string
	for _, m := range modules(t) {
		if m.dir != standsOutside {
			got = append(got, m.dir)
		}
	}
	var workspace struct {
		Go  string
		Use []struct{ DiskPath string }
	}
	goEdit(t, &workspace, "work", "edit", "-json")
	var want []string
	for _, use := range workspace.Use {
		want = append(want, path.Clean(use.DiskPath))
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got go.mod files in %v, but go.work uses %v", got, want)
	}
	if workspace.Go != goVersion {
		t.Errorf("got go %s in go.work, want %s", workspace.Go, goVersion)
	}
}

// goVersion is the lower of the two Go releases that are supported.
const goVersion = "1.26.0"

func TestEveryModuleSaysTheSameGoVersion(t *testing.T) {
	for _, m := range modules(t) {
		if m.Go != goVersion {
			t.Errorf("%s/go.mod: got go %s, want %s", m.dir, m.Go, goVersion)
		}
	}
}

func TestEveryModuleIsNamedAfterItsDirectory(t *testing.T) {
	for _, m := range modules(t) {
		if want := path.Join(rootModule, m.dir); m.Module.Path != want {
			t.Errorf("%s/go.mod: got module %s, want %s", m.dir, m.Module.Path, want)
		}
	}
}

// Between releases siblings are v0.0.0. A release gives all of them its version, and they keep it until the next one;
// the replace directives stay, and make the version irrelevant inside of the repository. See RELEASING.md.
func TestSiblingsHaveOneVersionAndAReplacement(t *testing.T) {
	version := regexp.MustCompile(`^v[01]\.\d+\.\d+(-[0-9a-z.]+)?$`)
	first := ""
	for _, m := range modules(t) {
		for _, require := range m.Require {
			if !isSibling(require.Path) {
				continue
			}
			if first == "" {
				first = require.Version
			}
			if require.Version != first || !version.MatchString(require.Version) {
				t.Errorf("%s/go.mod: got %s %s, want v0.0.0 or one release in the whole tree (%s elsewhere)",
					m.dir, require.Path, require.Version, first)
			}
			if !m.replaces(require.Path) {
				t.Errorf("%s/go.mod: got no replace directive for %s => its directory, want one", m.dir, require.Path)
			}
		}
	}
	if first == "" {
		t.Error("got no module that requires a sibling, want the adapters to")
	}
}

// replaces reports whether m replaces all versions of a sibling by the sibling's directory.
func (m *module) replaces(sibling string) bool {
	want := strings.TrimPrefix(strings.TrimPrefix(sibling, rootModule), "/")
	for _, r := range m.Replace {
		if r.Old.Path == sibling {
			return r.Old.Version == "" && path.Join(m.dir, r.New.Path) == path.Clean(want)
		}
	}
	return false
}

// Users may upgrade one module without the other, so an internal package would be an interface between versions.
func TestNoModuleImportsInternalPackagesOfAnother(t *testing.T) {
	for _, m := range modules(t) {
		for name, file := range goFiles(t, m.dir, parser.ImportsOnly) {
			for _, spec := range file.Imports {
				imported, err := strconv.Unquote(spec.Path.Value)
				if err != nil {
					t.Fatal(err)
				}
				internal := slices.Contains(strings.Split(imported, "/"), "internal")
				if internal && isSibling(imported) && owner(t, imported) != m.Module.Path {
					t.Errorf("%s: got an import of %s, want only exported packages of other modules", name, imported)
				}
			}
		}
	}
}

func isSibling(path string) bool {
	return path == rootModule || strings.HasPrefix(path, rootModule+"/")
}

// owner returns the path of the module that holds a package of this repository.
func owner(t *testing.T, pkg string) string {
	longest := ""
	for _, m := range modules(t) {
		p := m.Module.Path
		if (pkg == p || strings.HasPrefix(pkg, p+"/")) && len(p) > len(longest) {
			longest = p
		}
	}
	return longest
}
