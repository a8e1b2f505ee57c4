package benchmarks

import (
	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
)

// echoOwn is echo's own middleware. It compiles a regexp for each listed origin, which takes megabytes for thousands.
var echoOwn = Contender{
	Name: "echo's own", Framework: Echo, Module: "github.com/labstack/echo/v4", MaxOrigins: 10_000,
	Open: onEcho(func(p Policy) (echo.MiddlewareFunc, error) {
		config := middleware.CORSConfig{
			AllowOrigins:     p.Origins,
			AllowMethods:     p.Methods,
			AllowHeaders:     p.Headers,
			ExposeHeaders:    p.Expose,
			AllowCredentials: p.Credentials,
			MaxAge:           p.MaxAge,
		}
		if len(p.Regexps) > 0 {
			matches := p.matcher()
			config.AllowOriginFunc = func(origin string) (bool, error) { return matches(origin), nil }
		}
		return middleware.CORSWithConfig(config), nil
	}),
}
