package e2e

import (
	"net/http"
	"net/url"
	"strings"
)

// reply is an answer of the API. Every framework's handler sends it. There is no route per method or path: these tests
// are about CORS.
type reply struct {
	status int
	header map[string]string
	body   string
}

// replyTo returns the API's answer, to any method. Every reply has "X-Handler: hit", which shows that the handler ran.
//
//	/api/fail              500
//	/api/moved?to=URL      307, or another status=
//	/api/panic             panics, under the framework's recovery middleware
//	/api/cached            200, for the browser's HTTP cache, for a minute
//	/api/login             200, with a cookie that pages of other sites may send
//	/api/…                 200
//
// Other paths are the framework's own 404.
func replyTo(path, query string) (reply, bool) {
	if !strings.HasPrefix(path, "/api/") {
		return reply{}, false
	}
	r := reply{http.StatusOK, map[string]string{"X-Handler": "hit", "Cache-Control": "no-store"}, "hello"}
	switch path {
	case "/api/fail":
		r.status = http.StatusInternalServerError
	case "/api/moved":
		values, _ := url.ParseQuery(query)
		r.status, r.header["Location"] = http.StatusTemporaryRedirect, "/api/ok"
		if to := values.Get("to"); to != "" {
			r.header["Location"] = to
		}
	case "/api/panic":
		panic("/api/panic was called")
	case "/api/cached":
		r.header["Cache-Control"] = "max-age=60"
	case "/api/login":
		r.header["Set-Cookie"] = "session=1; Path=/; SameSite=None; Secure"
	}
	return r, true
}
