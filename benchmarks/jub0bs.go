package benchmarks

import (
	"net/http"

	"github.com/jub0bs/cors"
)

// jub0bsCORS is github.com/jub0bs/cors, in the newest version that could be downloaded. It has no regexps.
var jub0bsCORS = Contender{
	Name: "jub0bs/cors", Framework: NetHTTP, Module: "github.com/jub0bs/cors",
	Open: onNetHTTP(func(p Policy) (func(http.Handler) http.Handler, error) {
		if len(p.Regexps) > 0 {
			return nil, ErrUnsupported
		}
		middleware, err := cors.NewMiddleware(cors.Config{
			Origins:         p.Origins,
			Credentialed:    p.Credentials,
			Methods:         p.Methods,
			RequestHeaders:  p.Headers,
			ResponseHeaders: p.Expose,
			MaxAgeInSeconds: p.MaxAge,
		})
		if err != nil {
			return nil, err
		}
		return middleware.Wrap, nil
	}),
}
