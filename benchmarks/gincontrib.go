package benchmarks

import (
	"strings"
	"time"

	"github.com/gin-contrib/cors"
	"github.com/gin-gonic/gin"
)

// ginContrib is github.com/gin-contrib/cors. For each listed origin and request it runs a regexp, to see whether the
// origin is itself written as one; those that are it compiles on the spot.
var ginContrib = Contender{
	Name: "gin-contrib/cors", Framework: Gin, Module: "github.com/gin-contrib/cors", MaxOrigins: 10_000,
	OnRegexps: "compiles them anew for each request",
	Open: onGin(func(p Policy) (gin.HandlerFunc, error) {
		config := cors.Config{
			AllowOrigins:     p.Origins,
			AllowMethods:     p.Methods,
			AllowHeaders:     p.Headers,
			ExposeHeaders:    p.Expose,
			AllowCredentials: p.Credentials,
			MaxAge:           time.Duration(p.MaxAge) * time.Second,
			AllowWildcard:    len(p.Origins) > 0 && strings.Contains(p.Origins[0], "*."),
		}
		for _, expr := range p.Regexps {
			config.AllowOrigins = append(config.AllowOrigins, "/"+expr+"/")
		}
		return cors.New(config), nil
	}),
}
