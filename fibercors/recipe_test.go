package fibercors_test

import (
	"log"
	"net/url"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/proxy"
	"github.com/valyala/fasthttp"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/corstest/adaptertest"
	"github.com/corselet/corselet/fibercors"
)

// The excerpts of the README, each in an application.
func TestRecipes(t *testing.T) {
	adaptertest.RunRecipes(t, adaptertest.Recipes{
		TwoPolicies:  func() corstest.App { return twoPolicies(fiber.New()) },
		SingleSignOn: func() corstest.App { return singleSignOn(fiber.New()) },
		WebSocket:    webSocket, NeedsOrigin: true, ReverseProxy: reverseProxy,
	})
}

func says(text string) fiber.Handler {
	return func(c *fiber.Ctx) error { return c.SendString(text) }
}

func twoPolicies(app *fiber.App) corstest.App {
	policies(app)
	app.Get("/public/*", says("public"))
	app.Get("/*", says("private"))
	return appOf(app)
}

func policies(app *fiber.App) {
	public, err := core.New(core.Config{Origins: []string{"*"}}, core.WithName("public"))
	if err != nil {
		log.Fatal(err)
	}
	private, err := core.New(core.Config{
		Origins:        []string{"https://app.example.com"},
		Credentials:    true,
		RequestHeaders: []string{"Content-Type"},
	}, core.WithName("private"))
	if err != nil {
		log.Fatal(err)
	}
	// Routers, file servers and upstreams read such paths in different ways.
	inDoubt := func(path string) bool {
		return strings.ContainsAny(path, `%\;`) || strings.Contains(path, "//") || strings.Contains(path, "/.")
	}
	isPublic := func(c *fiber.Ctx) bool {
		path := c.Path()
		return strings.HasPrefix(path, "/public/") && !inDoubt(path)
	}
	isPrivate := func(c *fiber.Ctx) bool { return !isPublic(c) }

	app.Use(fibercors.New(public, fibercors.WithSkip(isPrivate)))
	app.Use(fibercors.New(private, fibercors.WithSkip(isPublic)))
}

func webSocket(cors *core.CORS) corstest.App {
	upgrade := func(c *fiber.Ctx) error { return c.SendStatus(fiber.StatusSwitchingProtocols) }
	app := fiber.New()
	app.Use(fibercors.New(cors))

	app.Get("/socket", func(c *fiber.Ctx) error {
		origins := c.Request().Header.PeekAll("Origin")
		if len(origins) != 1 || !cors.AllowsOrigin(c.UserContext(), string(origins[0])) {
			return fiber.ErrForbidden
		}
		return upgrade(c)
	})

	return appOf(app)
}

func singleSignOn(app *fiber.App) corstest.App {
	cors, err := core.New(core.Config{
		Origins:        []string{"https://app.example.com"},
		RequestHeaders: []string{"Content-Type"},
		Block:          true,
	})
	if err != nil {
		log.Fatal(err)
	}
	// The identity provider's page posts a form here, from an origin that no script should get access from.
	isCallback := func(c *fiber.Ctx) bool { return c.Path() == "/sso/callback" }
	app.Use(fibercors.New(cors, fibercors.WithSkip(isCallback)))

	app.Post("/sso/callback", says("callback"))
	app.Post("/*", says("transfer"))
	return appOf(app)
}

func reverseProxy(cors *core.CORS, target *url.URL) corstest.App {
	upstream := target.String()
	app := fiber.New()

	app.Use(fibercors.New(cors))
	app.All("/api/*", func(c *fiber.Ctx) error {
		var ours fasthttp.ResponseHeader
		c.Response().Header.CopyTo(&ours)
		if err := proxy.Do(c, upstream+c.OriginalURL()); err != nil {
			return err
		}
		theirs := &c.Response().Header
		for _, name := range []string{
			core.FieldAllowOrigin, core.FieldAllowCredentials, core.FieldAllowMethods,
			core.FieldAllowHeaders, core.FieldExposeHeaders, core.FieldMaxAge,
		} {
			theirs.Del(name)
			if value := ours.Peek(name); len(value) > 0 {
				theirs.SetBytesV(name, value)
			}
		}
		for _, value := range ours.PeekAll(core.FieldVary) {
			c.Vary(string(value))
		}
		return nil
	})

	return appOf(app)
}
