// Package adaptertest holds what the tests of all adapters share, next to the conformance suite of
// corstest. An adapter's test assembles applications as its README shows them, and the functions
// here ask them:
//
//   - [RunPlacements] where CORS goes in an application, and what goes wrong in other places;
//   - [RunWirings] what corstest.CheckWiring says about those places;
//   - [RunTwoLayers] what two layers of CORS come to;
//   - [RunSkip] what is left alone;
//   - [RunEndings] what is left of a request that ends in the middleware;
//   - [RunKept] what later layers do to the fields;
//   - [RunRecipes] two policies, WebSockets, single sign-on, a reverse proxy;
//   - [RunPaths] paths that routers read in different ways;
//   - [RunLayers] caches, timeouts, recovery, compression in front of CORS and behind it.
package adaptertest
