package gincors

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/httpcors"
)

// WithLateFields sets the fields a second time, and merges Vary, just before the header goes out.
// It is for layers behind this one that replace or delete what is set already, such as
// gin-contrib/gzip, which deletes Vary on errors. What a handler does to the fields has no effect
// then.
func WithLateFields() Option { return optionFunc(func(m *middleware) { m.late = true }) }

// A lateWriter sets the fields when the header goes out. Status and size are gin's to keep.
type lateWriter struct {
	gin.ResponseWriter
	late *httpcors.LateWriter
}

// nextLate has the handlers behind the middleware answer through a lateWriter.
func nextLate(c *gin.Context, d core.Decision) {
	late := httpcors.NewLateWriter(c.Writer, c.Request, d)
	c.Writer = lateWriter{c.Writer, late}
	c.Next()
	late.SetFields() // where nothing was written gin sends the header
}

// WriteHeaderNow is what sends the header; WriteHeader only notes the status.
func (w lateWriter) WriteHeaderNow() {
	w.late.Send()
	w.ResponseWriter.WriteHeaderNow()
}

func (w lateWriter) Write(p []byte) (int, error) {
	w.late.Send()
	return w.ResponseWriter.Write(p)
}

// WriteString is what gin writes texts by.
func (w lateWriter) WriteString(s string) (int, error) {
	w.late.Send()
	return w.ResponseWriter.WriteString(s)
}

// Flush sends the header, if that has not been sent.
func (w lateWriter) Flush() {
	w.late.Send()
	w.ResponseWriter.Flush()
}

// Unwrap returns the writer below, for [net/http.ResponseController].
func (w lateWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
