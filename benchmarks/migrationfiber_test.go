package benchmarks

import (
	"log"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/cors"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/fibercors"
)

func fiberBefore(app *fiber.App) {
	app.Use(cors.New(cors.Config{
		AllowOrigins:     "https://app.example.com, https://*.preview.example.com",
		AllowMethods:     "GET,POST,PUT,DELETE",
		AllowHeaders:     "Authorization,Content-Type",
		ExposeHeaders:    "X-Request-Id",
		AllowCredentials: true,
		MaxAge:           600,
	}))
}

func fiberAfter(app *fiber.App) {
	cors, err := core.New(core.Config{
		Origins:        []string{"https://app.example.com", "https://*.preview.example.com"},
		Methods:        []string{"PUT", "DELETE"},
		RequestHeaders: []string{"Authorization", "Content-Type"},
		ExposeHeaders:  []string{"X-Request-Id"},
		Credentials:    true,
		MaxAge:         10 * time.Minute,
	})
	if err != nil {
		log.Fatal(err)
	}
	app.Use(fibercors.New(cors))
}

// fiberInstance makes an application of what is installed on a fiber app.
func fiberInstance(install func(*fiber.App)) Opener {
	return func(Policy, Mode) (App, error) {
		app := fiber.New(fiber.Config{DisableStartupMessage: true})
		install(app)
		app.Get("/api/items/:id", func(c *fiber.Ctx) error { return c.Send(body) })
		return fiberApp{app.Handler(), app.Listener, app.Shutdown}, nil
	}
}

func fiberPeer(config cors.Config) Opener {
	return fiberInstance(func(app *fiber.App) { app.Use(cors.New(config)) })
}

func fiberOurs(config core.Config, opts ...fibercors.Option) Opener {
	return onFiber(func(Policy) (fiber.Handler, error) {
		cors, err := core.New(config)
		return fibercors.New(cors, opts...), err
	})
}

func skipFiber(*fiber.Ctx) bool { return true }

var fiberGuide = guide{
	peer: "fiber v2's cors", file: "migrate-from-fiber.md", config: cors.Config{},
	before: fiberInstance(fiberBefore), after: fiberInstance(fiberAfter),
	rows: []migration{
		{
			option: "Next", here: "`fibercors.WithSkip`", why: "nothing",
			before: fiberPeer(cors.Config{Next: skipFiber, AllowOrigins: app}),
			after:  fiberOurs(appOnly, fibercors.WithSkip(skipFiber)), send: from(app),
			there: "200 from the handler",
			ours:  "200 from the handler",
		},
		{
			option: "AllowOriginsFunc", here: "`OriginFunc`",
			why: "It is asked about well-formed origins that no list allows, and may return an error, which denies. " +
				"`null`, which any page can take on, never gets as far.",
			before: fiberPeer(cors.Config{AllowOriginsFunc: func(string) bool { return true }}),
			after:  fiberOurs(core.Config{OriginFunc: everybody}), send: from("null"),
			there: "200 from the handler; Access-Control-Allow-Origin: null; Vary: Origin",
			ours:  "200 from the handler; Vary: Origin",
		},
		{
			option: "AllowOrigins", here: "`Origins`, a list", why: "nothing, for an origin that is listed",
			before: fiberPeer(cors.Config{AllowOrigins: app}), after: fiberOurs(appOnly), send: from(app),
			there: "200 from the handler; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
			ours:  "200 from the handler; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
		},
		{
			option: "AllowOrigins", here: "`Origins: []string{\"*\"}`, if you mean everybody",
			why:    "There is no default. There an empty string, as of a variable that is not set, lets everybody in.",
			before: fiberPeer(cors.Config{}), after: fiberOurs(core.Config{}), send: from(other),
			there: "200 from the handler; Access-Control-Allow-Origin: *",
			ours:  `error at start: cors: origins: is empty; list the origins of your front ends, such as "https://app.example.com"`,
		},
		{
			option: "AllowOrigins", here: "`Origins`",
			why:    "Another origin is told nothing. There it gets the policy, only without its own origin.",
			before: fiberPeer(cors.Config{AllowOrigins: app, AllowHeaders: "X-Internal", MaxAge: 600}),
			after:  fiberOurs(core.Config{Origins: []string{app}, RequestHeaders: []string{"X-Internal"}, MaxAge: 10 * time.Minute}),
			send:   ask(other, "PUT", ""),
			there:  "204; Access-Control-Allow-Headers: X-Internal; Access-Control-Allow-Methods: GET,POST,HEAD,PUT,DELETE,PATCH; Access-Control-Max-Age: 600; Vary: Access-Control-Request-Method, Access-Control-Request-Headers, Origin",
			ours:   "403; Vary: Origin",
		},
		{
			option: "AllowOrigins", here: "`https://*.example.com`", why: "nothing",
			before: fiberPeer(cors.Config{AllowOrigins: "https://*.example.com"}),
			after:  fiberOurs(core.Config{Origins: []string{"https://*.example.com"}}), send: from("https://a.b.example.com"),
			there: "200 from the handler; Access-Control-Allow-Origin: https://a.b.example.com; Vary: Origin",
			ours:  "200 from the handler; Access-Control-Allow-Origin: https://a.b.example.com; Vary: Origin",
		},
		{
			option: "AllowOrigins", here: "`http://localhost:*`", why: "The port may be left open.",
			before: fiberPeer(cors.Config{AllowOrigins: "http://localhost:*"}),
			after:  fiberOurs(core.Config{Origins: []string{"http://localhost:*"}}), send: from("http://localhost:3000"),
			there: "panics at start: [CORS] Invalid origin format in configuration: http://localhost:*",
			ours:  "200 from the handler; Access-Control-Allow-Origin: http://localhost:3000; Vary: Origin",
		},
		{
			option: "AllowOrigins", here: "`Origins`, as the browser writes it",
			why:    "Upper case and a slash at the end are errors that say what to write. There they are corrected.",
			before: fiberPeer(cors.Config{AllowOrigins: "https://App.example.com/"}),
			after:  fiberOurs(core.Config{Origins: []string{"https://App.example.com/"}}), send: from(app),
			there: "200 from the handler; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
			ours:  `error at start: cors: origins[0]: "https://App.example.com/": has a path, which is not part of an origin; write "https://app.example.com"`,
		},
		{
			option: "AllowOrigins", here: "`Origins`, without the default port",
			why:    "An entry that no browser's Origin can equal is an error. There it silently never matches.",
			before: fiberPeer(cors.Config{AllowOrigins: "https://app.example.com:443"}),
			after:  fiberOurs(core.Config{Origins: []string{"https://app.example.com:443"}}), send: from(app),
			there: "200 from the handler; Vary: Origin",
			ours:  `error at start: cors: origins[0]: "https://app.example.com:443": names its scheme's default port, which browsers leave out; write "https://app.example.com"`,
		},
		{
			option: "AllowMethods", here: "`Methods`, a list", why: "GET, HEAD and POST need no permission, and are not listed.",
			before: fiberPeer(cors.Config{AllowOrigins: app, AllowMethods: "GET,PUT"}),
			after:  fiberOurs(core.Config{Origins: []string{app}, Methods: []string{"PUT"}}), send: ask(app, "PUT", ""),
			there: "204; Access-Control-Allow-Methods: GET,PUT; Access-Control-Allow-Origin: https://app.example.com; Vary: Access-Control-Request-Method, Access-Control-Request-Headers, Origin",
			ours:  "204; Access-Control-Allow-Methods: PUT; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
		},
		{
			option: "AllowMethods", here: "`Methods`, with every method that you need", why: "There is no default.",
			before: fiberPeer(cors.Config{AllowOrigins: app}), after: fiberOurs(appOnly), send: ask(app, "PUT", ""),
			there: "204; Access-Control-Allow-Methods: GET,POST,HEAD,PUT,DELETE,PATCH; Access-Control-Allow-Origin: https://app.example.com; Vary: Access-Control-Request-Method, Access-Control-Request-Headers, Origin",
			ours:  "204; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
		},
		{
			option: "AllowHeaders", here: "`RequestHeaders`, a list", why: "Only the spelling: names are sent in lower case.",
			before: fiberPeer(cors.Config{AllowOrigins: app, AllowMethods: "GET", AllowHeaders: "Content-Type, X-Trace"}),
			after:  fiberOurs(core.Config{Origins: []string{app}, RequestHeaders: []string{"Content-Type", "X-Trace"}}), send: ask(app, "GET", "x-trace"),
			there: "204; Access-Control-Allow-Headers: Content-Type,X-Trace; Access-Control-Allow-Methods: GET; Access-Control-Allow-Origin: https://app.example.com; Vary: Access-Control-Request-Method, Access-Control-Request-Headers, Origin",
			ours:  "204; Access-Control-Allow-Headers: content-type,x-trace; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
		},
		{
			option: "AllowHeaders", here: "`RequestHeaders`, with every header that you need, or `*`",
			why:    "An empty list allows none. There it allows whatever is asked for, by repeating it.",
			before: fiberPeer(cors.Config{AllowOrigins: app, AllowMethods: "GET"}), after: fiberOurs(appOnly), send: ask(app, "GET", "x-anything"),
			there: "204; Access-Control-Allow-Headers: x-anything; Access-Control-Allow-Methods: GET; Access-Control-Allow-Origin: https://app.example.com; Vary: Access-Control-Request-Method, Access-Control-Request-Headers, Origin",
			ours:  "204; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
		},
		{
			option: "AllowCredentials", here: "`Credentials`", why: "nothing, for https and localhost",
			before: fiberPeer(cors.Config{AllowOrigins: app, AllowCredentials: true}),
			after:  fiberOurs(core.Config{Origins: []string{app}, Credentials: true}), send: from(app),
			there: "200 from the handler; Access-Control-Allow-Credentials: true; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
			ours:  "200 from the handler; Access-Control-Allow-Credentials: true; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
		},
		{
			option: "AllowCredentials", here: "`Credentials`, with a list of origins", why: "`*` with credentials is an error; there it panics.",
			before: fiberPeer(cors.Config{AllowCredentials: true}),
			after:  fiberOurs(core.Config{Origins: []string{"*"}, Credentials: true}), send: from(app),
			there: "panics at start: [CORS] Insecure setup, 'AllowCredentials' is set to true, and 'AllowOrigins' is set to a wildcard.",
			ours:  `error at start: cors: origins[0]: "*": is not possible with credentials; list the origins that may use credentials, or switch credentials off`,
		},
		{
			option: "AllowCredentials", here: "`Credentials`, with https origins",
			why:    "An http origin with credentials is an error, unless `Unsafe.Accept` lists it: anyone who can change that page on its way acts as its user.",
			before: fiberPeer(cors.Config{AllowOrigins: "http://app.example.com", AllowCredentials: true}),
			after:  fiberOurs(core.Config{Origins: []string{"http://app.example.com"}, Credentials: true}), send: from("http://app.example.com"),
			there: "200 from the handler; Access-Control-Allow-Credentials: true; Access-Control-Allow-Origin: http://app.example.com; Vary: Origin",
			ours:  `error at start: cors: origins[0]: "http://app.example.com": lets anyone on the network act with your users' credentials; write "https://app.example.com", or list it in unsafe.accept`,
		},
		{
			option: "ExposeHeaders", here: "`ExposeHeaders`, a list", why: "Only the spelling: names are sent in lower case.",
			before: fiberPeer(cors.Config{AllowOrigins: app, ExposeHeaders: "X-Request-Id"}),
			after:  fiberOurs(core.Config{Origins: []string{app}, ExposeHeaders: []string{"X-Request-Id"}}), send: from(app),
			there: "200 from the handler; Access-Control-Allow-Origin: https://app.example.com; Access-Control-Expose-Headers: X-Request-Id; Vary: Origin",
			ours:  "200 from the handler; Access-Control-Allow-Origin: https://app.example.com; Access-Control-Expose-Headers: x-request-id; Vary: Origin",
		},
		{
			option: "ExposeHeaders", here: "`ExposeHeaders`", why: "It is not sent with preflights, where it means nothing.",
			before: fiberPeer(cors.Config{AllowOrigins: app, AllowMethods: "PUT", ExposeHeaders: "X-Request-Id"}),
			after:  fiberOurs(core.Config{Origins: []string{app}, Methods: []string{"PUT"}, ExposeHeaders: []string{"X-Request-Id"}}), send: ask(app, "PUT", ""),
			there: "204; Access-Control-Allow-Methods: PUT; Access-Control-Allow-Origin: https://app.example.com; Access-Control-Expose-Headers: X-Request-Id; Vary: Access-Control-Request-Method, Access-Control-Request-Headers, Origin",
			ours:  "204; Access-Control-Allow-Methods: PUT; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
		},
		{
			option: "MaxAge", here: "`MaxAge`, a `time.Duration`", why: "Only the type: `10 * time.Minute` for 600. A plain 600 would be 600 ns, and an error.",
			before: fiberPeer(cors.Config{AllowOrigins: app, AllowMethods: "PUT", MaxAge: 600}),
			after:  fiberOurs(core.Config{Origins: []string{app}, Methods: []string{"PUT"}, MaxAge: 600}), send: ask(app, "PUT", ""),
			there: "204; Access-Control-Allow-Methods: PUT; Access-Control-Allow-Origin: https://app.example.com; Access-Control-Max-Age: 600; Vary: Access-Control-Request-Method, Access-Control-Request-Headers, Origin",
			ours:  `error at start: cors: max_age: "600ns": is out of range; write 600 * time.Second`,
		},
		{
			option: "MaxAge", here: "`MaxAge`", why: "It is sent with preflights alone, where it means something.",
			before: fiberPeer(cors.Config{AllowOrigins: app, MaxAge: 600}),
			after:  fiberOurs(core.Config{Origins: []string{app}, MaxAge: 10 * time.Minute}), send: from(app),
			there: "200 from the handler; Access-Control-Allow-Origin: https://app.example.com; Access-Control-Max-Age: 600; Vary: Origin",
			ours:  "200 from the handler; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
		},
		{
			option: "an origin in upper case", here: "as it is",
			why:    "No browser sends one, so it is malformed. There it is put in lower case before it is compared and sent back.",
			before: fiberPeer(cors.Config{AllowOrigins: app}), after: fiberOurs(appOnly), send: from("HTTPS://APP.EXAMPLE.COM"),
			there: "200 from the handler; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
			ours:  "200 from the handler; Vary: Origin",
		},
		{
			option: "Vary of a preflight", here: "as it is",
			why:    "The answer is the same whatever is asked for, so that it varies by Origin alone. The other rows leave this difference out.",
			before: fiberPeer(cors.Config{AllowOrigins: app, AllowMethods: "GET"}),
			after:  fiberOurs(appOnly), send: ask(app, "GET", ""),
			there: "204; Access-Control-Allow-Methods: GET; Access-Control-Allow-Origin: https://app.example.com; Vary: Access-Control-Request-Method, Access-Control-Request-Headers, Origin",
			ours:  "204; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
		},
	},
}
