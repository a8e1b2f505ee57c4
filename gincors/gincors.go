// Package gincors puts a CORS policy in front of a gin application.
//
//	cors, err := core.New(core.Config{Origins: []string{"https://app.example.com"}})
//	…
//	engine := gin.New()
//	engine.Use(gincors.New(cors))
//
// Install it with Engine.Use, in front of authentication. On a group or a route it never sees
// preflights, because gin has no OPTIONS route there.
package gincors

import (
	"github.com/gin-gonic/gin"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/httpcors"
)

// Option changes what [New] makes. Only this package has options; nil is ignored.
type Option interface{ apply(*middleware) }

type optionFunc func(*middleware)

func (f optionFunc) apply(m *middleware) { f(m) }

// WithSkip leaves requests for which skip returns true alone: the handler runs and no field is set.
// It is how two policies share an engine. skip is called concurrently.
func WithSkip(skip func(*gin.Context) bool) Option {
	return optionFunc(func(m *middleware) { m.skip = skip })
}

// New returns middleware that answers preflights, and sets the response fields that the policy
// calls for before the next handler runs. A nil cors allows no origin.
//
// A denial is a response, not an error: nothing is added to gin's Context.Errors.
func New(cors *core.CORS, opts ...Option) gin.HandlerFunc {
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
	skip func(*gin.Context) bool
	late bool
}

func (m *middleware) handle(c *gin.Context) {
	if m.skip != nil && m.skip(c) {
		return
	}
	d := httpcors.Answer(m.cors, c.Writer, c.Request)
	if d.NextHandler {
		if m.late {
			nextLate(c, d)
		}
		return
	}
	// gin keeps a status back until something is written. Until then middleware outside takes the
	// request for unanswered (Written is false), and may change the status or add a page.
	c.Writer.WriteHeaderNow()
	c.Abort()
}
