package main

import "net/http"

// The API is the same in all frameworks, and written out in each of them, in a file of its own:
//
//	/api/fail     500
//	/api/moved    307 to /api/ok
//	/api/panic    panics, under the framework's recovery middleware
//	/api/…        200
//
// for every method. Each handler sets X-Handler before anything else, so that a test can tell whether it ran, and
// answers with a JSON object that names its framework. All other paths are the framework's own 404.
//
// None of them has a route per method or path. Routers disagree on which methods they know and which paths they
// redirect; the playground is to show CORS, and nothing but.
const (
	apiPrefix = "/api/"
	pathOK    = "/api/ok"
	pathFail  = "/api/fail"
	pathMoved = "/api/moved"
	pathPanic = "/api/panic"

	fieldHandler = "X-Handler" // response field by which a handler shows that it ran
	handlerRan   = "hit"
)

// apiStatus is what the handlers answer for a path of the API, or panic with.
func apiStatus(path string) int {
	switch path {
	case pathFail:
		return http.StatusInternalServerError
	case pathMoved:
		return http.StatusTemporaryRedirect
	case pathPanic:
		panic("/api/panic was called")
	}
	return http.StatusOK
}

// apiBody is the body of every answer of the API.
type apiBody struct {
	Framework string `json:"framework"`
}
