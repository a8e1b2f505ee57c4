package httpcors

import (
	"net/http"

	"github.com/corselet/corselet/core"
)

// Answer sets the response fields that the policy calls for, and reports whether the handler should
// run. Where it reports false it has written the status of a response without a body, and the
// request is done.
//
// Adapters for frameworks on top of net/http are made of it. Others write [New].
func Answer(cors *core.CORS, w http.ResponseWriter, r *http.Request) (next bool) {
	origins := r.Header[core.FieldOrigin]
	req := newRequest(r, origins)
	d := cors.Decide(r.Context(), &req)
	h := w.Header()
	if !d.NextHandler && len(h) > 0 {
		delete(h, "Content-Type") // of an outer layer; there is no body
	}
	setFields(h, r, origins, &d)
	if !d.NextHandler {
		w.WriteHeader(d.Status)
	}
	return d.NextHandler
}
