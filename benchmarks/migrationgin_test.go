package benchmarks

import (
	"log"
	"strings"
	"time"

	"github.com/gin-contrib/cors"
	"github.com/gin-gonic/gin"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/gincors"
)

func ginBefore(engine *gin.Engine) {
	engine.Use(cors.New(cors.Config{
		AllowOrigins:     []string{"https://app.example.com", "https://*.preview.example.com"},
		AllowWildcard:    true,
		AllowMethods:     []string{"GET", "POST", "PUT", "DELETE"},
		AllowHeaders:     []string{"Authorization", "Content-Type"},
		ExposeHeaders:    []string{"X-Request-Id"},
		AllowCredentials: true,
		MaxAge:           10 * time.Minute,
	}))
}

func ginAfter(engine *gin.Engine) {
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
	engine.Use(gincors.New(cors))
}

// ginEngine makes an application of what is installed on an engine.
func ginEngine(install func(*gin.Engine)) Opener {
	return func(Policy, Mode) (App, error) {
		engine := gin.New()
		install(engine)
		engine.GET("/api/items/:id", func(c *gin.Context) { c.Data(200, contentType, body) })
		return httpApp{engine, Router}, nil
	}
}

func ginPeer(config cors.Config) Opener {
	return ginEngine(func(engine *gin.Engine) { engine.Use(cors.New(config)) })
}

func ginOurs(config core.Config) Opener {
	return onGin(func(Policy) (gin.HandlerFunc, error) {
		cors, err := core.New(config)
		return gincors.New(cors), err
	})
}

// ginCompressed is an application whose outer layer has set Vary already.
func ginCompressed(inner func() gin.HandlerFunc) Opener {
	return ginEngine(func(engine *gin.Engine) {
		engine.Use(func(c *gin.Context) { c.Header("Vary", "Accept-Encoding") }, inner())
	})
}

var appOnly = core.Config{Origins: []string{app}}

var ginContribGuide = guide{
	peer: "gin-contrib/cors", file: "migrate-from-gin-contrib.md", config: cors.Config{},
	before: ginEngine(ginBefore), after: ginEngine(ginAfter),
	rows: []migration{
		{
			option: "AllowAllOrigins", here: "`Origins: []string{\"*\"}`", why: "nothing",
			before: ginPeer(cors.Config{AllowAllOrigins: true}), after: ginOurs(core.Config{Origins: []string{"*"}}),
			send:  from(app),
			there: "200 from the handler; Access-Control-Allow-Origin: *",
			ours:  "200 from the handler; Access-Control-Allow-Origin: *",
		},
		{
			option: "AllowAllOrigins", here: "`Origins: []string{\"*\"}`, without `Credentials`",
			why:    "`*` with credentials is an error. Browsers refuse the answer that it makes there.",
			before: ginPeer(cors.Config{AllowAllOrigins: true, AllowCredentials: true}),
			after:  ginOurs(core.Config{Origins: []string{"*"}, Credentials: true}), send: from(app),
			there: "200 from the handler; Access-Control-Allow-Credentials: true; Access-Control-Allow-Origin: *",
			ours:  `error at start: cors: origins[0]: "*": is not possible with credentials; list the origins that may use credentials, or switch credentials off`,
		},
		{
			option: "AllowOrigins", here: "`Origins`", why: "nothing, for an origin that is listed",
			before: ginPeer(cors.Config{AllowOrigins: []string{app}}), after: ginOurs(appOnly), send: from(app),
			there: "200 from the handler; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
			ours:  "200 from the handler; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
		},
		{
			option: "AllowOrigins", here: "`Origins`",
			why: "The handler runs for origins that are not listed, and the browser keeps the response from the page. " +
				"A foreign Origin alone is no reason to fail: form posts of single sign-on carry one.",
			before: ginPeer(cors.Config{AllowOrigins: []string{app}}), after: ginOurs(appOnly), send: from(other),
			there: "403",
			ours:  "200 from the handler; Vary: Origin",
		},
		{
			option: "AllowOrigins", here: "`Origins` and `Block: true`",
			why:    "If you want the 403: `Block` gives it. It carries Vary, so that no cache serves it to an allowed origin.",
			before: ginPeer(cors.Config{AllowOrigins: []string{app}}),
			after:  ginOurs(core.Config{Origins: []string{app}, Block: true}), send: from(other),
			there: "403",
			ours:  "403; Vary: Origin, Sec-Fetch-Site",
		},
		{
			option: "AllowOrigins", here: "`Origins`, without the slash",
			why:    "An entry that no browser's Origin can equal is an error. There it silently never matches.",
			before: ginPeer(cors.Config{AllowOrigins: []string{app + "/"}}),
			after:  ginOurs(core.Config{Origins: []string{app + "/"}}), send: from(app),
			there: "403",
			ours:  `error at start: cors: origins[0]: "https://app.example.com/": has a path, which is not part of an origin; write "https://app.example.com"`,
		},
		{
			option: "AllowOrigins", here: "`OriginRegexps`, without the slashes around",
			why: "A regular expression must match the whole origin. There it may match anywhere, so that " +
				"`/https://app\\.example\\.com/` lets the owner of evil.example in.",
			before: ginPeer(cors.Config{AllowOrigins: []string{`/https://app\.example\.com/`}}),
			after:  ginOurs(core.Config{OriginRegexps: []string{`https://app\.example\.com`}}),
			send:   from("https://app.example.com.evil.example"),
			there:  "200 from the handler; Access-Control-Allow-Origin: https://app.example.com.evil.example; Vary: Origin",
			ours:   "200 from the handler; Vary: Origin",
		},
		{
			option: "AllowOriginFunc", here: "`OriginFunc`",
			why: "It is asked about well-formed origins that no list allows, and may return an error, which denies. " +
				"`null`, which any page can take on, never gets as far.",
			before: ginPeer(cors.Config{AllowOriginFunc: func(string) bool { return true }}),
			after:  ginOurs(core.Config{OriginFunc: everybody}), send: from("null"),
			there: "200 from the handler; Access-Control-Allow-Origin: null; Vary: Origin",
			ours:  "200 from the handler; Vary: Origin",
		},
		{
			option: "AllowOriginWithContextFunc", here: "`OriginFunc`",
			why: "It gets the request's context, origin, host and path, and nothing else: the answer is stored in caches under `Vary: Origin` and " +
				"the URL, so nothing else may decide it. There a cookie or header may, and caches mix the answers up.",
			before: ginPeer(cors.Config{AllowOriginWithContextFunc: func(c *gin.Context, _ string) bool {
				return strings.HasPrefix(c.Request.URL.Path, "/api/")
			}}),
			after: ginOurs(core.Config{OriginFunc: underAPI}), send: from(app),
			there: "200 from the handler; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
			ours:  "200 from the handler; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
		},
		{
			option: "AllowMethods", here: "`Methods`", why: "GET, HEAD and POST need no permission, and are not listed.",
			before: ginPeer(cors.Config{AllowOrigins: []string{app}, AllowMethods: []string{"GET", "PUT"}}),
			after:  ginOurs(core.Config{Origins: []string{app}, Methods: []string{"PUT"}}), send: ask(app, "PUT", ""),
			there: "204; Access-Control-Allow-Methods: GET,PUT; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
			ours:  "204; Access-Control-Allow-Methods: PUT; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
		},
		{
			option: "AllowMethods", here: "`Methods`, with every method that you need",
			why:    "There is no default. `cors.DefaultConfig()` has PUT, PATCH and DELETE in it.",
			before: ginDefault, after: ginOurs(appOnly), send: ask(app, "PUT", ""),
			there: "204; Access-Control-Allow-Headers: Origin,Content-Length,Content-Type; Access-Control-Allow-Methods: GET,POST,PUT,PATCH,DELETE,HEAD,OPTIONS; Access-Control-Allow-Origin: https://app.example.com; Access-Control-Max-Age: 43200; Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
			ours:  "204; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
		},
		{
			option: "AllowMethods", here: "`Methods`, in upper case",
			why:    "Methods are compared by bytes. Browsers send `patch` as it is written, so upper-casing the list hides a mistake in the page.",
			before: ginPeer(cors.Config{AllowOrigins: []string{app}, AllowMethods: []string{"patch"}}),
			after:  ginOurs(core.Config{Origins: []string{app}, Methods: []string{"patch"}}), send: ask(app, "patch", ""),
			there: "204; Access-Control-Allow-Methods: PATCH; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
			ours:  `error at start: cors: methods[0]: "patch": differs from a standard method in case, which matters; write "PATCH", in fetch calls too: fetch does not normalize its case`,
		},
		{
			option: "AllowPrivateNetwork", here: "nothing",
			why:    "No current browser asks for private network access any more.",
			before: ginPeer(cors.Config{AllowOrigins: []string{app}, AllowPrivateNetwork: true}),
			after:  ginOurs(appOnly), send: ask(app, "GET", ""),
			there: "204; Access-Control-Allow-Origin: https://app.example.com; Access-Control-Allow-Private-Network: true; Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
			ours:  "204; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
		},
		{
			option: "AllowHeaders", here: "`RequestHeaders`", why: "Only the spelling: names are sent in lower case.",
			before: ginPeer(cors.Config{AllowOrigins: []string{app}, AllowHeaders: []string{"Content-Type", "X-Trace"}}),
			after:  ginOurs(core.Config{Origins: []string{app}, RequestHeaders: []string{"Content-Type", "X-Trace"}}),
			send:   ask(app, "GET", "x-trace"),
			there:  "204; Access-Control-Allow-Headers: Content-Type,X-Trace; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
			ours:   "204; Access-Control-Allow-Headers: content-type,x-trace; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
		},
		{
			option: "AllowHeaders", here: "`RequestHeaders: []string{\"Content-Type\"}`",
			why:    "`cors.DefaultConfig()` lists Origin and Content-Length, which no script can set. Here that is an error.",
			before: ginDefault,
			after:  ginOurs(core.Config{Origins: []string{app}, RequestHeaders: []string{"Origin", "Content-Type"}}),
			send:   ask(app, "POST", "content-type"),
			there:  "204; Access-Control-Allow-Headers: Origin,Content-Length,Content-Type; Access-Control-Allow-Methods: GET,POST,PUT,PATCH,DELETE,HEAD,OPTIONS; Access-Control-Allow-Origin: https://app.example.com; Access-Control-Max-Age: 43200; Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
			ours:   `error at start: cors: request_headers[0]: "Origin": is forbidden by the Fetch standard; remove it: scripts cannot set this header, and what browsers set by themselves needs no permission`,
		},
		{
			option: "AllowCredentials", here: "`Credentials`", why: "nothing, for https and localhost",
			before: ginPeer(cors.Config{AllowOrigins: []string{app}, AllowCredentials: true}),
			after:  ginOurs(core.Config{Origins: []string{app}, Credentials: true}), send: from(app),
			there: "200 from the handler; Access-Control-Allow-Credentials: true; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
			ours:  "200 from the handler; Access-Control-Allow-Credentials: true; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
		},
		{
			option: "AllowCredentials", here: "`Credentials`, with https origins",
			why:    "An http origin with credentials is an error, unless `Unsafe.Accept` lists it: anyone who can change that page on its way acts as its user.",
			before: ginPeer(cors.Config{AllowOrigins: []string{"http://app.example.com"}, AllowCredentials: true}),
			after:  ginOurs(core.Config{Origins: []string{"http://app.example.com"}, Credentials: true}),
			send:   from("http://app.example.com"),
			there:  "200 from the handler; Access-Control-Allow-Credentials: true; Access-Control-Allow-Origin: http://app.example.com; Vary: Origin",
			ours:   `error at start: cors: origins[0]: "http://app.example.com": lets anyone on the network act with your users' credentials; write "https://app.example.com", or list it in unsafe.accept`,
		},
		{
			option: "ExposeHeaders", here: "`ExposeHeaders`", why: "Only the spelling: names are sent in lower case.",
			before: ginPeer(cors.Config{AllowOrigins: []string{app}, ExposeHeaders: []string{"X-Request-Id"}}),
			after:  ginOurs(core.Config{Origins: []string{app}, ExposeHeaders: []string{"X-Request-Id"}}), send: from(app),
			there: "200 from the handler; Access-Control-Allow-Origin: https://app.example.com; Access-Control-Expose-Headers: X-Request-Id; Vary: Origin",
			ours:  "200 from the handler; Access-Control-Allow-Origin: https://app.example.com; Access-Control-Expose-Headers: x-request-id; Vary: Origin",
		},
		{
			option: "MaxAge", here: "`MaxAge`", why: "nothing, for a positive one",
			before: ginPeer(cors.Config{AllowOrigins: []string{app}, MaxAge: time.Hour}),
			after:  ginOurs(core.Config{Origins: []string{app}, MaxAge: time.Hour}), send: ask(app, "GET", ""),
			there: "204; Access-Control-Allow-Origin: https://app.example.com; Access-Control-Max-Age: 3600; Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
			ours:  "204; Access-Control-Allow-Origin: https://app.example.com; Access-Control-Max-Age: 3600; Vary: Origin",
		},
		{
			option: "MaxAge", here: "`MaxAge`",
			why:    "A negative one forbids the preflight cache. There it is left out, which browsers take for 5 seconds.",
			before: ginPeer(cors.Config{AllowOrigins: []string{app}, MaxAge: -1}),
			after:  ginOurs(core.Config{Origins: []string{app}, MaxAge: -1}), send: ask(app, "GET", ""),
			there: "204; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
			ours:  "204; Access-Control-Allow-Origin: https://app.example.com; Access-Control-Max-Age: 0; Vary: Origin",
		},
		{
			option: "AllowWildcard", here: "nothing: wildcards are always on",
			why:    "Without the switch, there, an entry with a wildcard is accepted and never matches.",
			before: ginPeer(cors.Config{AllowOrigins: []string{"https://*.example.com"}}),
			after:  ginOurs(core.Config{Origins: []string{"https://*.example.com"}}), send: from(app),
			there: "403",
			ours:  "200 from the handler; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
		},
		{
			option: "AllowWildcard", here: "`https://*.example.com`",
			why:    "A wildcard is for whole labels. There it is for any text, so that a forgotten dot lets others in.",
			before: ginPeer(cors.Config{AllowOrigins: []string{"https://*example.com"}, AllowWildcard: true}),
			after:  ginOurs(core.Config{Origins: []string{"https://*example.com"}}), send: from("https://evilexample.com"),
			there: "200 from the handler; Access-Control-Allow-Origin: https://evilexample.com; Vary: Origin",
			ours:  `error at start: cors: origins[0]: "https://*example.com": has a wildcard where none can be; write "https://*.example.com" for every subdomain, "https://example.com:*" for every port, or several entries`,
		},
		{
			option: "AllowWildcard", here: "`https://*.example.com:*`", why: "The port may be left open too. There a second wildcard panics.",
			before: ginPeer(cors.Config{AllowOrigins: []string{"https://*.example.com:*"}, AllowWildcard: true}),
			after:  ginOurs(core.Config{Origins: []string{"https://*.example.com:*"}}), send: from("https://app.example.com:8443"),
			there: "panics at start: only one * is allowed",
			ours:  "200 from the handler; Access-Control-Allow-Origin: https://app.example.com:8443; Vary: Origin",
		},
		{
			option: "AllowBrowserExtensions", here: "nothing: list `chrome-extension://…` in `Origins`", why: "nothing",
			before: ginPeer(cors.Config{AllowOrigins: []string{extension}, AllowBrowserExtensions: true}),
			after:  ginOurs(core.Config{Origins: []string{extension}}), send: from(extension),
			there: "200 from the handler; Access-Control-Allow-Origin: chrome-extension://abcdefghijklmnopabcdefghijklmnop; Vary: Origin",
			ours:  "200 from the handler; Access-Control-Allow-Origin: chrome-extension://abcdefghijklmnopabcdefghijklmnop; Vary: Origin",
		},
		{
			option: "CustomSchemas", here: "nothing: list `tauri://localhost` in `Origins`", why: "nothing",
			before: ginPeer(cors.Config{AllowOrigins: []string{"tauri://localhost"}, CustomSchemas: []string{"tauri://"}}),
			after:  ginOurs(core.Config{Origins: []string{"tauri://localhost"}}), send: from("tauri://localhost"),
			there: "200 from the handler; Access-Control-Allow-Origin: tauri://localhost; Vary: Origin",
			ours:  "200 from the handler; Access-Control-Allow-Origin: tauri://localhost; Vary: Origin",
		},
		{
			option: "AllowWebSockets", here: "nothing; `CORS.AllowsOrigin` in the upgrade's handler",
			why: "No origin begins with ws://: the page that opens a socket has an https one. Browsers apply no CORS check to " +
				"sockets, so the handler has to look.",
			before: ginPeer(cors.Config{AllowOrigins: []string{"wss://app.example.com"}, AllowWebSockets: true}),
			after:  ginOurs(appOnly), send: from(app),
			there: "403",
			ours:  "200 from the handler; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
		},
		{
			option: "AllowFiles", here: "nothing",
			why:    "Pages in files have the origin `null`, so that the entry never matches; here it is an error. `null` itself needs to be in `Unsafe.Accept`, too.",
			before: ginPeer(cors.Config{AllowOrigins: []string{"file://"}, AllowFiles: true}),
			after:  ginOurs(core.Config{Origins: []string{"file://"}}), send: from("null"),
			there: "403",
			ours:  `error at start: cors: origins[0]: "file://": is the origin of every local file, which browsers send as null; serve the page over http from localhost, or list it in unsafe.accept`,
		},
		{
			option: "OptionsResponseStatusCode", here: "`PreflightStatus`", why: "nothing, from 200 to 299",
			before: ginPeer(cors.Config{AllowOrigins: []string{app}, OptionsResponseStatusCode: 200}),
			after:  ginOurs(core.Config{Origins: []string{app}, PreflightStatus: 200}), send: ask(app, "GET", ""),
			there: "200; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
			ours:  "200; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
		},
		{
			option: "OptionsResponseStatusCode", here: "`PreflightStatus`", why: "Others are an error: browsers take them for a refusal.",
			before: ginPeer(cors.Config{AllowOrigins: []string{app}, OptionsResponseStatusCode: 302}),
			after:  ginOurs(core.Config{Origins: []string{app}, PreflightStatus: 302}), send: ask(app, "GET", ""),
			there: "302; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
			ours:  `error at start: cors: preflight_status: "302": is out of range; write a status from 200 to 299; browsers refuse others`,
		},
		{
			option: "a request without Origin", here: "as it is",
			why:    "Vary goes with every response, or a cache gives this one, which has no CORS fields, to pages that need them.",
			before: ginPeer(cors.Config{AllowOrigins: []string{app}}), after: ginOurs(appOnly), send: from(""),
			there: "200 from the handler",
			ours:  "200 from the handler; Vary: Origin",
		},
		{
			option: "Vary of an outer layer", here: "as it is", why: "It is merged. There it is overwritten, and caches serve compressed bodies to those who cannot read them.",
			before: ginCompressed(func() gin.HandlerFunc { return cors.New(cors.Config{AllowOrigins: []string{app}}) }),
			after:  ginCompressed(func() gin.HandlerFunc { return gincors.New(newCORS(appOnly)) }),
			send:   from(app),
			there:  "200 from the handler; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
			ours:   "200 from the handler; Access-Control-Allow-Origin: https://app.example.com; Vary: Accept-Encoding, Origin",
		},
		{
			option: "OPTIONS that is no preflight", here: "as it is",
			why:    "It goes to your routes, of which this application has none. There every OPTIONS with an Origin is taken for a preflight.",
			before: ginPeer(cors.Config{AllowOrigins: []string{app}}), after: ginOurs(appOnly),
			send:  Request{Method: "OPTIONS", Origin: app},
			there: "204; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
			ours:  "404; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
		},
		{
			option: "the server's own origin", here: "list it, if pages of it connect from elsewhere",
			why:    "There an Origin that equals Host switches the middleware off. Here it is an origin like any other, except that `Block` lets it pass, where no proxy rewrites Host.",
			before: ginPeer(cors.Config{AllowOrigins: []string{app}}), after: ginOurs(appOnly), send: from("https://" + host),
			there: "200 from the handler",
			ours:  "200 from the handler; Vary: Origin",
		},
		{
			option: "a preflight for what is not allowed", here: "as it is",
			why:    "Both tell an allowed origin the whole policy, and the browser names what is missing.",
			before: ginPeer(cors.Config{AllowOrigins: []string{app}, AllowMethods: []string{"PUT"}}),
			after:  ginOurs(core.Config{Origins: []string{app}, Methods: []string{"PUT"}}), send: ask(app, "DELETE", ""),
			there: "204; Access-Control-Allow-Methods: PUT; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
			ours:  "204; Access-Control-Allow-Methods: PUT; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
		},
		{
			option: "Vary of a preflight", here: "as it is",
			why:    "The answer is the same whatever is asked for, so that it varies by Origin alone. The other rows leave this difference out.",
			before: ginPeer(cors.Config{AllowOrigins: []string{app}}),
			after:  ginOurs(appOnly), send: ask(app, "GET", ""),
			there: "204; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
			ours:  "204; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
		},
	},
}

const extension = "chrome-extension://abcdefghijklmnopabcdefghijklmnop"

// ginDefault is gin-contrib/cors with its default configuration, for one origin.
var ginDefault = ginEngine(func(engine *gin.Engine) {
	config := cors.DefaultConfig()
	config.AllowOrigins = []string{app}
	engine.Use(cors.New(config))
})
