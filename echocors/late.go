package echocors

import (
	"github.com/labstack/echo/v4"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/httpcors"
)

// WithLateFields sets the fields a second time, and merges Vary, just before the header goes out.
// It is for layers behind this one that replace or delete what is set already, such as echo's
// Timeout, which replaces Vary as soon as the handler sets its own. What a handler does to the
// fields has no effect then.
func WithLateFields() Option { return optionFunc(func(m *middleware) { m.late = true }) }

// nextLate has next answer through a writer that sets the fields late. It is put below echo's
// Response, because Timeout goes around that.
func nextLate(c echo.Context, next echo.HandlerFunc, d core.Decision) error {
	response := c.Response()
	late := httpcors.NewLateWriter(response.Writer, c.Request(), d)
	response.Writer = late.Like()
	err := next(c)
	late.SetFields() // echo's error handler still writes, perhaps through a writer in front
	return err
}
