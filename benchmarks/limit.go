package benchmarks

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"
	fiberv3 "github.com/gofiber/fiber/v3"
	"github.com/labstack/echo/v4"
	echov5 "github.com/labstack/echo/v5"
	"github.com/valyala/fasthttp"
)

// The limits set the fields that Corselet sets for an allowed origin without any check: they tell an actual request
// from a preflight by its method, one without Origin from both, and trust everybody. Like Corselet they share no memory between responses, but for
// one that does, to show what the difference costs.
var (
	netHTTPLimit  = Contender{Name: Limit, Framework: NetHTTP, Open: onNetHTTP(limitNetHTTP(ownFields))}
	netHTTPShared = Contender{Name: Shared, Framework: NetHTTP, Open: onNetHTTP(limitNetHTTP(sharedFields))}
	ginLimit      = Contender{Name: Limit, Framework: Gin, Open: onGin(limitGin)}
	echoLimit     = Contender{Name: Limit, Framework: Echo, Open: onEcho(limitEcho)}
	fiberLimit    = Contender{Name: Limit, Framework: Fiber, Open: onFiber(limitFiber)}
	echoV5Limit   = Contender{Name: Limit, Framework: EchoV5, Open: onEchoV5(limitEchoV5)}
	fiberV3Limit  = Contender{Name: Limit, Framework: FiberV3, Open: onFiberV3(limitFiberV3)}
)

// constants are the fields of an answer that do not depend on the request.
type constants struct{ names, values []string }

func (c *constants) add(name, value string) {
	if value != "" {
		c.names, c.values = append(c.names, name), append(c.values, value)
	}
}

// newConstants returns the fields for actual requests and for preflights.
func newConstants(p Policy) (actual, preflight constants) {
	credentials := ""
	if p.Credentials {
		credentials = "true"
	}
	actual.add("Access-Control-Allow-Credentials", credentials)
	actual.add("Access-Control-Expose-Headers", strings.Join(p.Expose, ","))
	actual.add("Vary", "Origin")
	preflight.add("Access-Control-Allow-Credentials", credentials)
	preflight.add("Access-Control-Allow-Methods", strings.Join(p.methodsBeyondSafelisted(), ","))
	preflight.add("Access-Control-Allow-Headers", strings.Join(p.Headers, ","))
	preflight.add("Access-Control-Max-Age", strconv.Itoa(p.MaxAge))
	preflight.add("Vary", "Origin")
	return actual, preflight
}

// setter sets the fields of an answer from an origin that is allowed.
type setter func(h http.Header, r *http.Request)

// ownFields sets fields whose memory belongs to the response.
func ownFields(c constants) setter {
	return func(h http.Header, r *http.Request) {
		origin := r.Header["Origin"]
		if len(origin) == 0 {
			h["Vary"] = []string{"Origin"}
			return
		}
		h["Access-Control-Allow-Origin"] = origin[:1:1]
		values := make([]string, len(c.values))
		copy(values, c.values)
		for i, name := range c.names {
			h[name] = values[i : i+1 : i+1]
		}
	}
}

var sharedVary = []string{"Origin"}

// sharedFields sets fields whose memory belongs to the middleware.
func sharedFields(c constants) setter {
	var lines [][]string
	for _, value := range c.values {
		lines = append(lines, []string{value})
	}
	return func(h http.Header, r *http.Request) {
		origin := r.Header["Origin"]
		if len(origin) == 0 {
			h["Vary"] = sharedVary
			return
		}
		h["Access-Control-Allow-Origin"] = origin
		for i, name := range c.names {
			h[name] = lines[i]
		}
	}
}

// hasLimit reports whether the policy lists origins. How they are matched means nothing to the limits, so that
// they take part in few comparisons.
func hasLimit(p Policy) bool { return len(p.Origins) > 0 && p.Origins[0] != "*" }

// limits returns the setters for actual requests and preflights.
func limits(p Policy, fields func(constants) setter) (actual, preflight setter, err error) {
	if !hasLimit(p) {
		return nil, nil, ErrUnsupported
	}
	forActual, forPreflight := newConstants(p)
	return fields(forActual), fields(forPreflight), nil
}

func limitNetHTTP(fields func(constants) setter) func(Policy) (netHTTPMiddleware, error) {
	return func(p Policy) (netHTTPMiddleware, error) {
		actual, preflight, err := limits(p, fields)
		return func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodOptions {
					preflight(w.Header(), r)
					w.WriteHeader(http.StatusNoContent)
					return
				}
				actual(w.Header(), r)
				next.ServeHTTP(w, r)
			})
		}, err
	}
}

func limitGin(p Policy) (gin.HandlerFunc, error) {
	actual, preflight, err := limits(p, ownFields)
	return func(c *gin.Context) {
		if c.Request.Method == http.MethodOptions {
			preflight(c.Writer.Header(), c.Request)
			c.Writer.WriteHeader(http.StatusNoContent)
			c.Writer.WriteHeaderNow()
			c.Abort()
			return
		}
		actual(c.Writer.Header(), c.Request)
	}, err
}

func limitEcho(p Policy) (echo.MiddlewareFunc, error) {
	actual, preflight, err := limits(p, ownFields)
	set := &struct{ actual, preflight setter }{actual, preflight} // one pointer for the closure to capture
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if c.Request().Method == http.MethodOptions {
				set.preflight(c.Response().Header(), c.Request())
				c.Response().WriteHeader(http.StatusNoContent)
				return nil
			}
			set.actual(c.Response().Header(), c.Request())
			return next(c)
		}
	}, err
}

func limitEchoV5(p Policy) (echov5.MiddlewareFunc, error) {
	actual, preflight, err := limits(p, ownFields)
	return func(next echov5.HandlerFunc) echov5.HandlerFunc {
		return func(c *echov5.Context) error {
			if c.Request().Method == http.MethodOptions {
				preflight(c.Response().Header(), c.Request())
				c.Response().WriteHeader(http.StatusNoContent)
				return nil
			}
			actual(c.Response().Header(), c.Request())
			return next(c)
		}
	}, err
}

// limitFasthttp answers on fasthttp's request and response, and reports whether the handler is to run.
func limitFasthttp(p Policy) (answer func(*fasthttp.RequestCtx) bool, err error) {
	if !hasLimit(p) {
		return nil, ErrUnsupported
	}
	actual, preflight := newConstants(p)
	set := func(c *constants, ctx *fasthttp.RequestCtx) {
		h := &ctx.Response.Header
		origin := ctx.Request.Header.Peek("Origin")
		if len(origin) == 0 {
			h.SetCanonical(utils.UnsafeBytes("Vary"), utils.UnsafeBytes("Origin"))
			return
		}
		h.SetCanonical(utils.UnsafeBytes("Access-Control-Allow-Origin"), origin)
		for i, name := range c.names {
			h.SetCanonical(utils.UnsafeBytes(name), utils.UnsafeBytes(c.values[i]))
		}
	}
	return func(ctx *fasthttp.RequestCtx) bool {
		if string(ctx.Method()) == fasthttp.MethodOptions {
			set(&preflight, ctx)
			ctx.SetStatusCode(fasthttp.StatusNoContent)
			return false
		}
		set(&actual, ctx)
		return true
	}, nil
}

func limitFiber(p Policy) (fiber.Handler, error) {
	answer, err := limitFasthttp(p)
	return func(c *fiber.Ctx) error {
		if answer(c.Context()) {
			return c.Next()
		}
		return nil
	}, err
}

func limitFiberV3(p Policy) (fiberv3.Handler, error) {
	answer, err := limitFasthttp(p)
	return func(c fiberv3.Ctx) error {
		if answer(c.RequestCtx()) {
			return c.Next()
		}
		return nil
	}, err
}

// bare204 answers everything with 204.
var bare204 = map[string]Opener{
	NetHTTP: onNetHTTP(func(Policy) (netHTTPMiddleware, error) {
		return func(http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
		}, nil
	}),
	Gin: onGin(func(Policy) (gin.HandlerFunc, error) {
		return func(c *gin.Context) {
			c.Writer.WriteHeader(http.StatusNoContent)
			c.Writer.WriteHeaderNow()
			c.Abort()
		}, nil
	}),
	Echo: onEcho(func(Policy) (echo.MiddlewareFunc, error) {
		return func(echo.HandlerFunc) echo.HandlerFunc {
			return func(c echo.Context) error {
				c.Response().WriteHeader(http.StatusNoContent)
				return nil
			}
		}, nil
	}),
	Fiber: onFiber(func(Policy) (fiber.Handler, error) {
		return func(c *fiber.Ctx) error {
			c.Status(fiber.StatusNoContent)
			return nil
		}, nil
	}),
	EchoV5: onEchoV5(func(Policy) (echov5.MiddlewareFunc, error) {
		return func(echov5.HandlerFunc) echov5.HandlerFunc {
			return func(c *echov5.Context) error {
				c.Response().WriteHeader(http.StatusNoContent)
				return nil
			}
		}, nil
	}),
	FiberV3: onFiberV3(func(Policy) (fiberv3.Handler, error) {
		return func(c fiberv3.Ctx) error {
			c.Status(fiberv3.StatusNoContent)
			return nil
		}, nil
	}),
}
