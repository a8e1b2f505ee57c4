package fibercors_test

import (
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/cache"
	"github.com/gofiber/fiber/v2/middleware/compress"
	"github.com/gofiber/fiber/v2/middleware/etag"
	"github.com/gofiber/fiber/v2/middleware/idempotency"
	"github.com/gofiber/fiber/v2/middleware/recover"
	"github.com/gofiber/fiber/v2/middleware/timeout"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/corstest/adaptertest"
	"github.com/corselet/corselet/fibercors"
)

// docs/layers.md says where these go. Each is asked for the same thing by a page, another one, and the first one again.
func TestLayers(t *testing.T) {
	const (
		ok    = "200"
		none  = "200, no fields"
		other = "200, the other's fields"
		twice = "200, for " + adaptertest.Another + " and " + adaptertest.Page
		again = "200, for " + adaptertest.Page + " and " + adaptertest.Page
	)
	caches := func(change func(*cache.Config)) fiber.Handler {
		config := cache.Config{Expiration: time.Minute}
		change(&config)
		return cache.New(config)
	}
	asItComes := func(*cache.Config) {}
	storing := func(c *cache.Config) { c.StoreResponseHeaders = true }
	byOrigin := func(c *cache.Config) {
		c.StoreResponseHeaders = true
		c.KeyGenerator = func(c *fiber.Ctx) string { return c.Path() + c.Get("Origin") }
	}
	keeping := func() fiber.Handler {
		return idempotency.New(idempotency.Config{KeepResponseHeaders: []string{"Content-Type", "Location"}})
	}
	key := corstest.Fields{{Name: "X-Idempotency-Key", Value: "00000000-0000-0000-0000-000000000001"}}
	gzip := corstest.Fields{{Name: "Accept-Encoding", Value: "gzip"}}
	fresh := corstest.Fields{{Name: "If-None-Match", Value: `"5-3303331774"`}}
	type wants = [3]string
	same := func(status string) wants { return wants{status, status, status} }
	adaptertest.RunLayers(t, []adaptertest.Layering{
		{Name: "a cache behind CORS", Ask: "GET /",
			App: behind(caches(asItComes)), Want: same(ok)},
		{Name: "a cache behind CORS that stores header fields", Ask: "GET /",
			App: behind(caches(storing)), Want: wants{ok, other, ok}},
		{Name: "a cache in front of CORS", Ask: "GET /",
			App: inFront(caches(asItComes)), Want: wants{ok, none, none}},
		{Name: "a cache in front of CORS that stores header fields", Ask: "GET /",
			App: inFront(caches(storing)), Want: wants{ok, other, ok}},
		{Name: "a cache in front of CORS that stores header fields, by origin", Ask: "GET /",
			App: inFront(caches(byOrigin)), Want: same(ok)},

		{Name: "idempotency behind CORS", Ask: "POST /", Header: key,
			App: behind(idempotency.New()), Want: wants{ok, twice, again}},
		{Name: "idempotency behind CORS that keeps listed fields", Ask: "POST /", Header: key,
			App: behind(keeping()), Want: same(ok)},
		{Name: "idempotency in front of CORS", Ask: "POST /", Header: key,
			App: inFront(idempotency.New()), Want: wants{ok, other, ok}},
		{Name: "idempotency in front of CORS that keeps listed fields", Ask: "POST /", Header: key,
			App: inFront(keeping()), Want: wants{ok, none, none}},

		{Name: "compress behind CORS", Ask: "GET /", Header: gzip, App: behind(compress.New()), Want: same(ok)},
		{Name: "compress in front of CORS", Ask: "GET /", Header: gzip, App: inFront(compress.New()), Want: same(ok)},
		{Name: "etag behind CORS", Ask: "GET /", Header: fresh, App: behind(etag.New()), Want: same("304")},
		{Name: "etag in front of CORS", Ask: "GET /", Header: fresh, App: inFront(etag.New()), Want: same("304")},
		{Name: "a timeout behind CORS", Ask: "GET /slow", App: behind(passes), Want: same("408")},
		{Name: "recover behind CORS", Ask: "GET /panic", App: behind(recover.New()), Want: same("500")},
		{Name: "recover in front of CORS", Ask: "GET /panic", App: inFront(recover.New()), Want: same("500")},
		{Name: "a layer behind CORS that resets the answer", Ask: "GET /", App: behind(resets), Want: same(ok)},
		{Name: "a layer in front of CORS that resets the answer", Ask: "GET /", App: inFront(resets), Want: same(none)},
	})
}

func passes(c *fiber.Ctx) error { return c.Next() }

// resets starts the answer anew, as some error handlers do.
func resets(c *fiber.Ctx) error {
	err := c.Next()
	c.Response().Reset()
	return err
}

func behind(layer fiber.Handler) func(*core.CORS) corstest.App {
	return func(cors *core.CORS) corstest.App { return layered(fibercors.New(cors), layer) }
}

func inFront(layer fiber.Handler) func(*core.CORS) corstest.App {
	return func(cors *core.CORS) corstest.App { return layered(layer, fibercors.New(cors)) }
}

// layered returns an application with two layers around its routes.
func layered(outer, inner fiber.Handler) corstest.App {
	slow := func(c *fiber.Ctx) error {
		<-c.UserContext().Done()
		return c.UserContext().Err()
	}
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.Use(outer)
	app.Use(inner)
	app.Get("/slow", timeout.NewWithContext(slow, 10*time.Millisecond))
	app.Get("/panic", func(*fiber.Ctx) error { panic("as the case wants") })
	app.All("/", hello)
	return appOf(app)
}
