package benchmarks

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// onEcho makes applications of an echo instance with a library's middleware in Echo.Use.
func onEcho(build func(Policy) (echo.MiddlewareFunc, error)) Opener {
	return func(p Policy, mode Mode) (App, error) {
		e := echo.New()
		if build != nil {
			middleware, err := build(p)
			if err != nil {
				return nil, err
			}
			if mode == Alone {
				return echoAlone{e, middleware}, nil
			}
			e.Use(middleware)
		} else if mode == Alone {
			return echoAlone{e, func(next echo.HandlerFunc) echo.HandlerFunc { return next }}, nil
		}
		e.GET("/api/items/:id", func(c echo.Context) error {
			c.Response().Header()["Content-Type"] = jsonType
			_, err := c.Response().Write(body)
			return err
		})
		e.GET("/api/users/:id", func(echo.Context) error { return echo.ErrNotFound })
		return httpApp{e, mode}, nil
	}
}

// echoAlone calls the middleware without the router. Echo applies it to the next handler for every request.
type echoAlone struct {
	echo       *echo.Echo
	middleware echo.MiddlewareFunc
}

func (a echoAlone) Client(requests []Request) Client {
	return &echoClient{
		middleware: a.middleware, context: a.echo.NewContext(nil, nil), requests: httpRequests(requests),
		handler: func(echo.Context) error { return nil },
	}
}

type echoClient struct {
	middleware echo.MiddlewareFunc
	handler    echo.HandlerFunc
	context    echo.Context
	requests   []*http.Request
	next       int
	w          recorder
}

func (c *echoClient) Do() {
	c.w.reset(false)
	c.context.Reset(c.requests[c.next], &c.w)
	_ = c.middleware(c.handler)(c.context)
	if c.next++; c.next == len(c.requests) {
		c.next = 0
	}
}

func (c *echoClient) Answer() Answer { return c.w.answer() }
