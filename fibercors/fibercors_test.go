package fibercors_test

import (
	"context"
	"testing"

	"github.com/gofiber/fiber/v2"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/corstest/adaptertest"
	"github.com/corselet/corselet/fasthttpcors/fasthttptest"
	"github.com/corselet/corselet/fibercors"
)

func TestEvents(t *testing.T) {
	for name, immutable := range map[string]bool{"by default": false, "with Immutable": true} {
		t.Run(name, func(t *testing.T) {
			fasthttptest.RunEvents(t, func(cors *core.CORS) corstest.App {
				app := fiber.New(fiber.Config{Immutable: immutable, DisableStartupMessage: true})
				app.Use(func(c *fiber.Ctx) error {
					c.SetUserContext(context.WithValue(c.UserContext(), fasthttptest.ContextKey{}, "value"))
					return c.Next()
				}, fibercors.New(cors), hello)
				return appOf(app)
			})
		})
	}
}

func TestSkippedRequestsAreLeftAlone(t *testing.T) {
	adaptertest.RunSkip(t, func(cors *core.CORS) corstest.App {
		app := fiber.New()
		app.Use(fibercors.New(cors, fibercors.WithSkip(func(c *fiber.Ctx) bool { return c.Path() == "/skipped" })), api)
		return appOf(app)
	})
}
