package e2e

import (
	"io"
	"net/http"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/httpcors"
)

func newNetHTTP(cors *core.CORS) http.Handler {
	return recovery(httpcors.New(cors)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		reply, ok := replyTo(r.URL.Path, r.URL.RawQuery)
		if !ok {
			http.NotFound(w, r)
			return
		}
		for name, value := range reply.header {
			w.Header().Set(name, value)
		}
		w.WriteHeader(reply.status)
		_, _ = io.WriteString(w, reply.body)
	})))
}

// recovery turns panics into answers with status 500. It keeps the fields in the response header.
func recovery(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if recover() != nil {
				http.Error(w, "500", http.StatusInternalServerError)
			}
		}()
		next.ServeHTTP(w, r)
	})
}
