package httpcors

import (
	"net/http"

	"github.com/corselet/corselet/core"
)

// ProtectCSRF returns middleware that protects against cross-site request forgery by the rules of
// [net/http.CrossOriginProtection]. What these refuse passes only from an origin that the policy
// allows, by whatever entry, if it has Config.Credentials: such a page can send the same request,
// with cookies, by a script. The rest gets 403 without a body, and the handler does not run.
//
// The policy is asked at every request, so Reconfigure takes effect here too. A policy without
// credentials allows nothing here, nor does "*" or null, which no policy allows with credentials.
// A nil cors allows no other origin.
//
// Put it inside of [New], so that preflights are answered and an allowed page can read the 403.
// Requests with GET, HEAD and OPTIONS always pass: they must not change anything, and WebSocket
// upgrades need [CheckOrigin].
func ProtectCSRF(cors *core.CORS) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler { return &csrfProtection{cors: cors, next: next} }
}

type csrfProtection struct {
	rules http.CrossOriginProtection // without trusted origins
	cors  *core.CORS
	next  http.Handler
}

func (p *csrfProtection) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if p.rules.Check(r) == nil || p.trusts(r) {
		p.next.ServeHTTP(w, r)
		return
	}
	removeContent(w.Header())
	w.WriteHeader(http.StatusForbidden)
}

// trusts reports whether the policy lets the request's origin act with credentials.
func (p *csrfProtection) trusts(r *http.Request) bool {
	req := NewRequest(r)
	return p.cors.AllowsCredentials(r.Context(), &req)
}
