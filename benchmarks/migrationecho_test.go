package benchmarks

import (
	"errors"
	"log"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/echocors"
)

func echoBefore(e *echo.Echo) {
	e.Use(middleware.CORSWithConfig(middleware.CORSConfig{
		AllowOrigins:     []string{"https://app.example.com", "https://*.preview.example.com"},
		AllowMethods:     []string{"GET", "POST", "PUT", "DELETE"},
		AllowHeaders:     []string{"Authorization", "Content-Type"},
		ExposeHeaders:    []string{"X-Request-Id"},
		AllowCredentials: true,
		MaxAge:           600,
	}))
}

func echoAfter(e *echo.Echo) {
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
	e.Use(echocors.New(cors))
}

// echoInstance makes an application of what is installed on an instance of echo.
func echoInstance(install func(*echo.Echo)) Opener {
	return func(Policy, Mode) (App, error) {
		e := echo.New()
		install(e)
		e.GET("/api/items/:id", func(c echo.Context) error { return c.Blob(200, contentType, body) })
		return httpApp{e, Router}, nil
	}
}

func echoPeer(config middleware.CORSConfig) Opener {
	return echoInstance(func(e *echo.Echo) { e.Use(middleware.CORSWithConfig(config)) })
}

func echoOurs(config core.Config, opts ...echocors.Option) Opener {
	return onEcho(func(Policy) (echo.MiddlewareFunc, error) {
		cors, err := core.New(config)
		return echocors.New(cors, opts...), err
	})
}

// echoCompressed is an application whose outer layer has set Vary already.
func echoCompressed(inner func() echo.MiddlewareFunc) Opener {
	return echoInstance(func(e *echo.Echo) {
		e.Use(func(next echo.HandlerFunc) echo.HandlerFunc {
			return func(c echo.Context) error {
				c.Response().Header().Set("Vary", "Accept-Encoding, Origin")
				return next(c)
			}
		}, inner())
	})
}

func skipEcho(echo.Context) bool { return true }

var errDatabase = errors.New("the database does not answer")

var echoGuide = guide{
	peer: "echo v4's CORS", file: "migrate-from-echo.md", config: middleware.CORSConfig{},
	before: echoInstance(echoBefore), after: echoInstance(echoAfter),
	rows: []migration{
		{
			option: "Skipper", here: "`echocors.WithSkip`", why: "nothing",
			before: echoPeer(middleware.CORSConfig{Skipper: skipEcho, AllowOrigins: []string{app}}),
			after:  echoOurs(appOnly, echocors.WithSkip(skipEcho)), send: from(app),
			there: "200 from the handler",
			ours:  "200 from the handler",
		},
		{
			option: "AllowOrigins", here: "`Origins`", why: "nothing, for an origin that is listed",
			before: echoPeer(middleware.CORSConfig{AllowOrigins: []string{app}}), after: echoOurs(appOnly), send: from(app),
			there: "200 from the handler; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
			ours:  "200 from the handler; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
		},
		{
			option: "AllowOrigins", here: "`Origins: []string{\"*\"}`, if you mean everybody",
			why:    "There is no default. There an empty list, as of a variable that is not set, lets everybody in.",
			before: echoPeer(middleware.CORSConfig{}), after: echoOurs(core.Config{}), send: from(other),
			there: "200 from the handler; Access-Control-Allow-Origin: *; Vary: Origin",
			ours:  `error at start: cors: origins: is empty; list the origins of your front ends, such as "https://app.example.com"`,
		},
		{
			option: "AllowOrigins", here: "`Origins: []string{\"*\"}`", why: "No Vary: everybody gets the same answer, and caches may keep one for all.",
			before: echoPeer(middleware.CORSConfig{AllowOrigins: []string{"*"}}),
			after:  echoOurs(core.Config{Origins: []string{"*"}}), send: from(app),
			there: "200 from the handler; Access-Control-Allow-Origin: *; Vary: Origin",
			ours:  "200 from the handler; Access-Control-Allow-Origin: *",
		},
		{
			option: "AllowOrigins", here: "`https://*.example.com`",
			why:    "A wildcard is for whole labels. There it is for any text, so that a forgotten dot lets others in.",
			before: echoPeer(middleware.CORSConfig{AllowOrigins: []string{"https://*example.com"}}),
			after:  echoOurs(core.Config{Origins: []string{"https://*example.com"}}), send: from("https://evilexample.com"),
			there: "200 from the handler; Access-Control-Allow-Origin: https://evilexample.com; Vary: Origin",
			ours:  `error at start: cors: origins[0]: "https://*example.com": has a wildcard where none can be; write "https://*.example.com" for every subdomain, "https://example.com:*" for every port, or several entries`,
		},
		{
			option: "AllowOrigins", here: "`https://*.example.com:*`",
			why:    "`:*` is any port, and none. There it wants one.",
			before: echoPeer(middleware.CORSConfig{AllowOrigins: []string{"https://*.example.com:*"}}),
			after:  echoOurs(core.Config{Origins: []string{"https://*.example.com:*"}}), send: from(app),
			there: "200 from the handler; Vary: Origin",
			ours:  "200 from the handler; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
		},
		{
			option: "AllowOrigins", here: "`OriginRegexps: []string{\"https://pr-[0-9]\\\\.example\\\\.com\"}`",
			why:    "There is no `?` for one character; write a regular expression. It is read before the server starts, and must match the whole origin.",
			before: echoPeer(middleware.CORSConfig{AllowOrigins: []string{"https://pr-?.example.com"}}),
			after:  echoOurs(core.Config{OriginRegexps: []string{`https://pr-[0-9]\.example\.com`}}), send: from("https://pr-7.example.com"),
			there: "200 from the handler; Access-Control-Allow-Origin: https://pr-7.example.com; Vary: Origin",
			ours:  "200 from the handler; Access-Control-Allow-Origin: https://pr-7.example.com; Vary: Origin",
		},
		{
			option: "AllowOrigins", here: "`Origins`, without the slash",
			why:    "An entry that no browser's Origin can equal is an error. There it silently never matches.",
			before: echoPeer(middleware.CORSConfig{AllowOrigins: []string{app + "/"}}),
			after:  echoOurs(core.Config{Origins: []string{app + "/"}}), send: from(app),
			there: "200 from the handler; Vary: Origin",
			ours:  `error at start: cors: origins[0]: "https://app.example.com/": has a path, which is not part of an origin; write "https://app.example.com"`,
		},
		{
			option: "AllowOrigins", here: "`Origins`", why: "A preflight from an origin that is not listed gets 403, so that access logs show it. To the browser both are a refusal.",
			before: echoPeer(middleware.CORSConfig{AllowOrigins: []string{app}}), after: echoOurs(appOnly),
			send:  ask(other, "PUT", ""),
			there: "204; Vary: Origin",
			ours:  "403; Vary: Origin",
		},
		{
			option: "AllowOriginFunc", here: "`OriginFunc`",
			why: "It is asked about well-formed origins that no list allows; lists still apply. " +
				"`null`, which any page can take on, never gets as far.",
			before: echoPeer(middleware.CORSConfig{AllowOriginFunc: func(string) (bool, error) { return true, nil }}),
			after:  echoOurs(core.Config{OriginFunc: everybody}), send: from("null"),
			there: "200 from the handler; Access-Control-Allow-Origin: null; Vary: Origin",
			ours:  "200 from the handler; Vary: Origin",
		},
		{
			option: "AllowOriginFunc", here: "`OriginFunc`",
			why:    "An error denies (`origin_lookup_failed`), and the request goes on. There it ends the request, also one of another origin.",
			before: echoPeer(middleware.CORSConfig{AllowOriginFunc: func(string) (bool, error) { return false, errDatabase }}),
			after:  echoOurs(core.Config{OriginFunc: failing}), send: from(app),
			there: "500; Vary: Origin",
			ours:  "200 from the handler; Vary: Origin",
		},
		{
			option: "AllowMethods", here: "`Methods`", why: "GET, HEAD and POST need no permission, and are not listed.",
			before: echoPeer(middleware.CORSConfig{AllowOrigins: []string{app}, AllowMethods: []string{"GET", "PUT"}}),
			after:  echoOurs(core.Config{Origins: []string{app}, Methods: []string{"PUT"}}), send: ask(app, "PUT", ""),
			there: "204; Access-Control-Allow-Methods: GET,PUT; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
			ours:  "204; Access-Control-Allow-Methods: PUT; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
		},
		{
			option: "AllowMethods", here: "`Methods`, with every method that you need",
			why:    "There is no default, and no look at the router's `Allow`: what other pages may do is said in one place.",
			before: echoPeer(middleware.CORSConfig{AllowOrigins: []string{app}}), after: echoOurs(appOnly), send: ask(app, "PUT", ""),
			there: "204; Access-Control-Allow-Methods: OPTIONS, GET; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
			ours:  "204; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
		},
		{
			option: "AllowHeaders", here: "`RequestHeaders`", why: "Only the spelling: names are sent in lower case.",
			before: echoPeer(middleware.CORSConfig{AllowOrigins: []string{app}, AllowMethods: []string{"GET"}, AllowHeaders: []string{"Content-Type", "X-Trace"}}),
			after:  echoOurs(core.Config{Origins: []string{app}, RequestHeaders: []string{"Content-Type", "X-Trace"}}), send: ask(app, "GET", "x-trace"),
			there: "204; Access-Control-Allow-Headers: Content-Type,X-Trace; Access-Control-Allow-Methods: GET; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
			ours:  "204; Access-Control-Allow-Headers: content-type,x-trace; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
		},
		{
			option: "AllowHeaders", here: "`RequestHeaders`, with every header that you need, or `*`",
			why:    "An empty list allows none. There it allows whatever is asked for, by repeating it.",
			before: echoPeer(middleware.CORSConfig{AllowOrigins: []string{app}, AllowMethods: []string{"GET"}}), after: echoOurs(appOnly),
			send:  ask(app, "GET", "x-anything"),
			there: "204; Access-Control-Allow-Headers: x-anything; Access-Control-Allow-Methods: GET; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
			ours:  "204; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
		},
		{
			option: "AllowCredentials", here: "`Credentials`", why: "nothing, for https and localhost",
			before: echoPeer(middleware.CORSConfig{AllowOrigins: []string{app}, AllowCredentials: true}),
			after:  echoOurs(core.Config{Origins: []string{app}, Credentials: true}), send: from(app),
			there: "200 from the handler; Access-Control-Allow-Credentials: true; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
			ours:  "200 from the handler; Access-Control-Allow-Credentials: true; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
		},
		{
			option: "AllowCredentials", here: "`Credentials`, with a list of origins",
			why:    "`*` with credentials is an error. Browsers refuse the answer that it makes there.",
			before: echoPeer(middleware.CORSConfig{AllowCredentials: true}),
			after:  echoOurs(core.Config{Origins: []string{"*"}, Credentials: true}), send: from(app),
			there: "200 from the handler; Access-Control-Allow-Credentials: true; Access-Control-Allow-Origin: *; Vary: Origin",
			ours:  `error at start: cors: origins[0]: "*": is not possible with credentials; list the origins that may use credentials, or switch credentials off`,
		},
		{
			option: "UnsafeWildcardOriginWithAllowCredentials", here: "nothing; list the origins",
			why:    "No switch lets every site act as your users.",
			before: echoPeer(middleware.CORSConfig{AllowCredentials: true, UnsafeWildcardOriginWithAllowCredentials: true}),
			after:  echoOurs(core.Config{Origins: []string{"*"}, Credentials: true}), send: from(other),
			there: "200 from the handler; Access-Control-Allow-Credentials: true; Access-Control-Allow-Origin: https://stranger.example; Vary: Origin",
			ours:  `error at start: cors: origins[0]: "*": is not possible with credentials; list the origins that may use credentials, or switch credentials off`,
		},
		{
			option: "ExposeHeaders", here: "`ExposeHeaders`", why: "Only the spelling: names are sent in lower case.",
			before: echoPeer(middleware.CORSConfig{AllowOrigins: []string{app}, ExposeHeaders: []string{"X-Request-Id"}}),
			after:  echoOurs(core.Config{Origins: []string{app}, ExposeHeaders: []string{"X-Request-Id"}}), send: from(app),
			there: "200 from the handler; Access-Control-Allow-Origin: https://app.example.com; Access-Control-Expose-Headers: X-Request-Id; Vary: Origin",
			ours:  "200 from the handler; Access-Control-Allow-Origin: https://app.example.com; Access-Control-Expose-Headers: x-request-id; Vary: Origin",
		},
		{
			option: "MaxAge", here: "`MaxAge`, a `time.Duration`", why: "Only the type: `10 * time.Minute` for 600. A plain 600 would be 600 ns, and an error.",
			before: echoPeer(middleware.CORSConfig{AllowOrigins: []string{app}, AllowMethods: []string{"GET"}, MaxAge: 600}),
			after:  echoOurs(core.Config{Origins: []string{app}, MaxAge: 600}), send: ask(app, "GET", ""),
			there: "204; Access-Control-Allow-Methods: GET; Access-Control-Allow-Origin: https://app.example.com; Access-Control-Max-Age: 600; Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
			ours:  `error at start: cors: max_age: "600ns": is out of range; write 600 * time.Second`,
		},
		{
			option: "MaxAge", here: "`MaxAge`", why: "nothing, for a negative one",
			before: echoPeer(middleware.CORSConfig{AllowOrigins: []string{app}, AllowMethods: []string{"GET"}, MaxAge: -1}),
			after:  echoOurs(core.Config{Origins: []string{app}, MaxAge: -1}), send: ask(app, "GET", ""),
			there: "204; Access-Control-Allow-Methods: GET; Access-Control-Allow-Origin: https://app.example.com; Access-Control-Max-Age: 0; Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
			ours:  "204; Access-Control-Allow-Origin: https://app.example.com; Access-Control-Max-Age: 0; Vary: Origin",
		},
		{
			option: "Vary of an outer layer", here: "as it is", why: "It is merged; a name that is there is not added again.",
			before: echoCompressed(func() echo.MiddlewareFunc {
				return middleware.CORSWithConfig(middleware.CORSConfig{AllowOrigins: []string{app}})
			}),
			after: echoCompressed(func() echo.MiddlewareFunc { return echocors.New(newCORS(appOnly)) }),
			send:  from(app),
			there: "200 from the handler; Access-Control-Allow-Origin: https://app.example.com; Vary: Accept-Encoding, Origin, Origin",
			ours:  "200 from the handler; Access-Control-Allow-Origin: https://app.example.com; Vary: Accept-Encoding, Origin",
		},
		{
			option: "OPTIONS that is no preflight", here: "as it is",
			why: "It goes to your routes, of which this application has one for OPTIONS. There every OPTIONS is answered with 204.",
			before: echoOptions(func() echo.MiddlewareFunc {
				return middleware.CORSWithConfig(middleware.CORSConfig{AllowOrigins: []string{app}})
			}),
			after: echoOptions(func() echo.MiddlewareFunc { return echocors.New(newCORS(appOnly)) }),
			send:  Request{Method: "OPTIONS"},
			there: "204; Vary: Origin",
			ours:  "200 from the handler; Vary: Origin",
		},
		{
			option: "Vary of a preflight", here: "as it is",
			why:    "The answer is the same whatever is asked for, so that it varies by Origin alone. The other rows leave this difference out.",
			before: echoPeer(middleware.CORSConfig{AllowOrigins: []string{app}, AllowMethods: []string{"GET"}}),
			after:  echoOurs(appOnly), send: ask(app, "GET", ""),
			there: "204; Access-Control-Allow-Methods: GET; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
			ours:  "204; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
		},
	},
}

// echoOptions is an application with a route for OPTIONS.
func echoOptions(inner func() echo.MiddlewareFunc) Opener {
	return echoInstance(func(e *echo.Echo) {
		e.Use(inner())
		e.OPTIONS("/api/items/:id", func(c echo.Context) error { return c.Blob(200, contentType, body) })
	})
}
