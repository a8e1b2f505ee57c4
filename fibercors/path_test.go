package fibercors_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/gofiber/fiber/v2"

	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/corstest/adaptertest"
)

func TestNoPathBorrowsAPolicy(t *testing.T) {
	for name, config := range map[string]fiber.Config{
		"by default":         {},
		"with CaseSensitive": {CaseSensitive: true},
		"with StrictRouting": {StrictRouting: true},
		"with UnescapePath":  {UnescapePath: true},
		"with all of them":   {CaseSensitive: true, StrictRouting: true, UnescapePath: true},
	} {
		config.DisableStartupMessage = true
		t.Run(name, func(t *testing.T) {
			adaptertest.RunPaths(t,
				func(*testing.T) corstest.App { return twoPolicies(fiber.New(config)) },
				func(*testing.T) corstest.App { return singleSignOn(fiber.New(config)) })
		})
	}
}

// A file server has a way of its own to read a path: it decodes and cleans it.
func TestNoPathBorrowsAPolicyForAFile(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"x": "private", "public/x": "public", "public;x": "private"} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	serve := func(app *fiber.App, dir string) { app.Static("/", dir) }
	for name, config := range map[string]fiber.Config{
		"by default":        {DisableStartupMessage: true},
		"with UnescapePath": {UnescapePath: true, DisableStartupMessage: true},
	} {
		t.Run(name, func(t *testing.T) {
			adaptertest.RunPaths(t, func(*testing.T) corstest.App {
				app := fiber.New(config)
				policies(app)
				serve(app, dir)
				return appOf(app)
			}, func(*testing.T) corstest.App { return singleSignOn(fiber.New(config)) })
		})
	}
}
