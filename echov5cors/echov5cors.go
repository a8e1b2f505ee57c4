// Package echov5cors puts a CORS policy in front of an echo v5 application.
//
//	cors, err := core.New(core.Config{Origins: []string{"https://app.example.com"}})
//	…
//	e := echo.New()
//	e.Use(echov5cors.New(cors))
//
// Install it with Echo.Use or Echo.Pre, in front of authentication.
package echov5cors

import (
	"github.com/labstack/echo/v5"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/httpcors"
)

// Option changes what [New] makes. Only this package has options; nil is ignored.
type Option interface{ apply(*middleware) }

type optionFunc func(*middleware)

func (f optionFunc) apply(m *middleware) { f(m) }

// WithSkip leaves requests for which skip returns true alone: the handler runs and no field is set.
// It is how two policies share an application. skip is called concurrently.
func WithSkip(skip func(*echo.Context) bool) Option {
	return optionFunc(func(m *middleware) { m.skip = skip })
}

// New returns middleware that answers preflights, and sets the response fields that the policy
// calls for before the next handler runs. A nil cors allows no origin.
//
// A denial is a response, not an error: it never reaches Echo.HTTPErrorHandler.
func New(cors *core.CORS, opts ...Option) echo.MiddlewareFunc {
	m := &middleware{cors: cors}
	for _, opt := range opts {
		if opt != nil {
			opt.apply(m)
		}
	}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c *echo.Context) error { return m.handle(c, next) }
	}
}

type middleware struct {
	cors *core.CORS
	skip func(*echo.Context) bool
	late bool
}

func (m *middleware) handle(c *echo.Context, next echo.HandlerFunc) error {
	if m.skip != nil && m.skip(c) {
		return next(c)
	}
	switch d := httpcors.Answer(m.cors, c.Response(), c.Request()); {
	case d.NextHandler && m.late:
		return nextLate(c, next, d)
	case d.NextHandler:
		return next(c)
	}
	return nil
}
