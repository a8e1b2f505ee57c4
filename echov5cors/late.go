package echov5cors

import (
	"github.com/labstack/echo/v5"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/httpcors"
)

// WithLateFields sets the fields a second time, and merges Vary, just before the header goes out.
// It is for layers behind this one that replace or delete what is set already, such as an
// [net/http.TimeoutHandler] around a handler, which replaces Vary as soon as that sets its own.
// What a handler does to the fields has no effect then.
func WithLateFields() Option { return optionFunc(func(m *middleware) { m.late = true }) }

// nextLate has next answer through a writer that sets the fields late. It is put below echo's
// Response, so that what goes around that meets it too.
func nextLate(c *echo.Context, next echo.HandlerFunc, d core.Decision) error {
	response, err := echo.UnwrapResponse(c.Response())
	if err != nil {
		return err // echo itself cannot answer then
	}
	late := httpcors.NewLateWriter(response.ResponseWriter, c.Request(), d)
	response.ResponseWriter = late.Like()
	err = next(c)
	late.SetFields() // echo's error handler still writes, perhaps through a writer in front
	return err
}
