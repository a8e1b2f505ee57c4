package fiberv3cors_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/proxy"
	"github.com/gofiber/fiber/v3/middleware/recover"
	"github.com/gofiber/fiber/v3/middleware/static"
	"github.com/gofiber/fiber/v3/middleware/timeout"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/corstest/adaptertest"
	"github.com/corselet/corselet/fiberv3cors"
)

// What runs after the middleware may reset the response: fasthttp's file server does for all but a whole file.
func TestFieldsAreKeptWhenTheResponseIsReset(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file.txt")
	if err := os.WriteFile(file, []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	upstream := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer upstream.Close()
	defer proxy.WithSecurityPolicy(proxy.WithSecurityPolicy(proxy.SecurityPolicy{AllowPrivateIPs: true}))
	fresh := corstest.Fields{{Name: "If-Modified-Since", Value: time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)}}
	beyond := corstest.Fields{{Name: "Range", Value: "bytes=9-"}}
	requests := []adaptertest.Kept{
		{Path: "/static/file.txt", Status: 200},
		{Path: "/static/file.txt", Header: fresh, Status: 304},
		{Path: "/static/file.txt", Header: beyond, Status: 416},
		{Path: "/static/folder/", Status: 404},
		{Path: "/static/none.txt", Status: 404},
		{Path: "/slow", Status: 408},
		{Path: "/slow/by-code", Status: 503},
		{Path: "/proxied", Status: 200},
		{Path: "/send", Status: 200},
		{Path: "/send", Header: fresh, Status: 304},
		{Path: "/send", Header: beyond, Status: 416},
		{Path: "/missing", Status: 404},
		{Path: "/download", Header: fresh, Status: 304},
		{Path: "/compressed", Status: 200, Vary: []string{"Accept-Encoding"}},
		{Path: "/error", Status: 500},
		{Path: "/notfound", Status: 404},
		{Path: "/reset", Status: 500},
		{Path: "/header", Status: 200},
		{Path: "/reset/panic", Status: 500},
		{Path: "/own", Status: 200},
		{Path: "/overwritten", Status: 200},
	}
	adaptertest.RunKept(t, func(cors *core.CORS) corstest.App {
		app := fiber.New()
		app.Use(recover.New(), fiberv3cors.New(cors))
		app.Use("/static", static.New(dir, static.Config{ByteRange: true}))
		slow := func(c fiber.Ctx) error {
			<-c.Context().Done()
			c.Response().Reset() // while the answer is on its way
			return c.Context().Err()
		}
		app.Get("/slow", timeout.New(slow, timeout.Config{Timeout: 20 * time.Millisecond}))
		app.Get("/slow/by-code", func(c fiber.Ctx) error {
			c.RequestCtx().TimeoutErrorWithCode("slow", 503)
			return nil
		})
		app.Get("/proxied", func(c fiber.Ctx) error { return proxy.Do(c, upstream.URL) })
		app.Get("/send", func(c fiber.Ctx) error { return c.SendFile(file, fiber.SendFile{ByteRange: true}) })
		app.Get("/missing", func(c fiber.Ctx) error { return c.SendFile(file + ".none") })
		app.Get("/download", func(c fiber.Ctx) error { return c.Download(file) })
		app.Get("/compressed", func(c fiber.Ctx) error { // as a compressing layer does to a response that was reset
			c.Response().Reset()
			c.Vary("Accept-Encoding")
			return nil
		})
		app.Get("/error", func(c fiber.Ctx) error { c.RequestCtx().Error("broken", 500); return nil })
		app.Get("/notfound", func(c fiber.Ctx) error { c.RequestCtx().NotFound(); return nil })
		app.Get("/reset", func(c fiber.Ctx) error { c.Response().Reset(); return errors.New("later") })
		app.Get("/header", func(c fiber.Ctx) error { c.Response().Header.Reset(); return c.SendString("hello") })
		app.Get("/reset/panic", func(c fiber.Ctx) error { c.Response().Reset(); panic("as the case wants") })
		app.Get("/own", func(c fiber.Ctx) error { // as a proxied answer with CORS fields of its own
			c.Response().Reset()
			c.Set("Access-Control-Allow-Origin", "https://upstream.example")
			c.Set("Access-Control-Max-Age", "600")
			return nil
		})
		app.Get("/overwritten", func(c fiber.Ctx) error { // the request's memory, as a proxy may
			c.Request().Header.Set("Origin", "https://evil.example/123")
			c.Response().Reset()
			return nil
		})
		return appOf(app)
	}, requests)
}

func TestAHandlerMayRemoveAField(t *testing.T) {
	cors, err := core.New(core.Config{Origins: []string{adaptertest.Page}})
	if err != nil {
		t.Fatal(err)
	}
	app := fiber.New()
	app.Use(fiberv3cors.New(cors))
	app.Get("/", func(c fiber.Ctx) error { c.Response().Header.Del("Access-Control-Allow-Origin"); return nil })
	got := adaptertest.Ask(appOf(app), "GET", "/", "Origin", adaptertest.Page)
	if want := "GET /: 200, for no origin"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A cache must not keep for everyone the 500 that a recovery layer answers with, and no field of an outer layer may be
// left on it.
func TestFieldsAreThoseOfARefusalWhereOriginFuncPanics(t *testing.T) {
	cors, err := core.New(core.Config{OriginFunc: func(context.Context, core.OriginRequest) (bool, error) { panic("down") }})
	if err != nil {
		t.Fatal(err)
	}
	app := fiber.New()
	app.Use(recover.New(), func(c fiber.Ctx) error {
		c.Set("Access-Control-Allow-Origin", "https://outer.example")
		return c.Next()
	}, fiberv3cors.New(cors))
	r := &corstest.RawRequest{Method: "GET", Path: "/", Fields: corstest.Fields{{Name: "Origin", Value: adaptertest.Page}}}
	got, err := appOf(app).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	want := corstest.Answer{Status: 500, Vary: []string{"Origin"}}
	for _, problem := range want.Check(got) {
		t.Error(problem)
	}
}
