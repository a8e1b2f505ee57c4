package benchmarks

import (
	"strings"

	"github.com/labstack/echo/v5"
	"github.com/labstack/echo/v5/middleware"
)

// echoV5Own is echo v5's own middleware. It compares with one listed origin after another, and knows no wildcards.
var echoV5Own = Contender{
	Name: "echo v5's own", Framework: EchoV5, Module: "github.com/labstack/echo/v5",
	Open: onEchoV5(func(p Policy) (echo.MiddlewareFunc, error) {
		if len(p.Origins) > 0 && strings.Contains(p.Origins[0], "*.") {
			return nil, ErrUnsupported
		}
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
			config.UnsafeAllowOriginFunc = func(_ *echo.Context, origin string) (string, bool, error) {
				return origin, matches(origin), nil
			}
		}
		return config.ToMiddleware()
	}),
}
