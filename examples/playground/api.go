package main

import "net/http"

// The API is the same in all frameworks. Each has a file of its own with:
//
//	/api/fail     500
//	/api/moved    307 to /api/ok
//	/api/panic    panics, under the framework's recovery middleware
//	/api/…        200
//
// for every method. Each handler sets X-Handler first, so tests see whether it ran, and answers
// with a JSON object that names its framework. All other paths get the framework's own 404.
//
// There is no route per method or path: routers differ in the methods they know and the paths they
// redirect, and the playground shows only CORS.
const (
	apiPrefix = "/api/"
	pathOK    = "/api/ok"
	pathFail  = "/api/fail"
	pathMoved = "/api/moved"
	pathPanic = "/api/panic"

	fieldHandler = "X-Handler" // set by a handler that ran
	handlerRan   = "hit"
)

// apiStatus returns the status of a path of the API, or panics.
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
