package benchmarks

import (
	"net/http"

	"github.com/labstack/echo/v5"
)

// onEchoV5 makes applications of an echo v5 instance with a library's middleware in Echo.Use.
func onEchoV5(build func(Policy) (echo.MiddlewareFunc, error)) Opener {
	return func(p Policy, mode Mode) (App, error) {
		e := echo.New()
		if build != nil {
			middleware, err := build(p)
			if err != nil {
				return nil, err
			}
			if mode == Alone {
				return echoV5Alone{e, middleware}, nil
			}
			e.Use(middleware)
		} else if mode == Alone {
			return echoV5Alone{e, func(next echo.HandlerFunc) echo.HandlerFunc { return next }}, nil
		}
		e.GET("/api/items/:id", func(c *echo.Context) error {
			c.Response().Header()["Content-Type"] = jsonType
			_, err := c.Response().Write(body)
			return err
		})
		e.GET("/api/users/:id", func(*echo.Context) error { return echo.ErrNotFound })
		return httpApp{e, mode}, nil
	}
}

// echoV5Alone calls the middleware without the router. echo v5 applies it to the next handler once.
type echoV5Alone struct {
	echo       *echo.Echo
	middleware echo.MiddlewareFunc
}

func (a echoV5Alone) Client(requests []Request) Client {
	return &echoV5Client{
		handler: a.middleware(func(*echo.Context) error { return nil }), context: a.echo.NewContext(nil, nil),
		requests: httpRequests(requests),
	}
}

type echoV5Client struct {
	handler  echo.HandlerFunc // middleware included
	context  *echo.Context
	requests []*http.Request
	next     int
	w        recorder
}

func (c *echoV5Client) Do() {
	c.w.reset(false)
	c.context.Reset(c.requests[c.next], &c.w)
	_ = c.handler(c.context)
	if c.next++; c.next == len(c.requests) {
		c.next = 0
	}
}

func (c *echoV5Client) Answer() Answer { return c.w.answer() }
