package httpcors

import (
	"bufio"
	"io"
	"net"
	"net/http"

	"github.com/corselet/corselet/core"
)

// WithLateFields sets the fields a second time, and merges Vary, just before the header goes out.
// It is for layers behind this one that replace or delete what is set already, such as
// [http.TimeoutHandler], which replaces Vary as soon as the handler sets its own. What a handler
// does to the fields has no effect then.
//
// The handler gets a response writer that wraps the server's. It is an [http.Flusher] and an
// [http.Hijacker] where the server's is, and [http.ResponseController] works. HTTP/2 server push
// and io.StringWriter are not passed on.
func WithLateFields() Option { return optionFunc(func(m *middleware) { m.late = true }) }

// A LateWriter is a response writer that sets the fields again just before the header goes out.
// Adapters for frameworks on top of net/http are made of it. It serves one request.
type LateWriter struct {
	http.ResponseWriter
	origin   [1]string
	decision core.Decision
	sent     bool
}

// NewLateWriter returns a writer around w for the answer to r, on which d is the decision.
func NewLateWriter(w http.ResponseWriter, r *http.Request, d core.Decision) *LateWriter {
	late := &LateWriter{ResponseWriter: w, decision: d}
	if d.RepeatsOrigin { // copied, because the handler may change the request
		late.origin[0] = r.Header[core.FieldOrigin][0]
	}
	return late
}

// SetFields sets the fields, unless the header has gone out. Call it when the handler has returned,
// too: where nothing was written, something else may still write.
func (w *LateWriter) SetFields() {
	if !w.sent {
		setFields(w.Header(), nil, w.origin[:], &w.decision)
	}
}

// Send sets the fields for the last time: the header goes out.
func (w *LateWriter) Send() {
	w.SetFields()
	w.sent = true
}

// WriteHeader sets the fields unless the status is informational: others follow.
func (w *LateWriter) WriteHeader(status int) {
	if status >= 200 || status == http.StatusSwitchingProtocols {
		w.Send()
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *LateWriter) Write(p []byte) (int, error) {
	w.Send()
	return w.ResponseWriter.Write(p)
}

// Unwrap returns the writer below, for [http.ResponseController].
func (w *LateWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// FlushError is what ResponseController.Flush calls.
func (w *LateWriter) FlushError() error {
	w.Send()
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// ReadFrom hands src to the writer below, which may send a file without copying it.
func (w *LateWriter) ReadFrom(src io.Reader) (int64, error) {
	w.Send()
	return io.Copy(w.ResponseWriter, src)
}

// Like returns w as an [http.Flusher] and an [http.Hijacker] where the writer below is.
func (w *LateWriter) Like() http.ResponseWriter {
	_, flushes := w.ResponseWriter.(http.Flusher)
	_, hijacks := w.ResponseWriter.(http.Hijacker)
	switch {
	case flushes && hijacks:
		return struct {
			*LateWriter
			flusher
			hijacker
		}{w, flusher{w}, hijacker{w}}
	case flushes:
		return struct {
			*LateWriter
			flusher
		}{w, flusher{w}}
	case hijacks:
		return struct {
			*LateWriter
			hijacker
		}{w, hijacker{w}}
	}
	return w
}

type (
	flusher  struct{ late *LateWriter }
	hijacker struct{ late *LateWriter }
)

func (f flusher) Flush() { _ = f.late.FlushError() } // http.Flusher has no error

func (h hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return http.NewResponseController(h.late.ResponseWriter).Hijack()
}
