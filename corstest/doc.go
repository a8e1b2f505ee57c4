// Package corstest is a test kit for CORS.
//
// For applications, [Browser] does in Go what a browser does when a page's script calls a server of
// another origin: it sends the preflight, caches its answer, checks the response, and returns what
// the script would see. It needs no real browser and no network, and takes microseconds. Its error
// says which check failed, what was sent, what came back, and what the server would have to send.
//
//   - [AssertAllowed] and [AssertDenied] take one line in a test: may this page make this request?
//   - [CheckWiring] calls the routes of an assembled application and names mistakes in how it is
//     put together: authentication in front of CORS, CORS below the router, two layers of CORS, and
//     so on.
//
// For authors of adapters, [Run] is the conformance suite that every adapter of this project
// passes, and [Allocations] counts allocations.
package corstest
