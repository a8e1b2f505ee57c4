package httpcors

import (
	"net/http"

	"github.com/corselet/corselet/core"
)

// Answer sets the response fields that the policy calls for, and returns the decision. Where its
// NextHandler is false, the status of a response without a body is written, and the request is
// done; otherwise the handler should run.
//
// Adapters for frameworks on top of net/http are made of it. Others write [New].
func Answer(cors *core.CORS, w http.ResponseWriter, r *http.Request) core.Decision {
	origins := r.Header[core.FieldOrigin]
	req := newRequest(r, origins)
	h := w.Header()
	if req.HasOrigin && cors.AsksOriginFunc() { // which may panic, so that somebody else answers
		refusal := cors.Policy().Decide(&req)
		setFields(h, r, origins, &refusal)
	}
	d := cors.Decide(r.Context(), &req)
	if !d.NextHandler && len(h) > 0 {
		removeContent(h)
	}
	setFields(h, r, origins, &d)
	if !d.NextHandler {
		w.WriteHeader(d.Status)
	}
	return d
}

// removeContent removes what an outer layer says of a body that there is not.
func removeContent(h http.Header) {
	delete(h, "Content-Type")
	delete(h, "Content-Encoding")
	delete(h, "Content-Length")
}
