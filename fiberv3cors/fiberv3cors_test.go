package fiberv3cors_test

import (
	"context"
	"testing"

	"github.com/gofiber/fiber/v3"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/corstest/adaptertest"
	"github.com/corselet/corselet/fasthttpcors/fasthttptest"
	"github.com/corselet/corselet/fiberv3cors"
)

func TestEvents(t *testing.T) {
	for name, immutable := range map[string]bool{"by default": false, "with Immutable": true} {
		t.Run(name, func(t *testing.T) {
			fasthttptest.RunEvents(t, func(cors *core.CORS) corstest.App {
				app := fiber.New(fiber.Config{Immutable: immutable})
				app.Use(func(c fiber.Ctx) error {
					c.SetContext(context.WithValue(c.Context(), fasthttptest.ContextKey{}, "value"))
					return c.Next()
				}, fiberv3cors.New(cors), hello)
				return appOf(app)
			})
		})
	}
}

func TestSkippedRequestsAreLeftAlone(t *testing.T) {
	adaptertest.RunSkip(t, func(cors *core.CORS) corstest.App {
		app := fiber.New()
		app.Use(fiberv3cors.New(cors, fiberv3cors.WithSkip(func(c fiber.Ctx) bool { return c.Path() == "/skipped" })), api)
		return appOf(app)
	})
}
