package fiberv3cors_test

import (
	"testing"

	"github.com/gofiber/fiber/v3"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/fiberv3cors"
)

// What ends in the middleware has no body and no type, even if a layer in front of it has written one, and is no error:
// ErrorHandler, which would write a body too, gets nothing.
func TestWhatEndsHereHasNoBody(t *testing.T) {
	const app, stranger = "https://app.example.com", "https://stranger.example"
	tests := []struct {
		name           string
		method, origin string
		wantStatus     int
	}{
		{"a preflight that ends with 200", "OPTIONS", app, 200},
		{"a refused preflight", "OPTIONS", stranger, 403},
		{"a blocked request", "PUT", stranger, 403},
	}
	cors, err := core.New(core.Config{Origins: []string{app}, PreflightStatus: 200, Block: true})
	if err != nil {
		t.Fatal(err)
	}
	layers := map[string]func(fiber.Ctx) error{
		"behind a layer that wrote JSON": func(c fiber.Ctx) error { return c.JSON("from the layer outside") },
		"behind a layer that wrote text": func(c fiber.Ctx) error { return c.SendString("from the layer outside") },
		"behind a layer that wrote none": func(fiber.Ctx) error { return nil },
	}
	for _, test := range tests {
		for where, layer := range layers {
			t.Run(test.name+" "+where, func(t *testing.T) {
				a := fiber.New(fiber.Config{ErrorHandler: func(_ fiber.Ctx, err error) error {
					t.Errorf("ErrorHandler got %v", err)
					return nil
				}})
				a.Use(func(c fiber.Ctx) error {
					if err := layer(c); err != nil {
						return err
					}
					err := c.Next()
					if err != nil {
						t.Errorf("got error %v, want none", err)
					}
					return err
				}, fiberv3cors.New(cors))
				a.Put("/notes", hello)
				w, err := do(a, &corstest.RawRequest{Method: test.method, Path: "/notes", Fields: corstest.Fields{
					{Name: "Origin", Value: test.origin}, {Name: "Access-Control-Request-Method", Value: "PUT"}}})
				if err != nil {
					t.Fatal(err)
				}
				if w.Status != test.wantStatus || w.Body != "" || w.Header["Content-Type"] != nil {
					t.Errorf("got status %d and body %q of type %q, want %d and none",
						w.Status, w.Body, w.Header["Content-Type"], test.wantStatus)
				}
			})
		}
	}
}
