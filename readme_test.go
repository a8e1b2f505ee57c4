package corselet_test

import (
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/corselet/corselet/core"
)

// What a README shows must work, so every fenced block is compared with something that runs:
//
//	go     a whole program is built and asked; anything else is, line by line, in a test next to the README
//	text   is in a test next to the README, as output
//	json   is a policy that compiles
//
// The same holds for docs/. For it, and for the README at the root, next to it means anywhere in the repository.

func TestREADMEProgramsRun(t *testing.T) {
	for _, dir := range append(adapters(t), "otelcors") {
		t.Run(dir, func(t *testing.T) {
			programs := blocks(t, path.Join(dir, "README.md"), "go", isProgram)
			if len(programs) == 0 {
				t.Fatalf("got no program in %s/README.md, want one to begin with", dir)
			}
			for _, program := range programs {
				checkProgram(t, startProgram(t, dir, program))
			}
		})
	}
}

// The README at the root shows one adapter's program, letter for letter, and the line in which the others differ.
func TestREADMEAtTheRootShowsOneProgramAndALineForEveryAdapter(t *testing.T) {
	first := map[string]string{}
	for _, dir := range adapters(t) {
		programs := blocks(t, path.Join(dir, "README.md"), "go", isProgram)
		if len(programs) == 0 {
			t.Fatalf("got no program in %s/README.md, want one to begin with", dir)
		}
		first[dir] = programs[0]
	}
	shown := blocks(t, "README.md", "go", isProgram)
	if len(shown) != 1 || !slices.Contains(slices.Collect(maps.Values(first)), shown[0]) {
		t.Errorf("got %d programs in README.md, want the first one of one adapter's README:\n%s", len(shown), shown)
	}
	lines := frameworkLines(t)
	for dir, program := range first {
		if line := lines[dir]; line == "" || !strings.Contains(program, "\t"+line+"\n") {
			t.Errorf("README.md: got the line %q for %s, want one of the first program of its README", line, dir)
		}
	}
	if len(lines) != len(first) {
		t.Errorf("README.md: got lines for %d adapters, want them for %d", len(lines), len(first))
	}
}

var frameworkRow = regexp.MustCompile("(?m)^\\| [^|]+ \\| `([^`]+)` \\| \\[([a-z0-9]+)\\]\\(([a-z0-9]+)/README\\.md\\) \\|$")

// frameworkLines returns the lines of code in the table of frameworks, by the adapters that their rows link to.
func frameworkLines(t *testing.T) map[string]string {
	t.Helper()
	data, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	lines := map[string]string{}
	for _, row := range frameworkRow.FindAllStringSubmatch(string(data), -1) {
		if row[2] != row[3] || lines[row[2]] != "" {
			t.Errorf("README.md: got the row %q, want one for each adapter, with a link to its README", row[0])
		}
		lines[row[2]] = row[1]
	}
	return lines
}

func TestREADMEExcerptsStandInTests(t *testing.T) {
	for _, readme := range readmes(t) {
		tests := testsBeside(t, readme)
		excerpts := blocks(t, readme, "go", func(text string) bool { return !isProgram(text) })
		for _, excerpt := range append(excerpts, blocks(t, readme, "text", nil)...) {
			if !strings.Contains(tests, bareLines(excerpt)) {
				t.Errorf("%s: got an excerpt that is in no test next to it:\n%s", readme, excerpt)
			}
		}
	}
}

func TestREADMEPoliciesCompile(t *testing.T) {
	for _, readme := range readmes(t) {
		for _, text := range blocks(t, readme, "json", nil) {
			config, err := core.ParseConfig([]byte(text))
			if err == nil {
				_, err = core.Compile(config)
			}
			if err != nil {
				t.Errorf("%s: got error %v from the policy, want none:\n%s", readme, err, text)
			}
		}
	}
}

var link = regexp.MustCompile(`\]\(([^)#\s]+)(?:#[^)]*)?\)`)

func TestDocumentsLinkToWhatIsThere(t *testing.T) {
	inCheckout(t)
	for _, name := range tree(t, func(name string) bool { return path.Ext(name) == ".md" }) {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range link.FindAllStringSubmatch(string(data), -1) {
			if strings.Contains(match[1], "://") {
				continue
			}
			if _, err := os.Stat(path.Join(path.Dir(name), match[1])); err != nil {
				t.Errorf("%s: got a link to %s, which is not there", name, match[1])
			}
		}
	}
}

func readmes(t *testing.T) []string {
	t.Helper()
	inCheckout(t)
	return tree(t, func(name string) bool { return path.Base(name) == "README.md" || path.Dir(name) == "docs" })
}

func isProgram(text string) bool { return strings.HasPrefix(text, "package main\n") }

// blocks returns the fenced blocks of one language in a Markdown file, those for which keep holds if it is not nil.
func blocks(t *testing.T, name, language string, keep func(string) bool) []string {
	t.Helper()
	inCheckout(t)
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for rest := string(data); ; {
		_, after, ok := strings.Cut(rest, "\n```"+language+"\n")
		if !ok {
			return found
		}
		text, end, ok := strings.Cut(after, "\n```\n")
		if !ok {
			t.Fatalf("%s: got a block of %s without an end", name, language)
		}
		if keep == nil || keep(text+"\n") {
			found = append(found, text+"\n")
		}
		rest = "\n" + end
	}
}

// testsBeside returns the bare lines of the tests in a README's directory, or of all tests for those that speak of everything.
func testsBeside(t *testing.T, readme string) string {
	t.Helper()
	var all strings.Builder
	for _, name := range tree(t, func(name string) bool { return strings.HasSuffix(name, "_test.go") }) {
		if dir := path.Dir(readme); dir != "." && dir != "docs" && path.Dir(name) != dir {
			continue
		}
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all.WriteString(bareLines(string(data)))
	}
	return all.String()
}

// bareLines drops indentation, the sign that begins a comment, and empty lines.
func bareLines(text string) string {
	var b strings.Builder
	b.WriteByte('\n')
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		line = strings.TrimSpace(strings.TrimPrefix(line, "//"))
		if line != "" {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}
