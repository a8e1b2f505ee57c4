// Package fibercors puts a CORS policy in front of a fiber v2 application.
//
//	cors, err := core.New(core.Config{Origins: []string{"https://app.example.com"}})
//	…
//	app := fiber.New()
//	app.Use(fibercors.New(cors))
//
// Install it with App.Use, in front of authentication and of every route.
package fibercors

import (
	"github.com/gofiber/fiber/v2"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/fasthttpcors"
)

// Option changes what [New] makes. Only this package has options; nil is ignored.
type Option interface{ apply(*middleware) }

type optionFunc func(*middleware)

func (f optionFunc) apply(m *middleware) { f(m) }

// WithSkip leaves requests for which skip returns true alone: the handler runs and no field is set.
// It is how two policies share an application. skip is called concurrently.
func WithSkip(skip func(*fiber.Ctx) bool) Option {
	return optionFunc(func(m *middleware) { m.skip = skip })
}

// New returns middleware that answers preflights, and sets the response fields that the policy
// calls for before the next handler runs. A nil cors allows no origin.
//
// A denial is a response, not an error: it never reaches fiber's ErrorHandler. Observers and
// OriginFunc get the context that Ctx.UserContext returns.
func New(cors *core.CORS, opts ...Option) fiber.Handler {
	m := &middleware{cors: cors}
	for _, opt := range opts {
		if opt != nil {
			opt.apply(m)
		}
	}
	return m.handle
}

type middleware struct {
	cors *core.CORS
	skip func(*fiber.Ctx) bool
}

func (m *middleware) handle(c *fiber.Ctx) error {
	if m.skip != nil && m.skip(c) {
		return c.Next()
	}
	return fasthttpcors.Answer(m.cors, c.Context(), c.UserContext, c.Next)
}
