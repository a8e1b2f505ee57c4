package fibercors_test

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/recover"
	"github.com/valyala/fasthttp"

	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/fibercors"
)

func TestConformance(t *testing.T) {
	corstest.Run(t, func(t *testing.T, spec corstest.Spec) corstest.App {
		app := fiber.New(fiber.Config{
			DisableStartupMessage: true,
			RequestMethods:        append([]string{"FOO"}, fiber.DefaultMethods...),
		})
		app.Use(func(c *fiber.Ctx) error {
			for _, f := range spec.Outer {
				c.Response().Header.Add(f.Name, f.Value)
			}
			return c.Next()
		}, recover.New(), fibercors.New(spec.CORS))
		app.Use("/api", api)
		return corstest.App{
			Server: "fasthttp",
			Do:     func(r *corstest.RawRequest) (*corstest.RawResponse, error) { return do(app, r) },
			Serve: func(l net.Listener) error {
				defer app.Shutdown()
				return app.Listener(l)
			},
		}
	})
}

// api is the handler that corstest.Spec asks for.
func api(c *fiber.Ctx) error {
	c.Set("X-Handler", "hit")
	switch c.Path() {
	case "/api/panic":
		panic("as the case wants")
	case "/api/fail":
		c.Status(fiber.StatusInternalServerError)
		return nil
	case "/api/moved":
		return c.Redirect("/api/ok", fiber.StatusTemporaryRedirect)
	}
	return nil
}

// do has the application answer a request that no parser has seen.
func do(app *fiber.App, r *corstest.RawRequest) (*corstest.RawResponse, error) {
	var ctx fasthttp.RequestCtx
	ctx.Init(newRequest(r), nil, nil)
	app.Handler()(&ctx)

	// fasthttp adds and drops fields when it writes a response, so what counts is what it writes.
	var written bytes.Buffer
	if _, err := ctx.Response.WriteTo(&written); err != nil {
		return nil, err
	}
	res, err := http.ReadResponse(bufio.NewReader(&written), &http.Request{Method: r.Method})
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return &corstest.RawResponse{Status: res.StatusCode, Header: res.Header, Body: string(body)}, err
}

// newRequest returns a request into which every byte of r has got that fasthttp can hold: it turns CR and LF into
// spaces.
func newRequest(r *corstest.RawRequest) *fasthttp.Request {
	req := new(fasthttp.Request)
	req.Header.SetMethod(r.Method)
	req.SetRequestURI(r.Path)
	req.Header.SetHost(corstest.Host)
	for _, f := range r.Fields {
		req.Header.Add(f.Name, f.Value)
	}
	return req
}
