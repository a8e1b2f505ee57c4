// Package corstest is a test kit for CORS.
//
// For applications there is [Browser], which does in Go what a browser does when a page's script asks a server of
// another origin: it sends the preflight, keeps its answer for a while, checks what came back, and shows of it what the
// script would see. It needs no browser and no network, and takes microseconds. Its error says which check failed, what
// was sent, what came back, and what the server would have to send.
//
//   - [AssertAllowed] and [AssertDenied] are one line in a test: may this page make this request?
//   - [CheckWiring] asks an assembled application for each of its routes and names mistakes in how it is put together:
//     authentication in front of CORS, CORS below the router, two layers of CORS, and so on.
//
// For the authors of adapters there is [Run], the conformance suite that every adapter of this project passes, and
// [Allocations].
package corstest
