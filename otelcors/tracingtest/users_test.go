package tracingtest

import (
	"encoding/json"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// notForUsers has the modules that users of otelcors must not get.
var notForUsers = []string{
	"github.com/gin-gonic/", "github.com/labstack/", "github.com/gofiber/", "github.com/valyala/",
	"go.opentelemetry.io/contrib", "go.opentelemetry.io/otel/exporters/otlp", "go.opentelemetry.io/proto/",
	"google.golang.org/",
}

func TestUsersOfOtelcorsGetNoFramework(t *testing.T) {
	var file struct{ Require []struct{ Path string } }
	if err := json.Unmarshal(goCommand(t, "mod", "edit", "-json"), &file); err != nil {
		t.Fatal(err)
	}
	var required []string
	for _, r := range file.Require {
		required = append(required, r.Path)
	}
	linked := strings.Fields(string(goCommand(t, "list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", ".")))
	for kind, modules := range map[string][]string{"required": required, "linked": linked} {
		if !slices.Contains(modules, "go.opentelemetry.io/otel") {
			t.Errorf("got no OpenTelemetry among what is %s: %v", kind, modules)
		}
		for _, module := range modules {
			if slices.ContainsFunc(notForUsers, func(prefix string) bool { return strings.HasPrefix(module, prefix) }) {
				t.Errorf("got %s %s, want none; tests that need it belong here", module, kind)
			}
		}
	}
}

// goCommand runs the go command in the directory of otelcors, as a user of that module alone.
func goCommand(t *testing.T, args ...string) []byte {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = ".."
	cmd.Env = append(os.Environ(), "GOWORK=off")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %s: %v", strings.Join(args, " "), err)
	}
	return out
}
