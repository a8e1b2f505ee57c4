// Package httpcors puts a CORS policy in front of net/http handlers: the standard mux, chi,
// gorilla/mux, httprouter, a reverse proxy, or anything else that is a [net/http.Handler].
//
//	cors, err := core.New(core.Config{Origins: []string{"https://app.example.com"}})
//	…
//	http.ListenAndServe(":8080", httpcors.New(cors)(mux))
//
// Wrap the whole mux, not single routes, and stand in front of authentication: preflights carry no
// credentials, ask with a method that routes do not know, and must be answered all the same.
package httpcors

import (
	"net/http"

	"github.com/corselet/corselet/core"
)

// Option changes what [New] makes. Only this package has options; nil is ignored.
type Option interface{ apply(*middleware) }

type optionFunc func(*middleware)

func (f optionFunc) apply(m *middleware) { f(m) }

// WithSkip leaves requests for which skip returns true alone: the handler runs and no field is set.
// It is how two policies share a server. skip is called concurrently.
func WithSkip(skip func(*http.Request) bool) Option {
	return optionFunc(func(m *middleware) { m.skip = skip })
}

// New returns middleware that answers preflights, and sets the response fields that the policy
// calls for before the next handler runs. A nil cors allows no origin.
func New(cors *core.CORS, opts ...Option) func(http.Handler) http.Handler {
	m := middleware{cors: cors}
	for _, opt := range opts {
		if opt != nil {
			opt.apply(&m)
		}
	}
	return func(next http.Handler) http.Handler {
		m := m
		m.next = next
		return &m
	}
}

type middleware struct {
	cors *core.CORS
	skip func(*http.Request) bool
	late bool
	next http.Handler
}

func (m *middleware) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if m.skip != nil && m.skip(r) {
		m.next.ServeHTTP(w, r)
		return
	}
	switch d := Answer(m.cors, w, r); {
	case d.NextHandler && m.late:
		late := NewLateWriter(w, r, d)
		m.next.ServeHTTP(late.Like(), r)
		late.SetFields()
	case d.NextHandler:
		m.next.ServeHTTP(w, r)
	}
}
