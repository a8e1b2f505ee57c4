// Package core compiles a CORS policy once and decides every request by it, without allocating.
//
// CORS is a protocol in which the server states what it allows and the browser enforces it. So core
// does two separate things. [Policy.Decide] says how to answer: status, response fields, whether
// the handler runs. [Policy.Verdict] says what a browser that follows the [Fetch standard] will
// make of that answer: allowed, or denied for one reason out of a closed set. Servers need the
// first; logs, metrics and tests ask for the second.
//
// An origin that the policy allows is always told the whole policy, whatever it asked for; other
// origins are told nothing. Browsers then name the exact cause of a refusal in their console, and
// cache the answer for all methods.
//
// # For applications
//
// Applications use an adapter (httpcors, gincors, echocors, echov5cors, fibercors, fiberv3cors) and
// meet this package in three places:
//
//	cors, err := core.New(core.Config{
//		Origins:        []string{"https://app.example.com"},
//		RequestHeaders: []string{"Content-Type"},
//	})
//
// makes the handle that an adapter takes; [CORS.Reconfigure] replaces its policy while requests are
// served; and [CORS.AllowsOrigin] asks the same list of origins from elsewhere, such as a WebSocket
// upgrade.
//
// # For authors of adapters
//
// An application needs none of this. An adapter fills in a [Request] and its [Source], calls
// [CORS.Decide], and carries the [Decision] out:
//
//   - It removes the [ResponseFields] that an outer layer has set.
//   - It repeats the request's lines that RepeatsOrigin, RepeatsMethod and RepeatsHeaders name.
//   - It sets the fields of [Decision.Field], and adds the names of [Decision.Vary] to Vary, unless
//     [VaryCovers] says that they are there.
//   - Where NextHandler is false, it answers Status without a body.
//
// No two responses may share memory. On top of net/http all of this is httpcors.Answer, on top of
// fasthttp it is fasthttpcors.Answer. The package corstest checks an adapter.
//
// [Fetch standard]: https://fetch.spec.whatwg.org/#http-cors-protocol
package core
