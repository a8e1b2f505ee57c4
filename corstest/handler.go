package corstest

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
)

// handlerTransport calls a handler in process, as net/http's server does.
type handlerTransport struct{ handler http.Handler }

// RoundTrip implements [http.RoundTripper].
func (t handlerTransport) RoundTrip(r *http.Request) (res *http.Response, err error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	w := &responseWriter{ResponseRecorder: httptest.NewRecorder()}
	w.Body = new(bytes.Buffer)
	defer func() {
		switch v := recover(); v {
		case nil:
		case http.ErrAbortHandler:
			res, err = nil, errors.New("the handler aborted the response")
		default:
			res, err = nil, fmt.Errorf("the handler panicked: %v", v)
		}
	}()
	t.handler.ServeHTTP(w, asServerSees(r))
	return w.finish(r), nil
}

// asServerSees turns a client's request into a server's.
func asServerSees(r *http.Request) *http.Request {
	in := r.Clone(r.Context())
	in.URL = &url.URL{Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery}
	in.RequestURI = in.URL.RequestURI()
	in.Proto, in.ProtoMajor, in.ProtoMinor = "HTTP/1.1", 1, 1
	in.RemoteAddr = "192.0.2.1:1234"
	if r.URL.Scheme == "https" {
		in.TLS = &tls.ConnectionState{Version: tls.VersionTLS13, HandshakeComplete: true,
			ServerName: r.URL.Hostname()}
	}
	return in
}

// responseWriter records a response, with what net/http's server adds and forbids.
type responseWriter struct{ *httptest.ResponseRecorder }

// WriteHeader drops informational statuses, which pages do not see.
func (w *responseWriter) WriteHeader(status int) {
	if status >= 100 && status <= 199 && status != http.StatusSwitchingProtocols {
		return
	}
	w.ResponseRecorder.WriteHeader(status)
}

// CloseNotify implements [http.CloseNotifier], as the server's writer does, on which gin's relies.
// Here no client goes away.
func (w *responseWriter) CloseNotify() <-chan bool { return nil }

// finish returns the response once the handler has returned.
func (w *responseWriter) finish(r *http.Request) *http.Response {
	res := w.Result()
	size := w.Body.Len()
	if r.Method == http.MethodHead || isNullBodyStatus(res.StatusCode) {
		res.Body = http.NoBody
	}
	const buffered = 2048 // the server sends longer bodies before it knows their length
	lengthKnown := !w.Flushed && size <= buffered && !isNullBodyStatus(res.StatusCode) &&
		(r.Method != http.MethodHead || size > 0)
	if lengthKnown && len(res.Header["Content-Length"]) == 0 &&
		len(res.Header["Transfer-Encoding"]) == 0 {
		res.Header.Set("Content-Length", strconv.Itoa(size))
	}
	// The server sends nothing for a field without lines.
	maps.DeleteFunc(res.Header, func(_ string, lines []string) bool { return len(lines) == 0 })
	for _, lines := range res.Header {
		for i, line := range lines {
			lines[i] = strings.Trim(strings.NewReplacer("\r", " ", "\n", " ").Replace(line), "\t ")
		}
	}
	return res
}
