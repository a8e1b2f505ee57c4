package httpcors

import (
	"net/http"

	"github.com/corselet/corselet/core"
)

// CheckOrigin returns a function that reports whether a WebSocket upgrade may go on. Browsers apply
// no CORS check to WebSockets and send cookies with the upgrade, whatever the policy says of
// credentials, so the server has to look at Origin by itself. It has the form of the field
// CheckOrigin of gorilla/websocket's Upgrader; elsewhere ask it first, and answer 403 where it
// returns false. It may be called concurrently. A nil cors allows no other origin.
//
// What passes:
//
//   - A request without Origin. Every browser sends Origin with an upgrade (RFC 6455, section 4.1),
//     so this is another kind of client. It has no cookies of a user that some page could misuse,
//     and could send any Origin that it likes.
//   - A page of the server itself, by the rules of [core.Request.IsSameOrigin]. Chromium sends no
//     Sec-Fetch-Site with an upgrade, so a page of the same host over http passes at a server with
//     TLS, too: behind a proxy the scheme is not known. Strict-Transport-Security rules it out.
//   - A page whose origin the policy names, by an entry, a regexp or OriginFunc, with or without
//     Config.Credentials: it decides whether scripts get answers to requests with cookies, which
//     this is none of. List only origins that you trust with what the socket does.
//
// What does not: an origin that only "*" allows, or a regexp that trusts every domain, because then
// any site could open a socket as the user; null, even where the policy allows it, because any page
// can make a sandboxed frame; and more than one line of Origin, which no browser sends.
func CheckOrigin(cors *core.CORS) func(*http.Request) bool {
	return func(r *http.Request) bool {
		origins := r.Header[core.FieldOrigin]
		if len(origins) != 1 {
			return len(origins) == 0
		}
		req := newRequest(r, origins)
		return req.IsSameOrigin() || cors.NamesOrigin(r.Context(), &req)
	}
}
