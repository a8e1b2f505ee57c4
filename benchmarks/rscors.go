package benchmarks

import (
	"net/http"

	"github.com/rs/cors"
)

// rsCORS is github.com/rs/cors.
var rsCORS = Contender{
	Name: "rs/cors", Framework: NetHTTP, Module: "github.com/rs/cors",
	Open: onNetHTTP(func(p Policy) (func(http.Handler) http.Handler, error) {
		options := cors.Options{
			AllowedOrigins:   p.Origins,
			AllowedMethods:   p.Methods,
			AllowedHeaders:   p.Headers,
			ExposedHeaders:   p.Expose,
			AllowCredentials: p.Credentials,
			MaxAge:           p.MaxAge,
		}
		if len(p.Regexps) > 0 {
			options.AllowOriginFunc = p.matcher()
		}
		return cors.New(options).Handler, nil
	}),
}
