package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/gofiber/fiber/v2"
	fiberv3 "github.com/gofiber/fiber/v3"
	"github.com/labstack/echo/v4"
	echov5 "github.com/labstack/echo/v5"

	"github.com/corselet/corselet/core"
)

// All builders have the same shape, which the tests that compare the adapters use.
var (
	_ func(*core.CORS, ...func(http.Handler) http.Handler) http.Handler = newNetHTTP
	_ func(*core.CORS, ...gin.HandlerFunc) *gin.Engine                  = newGin
	_ func(*core.CORS, ...echo.MiddlewareFunc) *echo.Echo               = newEcho
	_ func(*core.CORS, ...fiber.Handler) *fiber.App                     = newFiber
	_ func(*core.CORS, ...echov5.MiddlewareFunc) *echov5.Echo           = newEchoV5
	_ func(*core.CORS, ...fiberv3.Handler) *fiberv3.App                 = newFiberV3
)

// client follows no redirects.
var client = &http.Client{
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// send sends a request with the given fields, as name, value, name, value.
func send(t *testing.T, method, url, body string, fields ...string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for pair := range slices.Chunk(fields, 2) {
		r.Header.Add(pair[0], pair[1])
	}
	if host := r.Header.Get("Host"); host != "" {
		r.Host = host
	}
	response, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(text)
}

func TestTheAPIIsTheSameInEveryFramework(t *testing.T) {
	tests := []struct {
		name     string
		method   string
		path     string
		status   int
		handler  string
		location string
	}{
		{"a GET", "GET", "/api/ok", 200, "hit", ""},
		{"the prefix alone", "GET", "/api/", 200, "hit", ""},
		{"a path of any depth", "GET", "/api/a/b/c/", 200, "hit", ""},
		{"a path that routers like to clean", "GET", "/api//a/../b", 200, "hit", ""},
		{"an escaped path", "GET", "/api/%66ail", 500, "hit", ""},
		{"a POST", "POST", "/api/ok", 200, "hit", ""},
		{"a PUT", "PUT", "/api/ok", 200, "hit", ""},
		{"a DELETE", "DELETE", "/api/ok", 200, "hit", ""},
		{"OPTIONS that is no preflight", "OPTIONS", "/api/ok", 200, "hit", ""},
		{"a method that frameworks do not know", "FOO", "/api/ok", 200, "hit", ""},
		{"a method in lower case", "patch", "/api/ok", 200, "hit", ""},
		{"the failure", "PUT", "/api/fail", 500, "hit", ""},
		{"the redirect", "GET", "/api/moved", 307, "hit", "/api/ok"},
		{"the panic", "GET", "/api/panic", 500, "hit", ""},
		{"the prefix without its slash", "GET", "/api", 404, "", ""},
		{"the root", "GET", "/", 404, "", ""},
		{"another path", "FOO", "/apiary", 404, "", ""},
	}
	urls := launch(t)
	for _, framework := range serverNames[1:] {
		for _, test := range tests {
			t.Run(framework+", "+test.name, func(t *testing.T) {
				response, body := send(t, test.method, urls[framework]+test.path, "", "Origin", "http://localhost:1")
				if response.StatusCode != test.status {
					t.Errorf("status: got %d, want %d", response.StatusCode, test.status)
				}
				if got := response.Header.Get(fieldHandler); got != test.handler {
					t.Errorf("%s: got %q, want %q", fieldHandler, got, test.handler)
				}
				if got := response.Header.Get("Location"); got != test.location {
					t.Errorf("Location: got %q, want %q", got, test.location)
				}
				if got := response.Header.Get(core.FieldAllowOrigin); got != "http://localhost:1" {
					t.Errorf("%s: got %q, want the origin", core.FieldAllowOrigin, got)
				}
				if test.handler == "" || test.path == pathPanic {
					return // the framework's own body
				}
				var got map[string]any
				if err := json.Unmarshal([]byte(body), &got); err != nil || len(got) != 1 || got["framework"] != framework {
					t.Errorf("body: got %s, want a JSON object that names %s (%v)", body, framework, err)
				}
			})
		}
	}
}

func TestOuterMiddlewareSeesRequestsBeforeRecoveryDoes(t *testing.T) {
	// Each middleware records the order and, on its way out, the status that the panic became.
	var order []string
	netHTTP := func(name string) func(http.Handler) http.Handler {
		return func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				order = append(order, name)
				next.ServeHTTP(w, r)
				order = append(order, name+" out")
			})
		}
	}
	ginOuter := func(name string) gin.HandlerFunc {
		return func(c *gin.Context) {
			order = append(order, name)
			c.Next()
			order = append(order, name+" out")
		}
	}
	echoOuter := func(name string) echo.MiddlewareFunc {
		return func(next echo.HandlerFunc) echo.HandlerFunc {
			return func(c echo.Context) error {
				order = append(order, name)
				err := next(c)
				order = append(order, name+" out")
				return err
			}
		}
	}
	fiberOuter := func(name string) fiber.Handler {
		return func(c *fiber.Ctx) error {
			order = append(order, name)
			err := c.Next()
			order = append(order, name+" out")
			return err
		}
	}
	echoV5Outer := func(name string) echov5.MiddlewareFunc {
		return func(next echov5.HandlerFunc) echov5.HandlerFunc {
			return func(c *echov5.Context) error {
				order = append(order, name)
				err := next(c)
				order = append(order, name+" out")
				return err
			}
		}
	}
	fiberV3Outer := func(name string) fiberv3.Handler {
		return func(c fiberv3.Ctx) error {
			order = append(order, name)
			err := c.Next()
			order = append(order, name+" out")
			return err
		}
	}
	var cors core.CORS
	serve := func(h http.Handler) func(*http.Request) int {
		return func(r *http.Request) int {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			return w.Code
		}
	}
	apps := map[string]func(*http.Request) int{
		"net/http": serve(newNetHTTP(&cors, netHTTP("first"), netHTTP("second"))),
		"gin":      serve(newGin(&cors, ginOuter("first"), ginOuter("second"))),
		"echo":     serve(newEcho(&cors, echoOuter("first"), echoOuter("second"))),
		"fiber": func(r *http.Request) int {
			response, err := newFiber(&cors, fiberOuter("first"), fiberOuter("second")).Test(r)
			if err != nil {
				t.Fatal(err)
			}
			return response.StatusCode
		},
		"echo v5": serve(newEchoV5(&cors, echoV5Outer("first"), echoV5Outer("second"))),
		"fiber v3": func(r *http.Request) int {
			response, err := newFiberV3(&cors, fiberV3Outer("first"), fiberV3Outer("second")).Test(r)
			if err != nil {
				t.Fatal(err)
			}
			return response.StatusCode
		},
	}
	for name, app := range apps {
		t.Run(name, func(t *testing.T) {
			order = nil
			status := app(httptest.NewRequestWithContext(context.Background(), "GET", pathPanic, nil))
			if status != http.StatusInternalServerError {
				t.Errorf("status: got %d, want 500", status)
			}
			if want := []string{"first", "second", "second out", "first out"}; !slices.Equal(order, want) {
				t.Errorf("order: got %q, want %q", order, want)
			}
		})
	}
}
