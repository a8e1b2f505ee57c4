package main

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/httpcors"
)

// newNetHTTP returns the API in net/http. The first outer middleware sees a request first.
func newNetHTTP(cors *core.CORS, outer ...func(http.Handler) http.Handler) http.Handler {
	handler := recovery(httpcors.New(cors)(http.HandlerFunc(netHTTPAPI)))
	for _, middleware := range slices.Backward(outer) {
		handler = middleware(handler)
	}
	return handler
}

func netHTTPAPI(w http.ResponseWriter, r *http.Request) {
	if !strings.HasPrefix(r.URL.Path, apiPrefix) {
		http.NotFound(w, r)
		return
	}
	w.Header().Set(fieldHandler, handlerRan)
	status := apiStatus(r.URL.Path)
	if status == http.StatusTemporaryRedirect {
		w.Header().Set("Location", pathOK)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(apiBody{"net/http"}) // an error means that the client is gone
}

// recovery turns panics into answers with status 500. It keeps the fields in the response header.
func recovery(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if v := recover(); v == http.ErrAbortHandler { //nolint:errorlint // as net/http does
				panic(v)
			} else if v != nil {
				http.Error(w, http.StatusText(http.StatusInternalServerError),
					http.StatusInternalServerError)
			}
		}()
		next.ServeHTTP(w, r)
	})
}
