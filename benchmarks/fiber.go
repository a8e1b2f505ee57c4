package benchmarks

import (
	"bytes"
	"net"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// onFiber makes applications of a fiber app with a library's middleware in App.Use. A fiber context cannot be made
// outside of an app, so that the middleware cannot be called alone.
func onFiber(build func(Policy) (fiber.Handler, error)) Opener {
	return func(p Policy, mode Mode) (App, error) {
		if mode == Alone {
			return nil, ErrUnsupported
		}
		app := fiber.New(fiber.Config{DisableStartupMessage: true, ReadBufferSize: 4 * mebibyte})
		if build != nil {
			middleware, err := build(p)
			if err != nil {
				return nil, err
			}
			app.Use(middleware)
		}
		app.Get("/api/items/:id", func(c *fiber.Ctx) error {
			c.Context().Response.Header.SetContentType(contentType)
			return c.Send(body)
		})
		app.Get("/api/users/:id", func(*fiber.Ctx) error { return fiber.ErrNotFound })
		return fiberApp{app.Handler(), app.Listener, app.Shutdown}, nil
	}
}

// fiberApp is an application of fiber's, whatever its major version.
type fiberApp struct {
	handler  fasthttp.RequestHandler
	serve    func(net.Listener) error
	shutdown func() error
}

func (a fiberApp) Client(requests []Request) Client {
	c := &fiberClient{handler: a.handler}
	for _, request := range requests {
		ctx := new(fasthttp.RequestCtx)
		ctx.Init(new(fasthttp.Request), nil, nil)
		ctx.Request.Header.SetMethod(request.Method)
		ctx.Request.Header.SetRequestURI(path)
		ctx.Request.Header.SetHost(host)
		for _, field := range request.fields() {
			ctx.Request.Header.Add(field[0], field[1])
		}
		c.contexts = append(c.contexts, ctx)
	}
	return c
}

type fiberClient struct {
	handler  fasthttp.RequestHandler
	contexts []*fasthttp.RequestCtx
	next     int
	last     *fasthttp.RequestCtx
}

func (c *fiberClient) Do() {
	ctx := c.contexts[c.next]
	ctx.Response.Reset()
	c.handler(ctx)
	c.last = ctx
	if c.next++; c.next == len(c.contexts) {
		c.next = 0
	}
}

func (c *fiberClient) Answer() Answer {
	header := map[string][]string{}
	for name, value := range c.last.Response.Header.All() {
		header[string(name)] = append(header[string(name)], string(value))
	}
	return Answer{
		Status: c.last.Response.StatusCode(), Header: header, HandlerRan: bytes.Equal(c.last.Response.Body(), body),
	}
}
