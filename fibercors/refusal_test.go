package fibercors_test

import (
	"testing"

	"github.com/gofiber/fiber/v2"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/corstest/adaptertest"
	"github.com/corselet/corselet/fibercors"
)

// What ends in the middleware has no body and no type, even if a layer in front of it has written one, and is no error:
// ErrorHandler, which would write a body too, gets nothing.
func TestWhatEndsHereHasNoBody(t *testing.T) {
	layers := map[string]func(*fiber.Ctx) error{
		"behind a layer that wrote JSON": func(c *fiber.Ctx) error { return c.JSON("from the layer outside") },
		"behind a layer that wrote text": func(c *fiber.Ctx) error { return c.SendString("from the layer outside") },
		"behind a layer that wrote none": func(*fiber.Ctx) error { return nil },
	}
	for where, layer := range layers {
		t.Run(where, func(t *testing.T) {
			adaptertest.RunEndings(t, func(t *testing.T, cors *core.CORS, status int) corstest.App {
				a := fiber.New(fiber.Config{ErrorHandler: func(_ *fiber.Ctx, err error) error {
					t.Errorf("ErrorHandler got %v", err)
					return nil
				}})
				a.Use(func(c *fiber.Ctx) error {
					if err := layer(c); err != nil {
						return err
					}
					err := c.Next()
					if got := c.Response().StatusCode(); err != nil || got != status {
						t.Errorf("got error %v and status %d, want none and %d", err, got, status)
					}
					return err
				}, fibercors.New(cors))
				a.Put("/notes", hello)
				return appOf(a)
			})
		})
	}
}
