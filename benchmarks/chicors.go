package benchmarks

import (
	"net/http"

	"github.com/go-chi/cors"
)

// chiCORS is github.com/go-chi/cors, in front of the same mux as the others: it needs nothing of chi.
var chiCORS = Contender{
	Name: "go-chi/cors", Framework: NetHTTP, Module: "github.com/go-chi/cors",
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
			matches := p.matcher()
			options.AllowOriginFunc = func(_ *http.Request, origin string) bool { return matches(origin) }
		}
		return cors.Handler(options), nil
	}),
}
