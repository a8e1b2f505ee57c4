package benchmarks

import (
	"io"
	"log"
	"log/slog"
	"net/http"
	"time"

	"github.com/rs/cors"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/httpcors"
)

func rsBefore(mux http.Handler) http.Handler {
	handler := cors.New(cors.Options{
		AllowedOrigins:   []string{"https://app.example.com", "https://*.preview.example.com"},
		AllowedMethods:   []string{"GET", "POST", "PUT", "DELETE"},
		AllowedHeaders:   []string{"Authorization", "Content-Type"},
		ExposedHeaders:   []string{"X-Request-Id"},
		AllowCredentials: true,
		MaxAge:           600,
	}).Handler(mux)
	return handler
}

func rsAfter(mux http.Handler) http.Handler {
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
	handler := httpcors.New(cors)(mux)
	return handler
}

func rsWrapped(wrap netHTTPMiddleware) Opener {
	return onNetHTTP(func(Policy) (netHTTPMiddleware, error) { return wrap, nil })
}

func rsPeer(options cors.Options) Opener { return rsWrapped(cors.New(options).Handler) }

func rsOurs(config core.Config, opts ...httpcors.Option) Opener {
	return onNetHTTP(func(Policy) (netHTTPMiddleware, error) {
		cors, err := core.New(config)
		return httpcors.New(cors, opts...), err
	})
}

func skipPreflights(r *http.Request) bool { return r.Method == http.MethodOptions }

var rsGuide = guide{
	peer: "rs/cors", file: "migrate-from-rs.md", config: cors.Options{},
	before: rsWrapped(rsBefore), after: rsWrapped(rsAfter),
	rows: []migration{
		{
			option: "AllowedOrigins", here: "`Origins`", why: "nothing, for an origin that is listed",
			before: rsPeer(cors.Options{AllowedOrigins: []string{app}}), after: rsOurs(appOnly), send: from(app),
			there: "200 from the handler; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
			ours:  "200 from the handler; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
		},
		{
			option: "AllowedOrigins", here: "`Origins: []string{\"*\"}`, if you mean everybody",
			why:    "There is no default. There an empty list, as of a variable that is not set, lets everybody in.",
			before: rsPeer(cors.Options{}), after: rsOurs(core.Config{}), send: from(other),
			there: "200 from the handler; Access-Control-Allow-Origin: *; Vary: Origin",
			ours:  `error at start: cors: origins: is empty; list the origins of your front ends, such as "https://app.example.com"`,
		},
		{
			option: "AllowedOrigins", here: "`Origins: []string{\"*\"}`", why: "No Vary: everybody gets the same answer, and caches may keep one for all.",
			before: rsPeer(cors.Options{AllowedOrigins: []string{"*"}}), after: rsOurs(core.Config{Origins: []string{"*"}}), send: from(app),
			there: "200 from the handler; Access-Control-Allow-Origin: *; Vary: Origin",
			ours:  "200 from the handler; Access-Control-Allow-Origin: *",
		},
		{
			option: "AllowedOrigins", here: "`Origins`, with `*` alone or without it",
			why:    "`*` next to other origins is an error: one of the two is a mistake. There it wins.",
			before: rsPeer(cors.Options{AllowedOrigins: []string{app, "*"}}),
			after:  rsOurs(core.Config{Origins: []string{app, "*"}}), send: from(other),
			there: "200 from the handler; Access-Control-Allow-Origin: *; Vary: Origin",
			ours:  `error at start: cors: origins[0]: "https://app.example.com": makes no sense next to "*"; remove this entry or "*"`,
		},
		{
			option: "AllowedOrigins", here: "`https://*.example.com`",
			why:    "A wildcard is for whole labels. There it is for any text, so that a forgotten dot lets others in.",
			before: rsPeer(cors.Options{AllowedOrigins: []string{"https://*example.com"}}),
			after:  rsOurs(core.Config{Origins: []string{"https://*example.com"}}), send: from("https://evilexample.com"),
			there: "200 from the handler; Access-Control-Allow-Origin: https://evilexample.com; Vary: Origin",
			ours:  `error at start: cors: origins[0]: "https://*example.com": has a wildcard where none can be; write "https://*.example.com" for every subdomain, "https://example.com:*" for every port, or several entries`,
		},
		{
			option: "AllowedOrigins", here: "`https://*.example.com:*`", why: "Subdomain and port may be left open together. There a second wildcard is a letter like any other.",
			before: rsPeer(cors.Options{AllowedOrigins: []string{"https://*.example.com:*"}}),
			after:  rsOurs(core.Config{Origins: []string{"https://*.example.com:*"}}), send: from("https://a.example.com:8443"),
			there: "200 from the handler; Vary: Origin",
			ours:  "200 from the handler; Access-Control-Allow-Origin: https://a.example.com:8443; Vary: Origin",
		},
		{
			option: "AllowedOrigins", here: "`Origins`, without the slash",
			why:    "An entry that no browser's Origin can equal is an error. There it silently never matches.",
			before: rsPeer(cors.Options{AllowedOrigins: []string{app + "/"}}),
			after:  rsOurs(core.Config{Origins: []string{app + "/"}}), send: from(app),
			there: "200 from the handler; Vary: Origin",
			ours:  `error at start: cors: origins[0]: "https://app.example.com/": has a path, which is not part of an origin; write "https://app.example.com"`,
		},
		{
			option: "AllowOriginFunc", here: "`OriginFunc`",
			why: "It is asked about well-formed origins that no list allows; lists still apply. " +
				"`null`, which any page can take on, never gets as far. An error denies.",
			before: rsPeer(cors.Options{AllowOriginFunc: func(string) bool { return true }}),
			after:  rsOurs(core.Config{OriginFunc: everybody}), send: from("null"),
			there: "200 from the handler; Access-Control-Allow-Origin: null; Vary: Origin",
			ours:  "200 from the handler; Vary: Origin",
		},
		{
			option: "AllowOriginRequestFunc", here: "`OriginFunc`",
			why: "It gets the request's context, origin, host and path, and nothing else: the answer is stored in caches under `Vary: Origin` and " +
				"the URL, so nothing else may decide it.",
			before: rsPeer(cors.Options{ //nolint:staticcheck // It is deprecated, which does not spare those who use it.
				AllowOriginRequestFunc: func(r *http.Request, _ string) bool { return r.URL.Path == path },
			}),
			after: rsOurs(core.Config{OriginFunc: underAPI}), send: from(app),
			there: "200 from the handler; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
			ours:  "200 from the handler; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
		},
		{
			option: "AllowOriginVaryRequestFunc", here: "`OriginFunc`",
			why: "The same; a decision by other fields is not possible. It would have to be made again, with the same outcome, " +
				"for the preflight, which does not carry them.",
			before: rsPeer(cors.Options{AllowOriginVaryRequestFunc: func(r *http.Request, _ string) (bool, []string) {
				return r.URL.Path == path, []string{"X-Tenant"}
			}}),
			after: rsOurs(core.Config{OriginFunc: underAPI}), send: from(app),
			there: "200 from the handler; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin, X-Tenant",
			ours:  "200 from the handler; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
		},
		{
			option: "AllowedMethods", here: "`Methods`", why: "GET, HEAD and POST need no permission, and are not listed. All methods are told, not only the one that was asked for: the browser caches them.",
			before: rsPeer(cors.Options{AllowedOrigins: []string{app}, AllowedMethods: []string{"GET", "PUT", "DELETE"}}),
			after:  rsOurs(core.Config{Origins: []string{app}, Methods: []string{"PUT", "DELETE"}}), send: ask(app, "PUT", ""),
			there: "204; Access-Control-Allow-Methods: PUT; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
			ours:  "204; Access-Control-Allow-Methods: PUT,DELETE; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
		},
		{
			option: "AllowedMethods", here: "`Methods`",
			why:    "They are for preflights. There they also take the fields from a GET that is not listed, which no preflight has announced.",
			before: rsPeer(cors.Options{AllowedOrigins: []string{app}, AllowedMethods: []string{"PUT"}}),
			after:  rsOurs(core.Config{Origins: []string{app}, Methods: []string{"PUT"}}), send: from(app),
			there: "200 from the handler; Vary: Origin",
			ours:  "200 from the handler; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
		},
		{
			option: "AllowedMethods", here: "`Methods`",
			why:    "An allowed origin is told the policy, so that the browser's console can name the method. There it says that Access-Control-Allow-Origin is missing.",
			before: rsPeer(cors.Options{AllowedOrigins: []string{app}, AllowedMethods: []string{"PUT"}}),
			after:  rsOurs(core.Config{Origins: []string{app}, Methods: []string{"PUT"}}), send: ask(app, "DELETE", ""),
			there: "204; Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
			ours:  "204; Access-Control-Allow-Methods: PUT; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
		},
		{
			option: "AllowedHeaders", here: "`RequestHeaders`", why: "All of them are told, not only those that were asked for.",
			before: rsPeer(cors.Options{AllowedOrigins: []string{app}, AllowedHeaders: []string{"Content-Type", "X-Trace"}}),
			after:  rsOurs(core.Config{Origins: []string{app}, RequestHeaders: []string{"Content-Type", "X-Trace"}}), send: ask(app, "GET", "x-trace"),
			there: "204; Access-Control-Allow-Headers: x-trace; Access-Control-Allow-Methods: GET; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
			ours:  "204; Access-Control-Allow-Headers: content-type,x-trace; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
		},
		{
			option: "AllowedHeaders", here: "`RequestHeaders: []string{\"Content-Type\"}`", why: "There is no default. There it is Accept, Content-Type and X-Requested-With.",
			before: rsPeer(cors.Options{AllowedOrigins: []string{app}}), after: rsOurs(appOnly), send: ask(app, "GET", "content-type"),
			there: "204; Access-Control-Allow-Headers: content-type; Access-Control-Allow-Methods: GET; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
			ours:  "204; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
		},
		{
			option: "AllowedHeaders", here: "`RequestHeaders: []string{\"*\"}`",
			why:    "Without credentials `*` is sent, which covers all but Authorization: list that too. There whatever is asked for is repeated.",
			before: rsPeer(cors.Options{AllowedOrigins: []string{app}, AllowedHeaders: []string{"*"}}),
			after:  rsOurs(core.Config{Origins: []string{app}, RequestHeaders: []string{"*", "Authorization"}}), send: ask(app, "GET", "authorization"),
			there: "204; Access-Control-Allow-Headers: authorization; Access-Control-Allow-Methods: GET; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
			ours:  "204; Access-Control-Allow-Headers: *,authorization; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
		},
		{
			option: "AllowedHeaders", here: "`RequestHeaders`",
			why:    "Any order will do, as RFC 9110 has it. There the preflight must be sorted, so that clients other than browsers, and gateways that sort anew, fail.",
			before: rsPeer(cors.Options{AllowedOrigins: []string{app}, AllowedHeaders: []string{"X-A", "X-B"}}),
			after:  rsOurs(core.Config{Origins: []string{app}, RequestHeaders: []string{"X-A", "X-B"}}), send: ask(app, "GET", "x-b,x-a"),
			there: "204; Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
			ours:  "204; Access-Control-Allow-Headers: x-a,x-b; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
		},
		{
			option: "ExposedHeaders", here: "`ExposeHeaders`", why: "Only the spelling: names are sent in lower case.",
			before: rsPeer(cors.Options{AllowedOrigins: []string{app}, ExposedHeaders: []string{"X-Request-Id"}}),
			after:  rsOurs(core.Config{Origins: []string{app}, ExposeHeaders: []string{"X-Request-Id"}}), send: from(app),
			there: "200 from the handler; Access-Control-Allow-Origin: https://app.example.com; Access-Control-Expose-Headers: X-Request-Id; Vary: Origin",
			ours:  "200 from the handler; Access-Control-Allow-Origin: https://app.example.com; Access-Control-Expose-Headers: x-request-id; Vary: Origin",
		},
		{
			option: "MaxAge", here: "`MaxAge`, a `time.Duration`", why: "Only the type: `10 * time.Minute` for 600. A plain 600 would be 600 ns, and an error.",
			before: rsPeer(cors.Options{AllowedOrigins: []string{app}, MaxAge: 600}),
			after:  rsOurs(core.Config{Origins: []string{app}, MaxAge: 600}), send: ask(app, "GET", ""),
			there: "204; Access-Control-Allow-Methods: GET; Access-Control-Allow-Origin: https://app.example.com; Access-Control-Max-Age: 600; Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
			ours:  `error at start: cors: max_age: "600ns": is out of range; write 600 * time.Second`,
		},
		{
			option: "AllowCredentials", here: "`Credentials`", why: "nothing, for https and localhost",
			before: rsPeer(cors.Options{AllowedOrigins: []string{app}, AllowCredentials: true}),
			after:  rsOurs(core.Config{Origins: []string{app}, Credentials: true}), send: from(app),
			there: "200 from the handler; Access-Control-Allow-Credentials: true; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
			ours:  "200 from the handler; Access-Control-Allow-Credentials: true; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
		},
		{
			option: "AllowCredentials", here: "`Credentials`, with a list of origins",
			why:    "`*` with credentials is an error. Browsers refuse the answer that it makes there.",
			before: rsPeer(cors.Options{AllowedOrigins: []string{"*"}, AllowCredentials: true}),
			after:  rsOurs(core.Config{Origins: []string{"*"}, Credentials: true}), send: from(app),
			there: "200 from the handler; Access-Control-Allow-Credentials: true; Access-Control-Allow-Origin: *; Vary: Origin",
			ours:  `error at start: cors: origins[0]: "*": is not possible with credentials; list the origins that may use credentials, or switch credentials off`,
		},
		{
			option: "AllowPrivateNetwork", here: "nothing", why: "No current browser asks for private network access any more.",
			before: rsPeer(cors.Options{AllowedOrigins: []string{app}, AllowPrivateNetwork: true}), after: rsOurs(appOnly),
			send:  Request{Method: "OPTIONS", Origin: app, RequestMethod: "GET", Further: [][2]string{{"Access-Control-Request-Private-Network", "true"}}},
			there: "204; Access-Control-Allow-Methods: GET; Access-Control-Allow-Origin: https://app.example.com; Access-Control-Allow-Private-Network: true; Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers, Access-Control-Request-Private-Network",
			ours:  "204; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
		},
		{
			option: "OptionsPassthrough", here: "`httpcors.WithSkip`, for the paths that answer preflights themselves",
			why:    "Either the policy answers a preflight or your handler does, not both.",
			before: rsPeer(cors.Options{AllowedOrigins: []string{app}, OptionsPassthrough: true}),
			after:  rsOurs(appOnly, httpcors.WithSkip(skipPreflights)), send: ask(app, "GET", ""),
			there: "200 from the handler; Access-Control-Allow-Methods: GET; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
			ours:  "200 from the handler",
		},
		{
			option: "OptionsSuccessStatus", here: "`PreflightStatus`",
			why:    "It is for allowed origins; others get 403, so that access logs show them. To the browser both are a refusal.",
			before: rsPeer(cors.Options{AllowedOrigins: []string{app}, OptionsSuccessStatus: 200}),
			after:  rsOurs(core.Config{Origins: []string{app}, PreflightStatus: 200}), send: ask(other, "GET", ""),
			there: "200; Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
			ours:  "403; Vary: Origin",
		},
		{
			option: "Debug", here: "`core.WithObserver(core.LogObserver(logger))`",
			why:    "It logs denials with their reason, at most 10 a second, and may stay on. Answers are the same with it and without.",
			before: rsPeer(cors.Options{AllowedOrigins: []string{app}, Debug: true, Logger: log.New(io.Discard, "", 0)}),
			after:  rsLogged, send: from(app),
			there: "200 from the handler; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
			ours:  "200 from the handler; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
		},
		{
			option: "Logger", here: "`core.LogObserver`, with an `slog.Logger`", why: "As with Debug.",
			before: rsPeer(cors.Options{AllowedOrigins: []string{app}, Logger: log.New(io.Discard, "", 0)}),
			after:  rsLogged, send: from(app),
			there: "200 from the handler; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
			ours:  "200 from the handler; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
		},
		{
			option: "an origin in upper case", here: "as it is",
			why:    "No browser sends one, so it is malformed. There it is compared without regard to case.",
			before: rsPeer(cors.Options{AllowedOrigins: []string{app}}), after: rsOurs(appOnly), send: from("HTTPS://APP.EXAMPLE.COM"),
			there: "200 from the handler; Access-Control-Allow-Origin: HTTPS://APP.EXAMPLE.COM; Vary: Origin",
			ours:  "200 from the handler; Vary: Origin",
		},
		{
			option: "Vary of a preflight", here: "as it is",
			why:    "The answer is the same whatever is asked for, so that it varies by Origin alone. The other rows leave this difference out.",
			before: rsPeer(cors.Options{AllowedOrigins: []string{app}}),
			after:  rsOurs(appOnly), send: ask(app, "GET", ""),
			there: "204; Access-Control-Allow-Methods: GET; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
			ours:  "204; Access-Control-Allow-Origin: https://app.example.com; Vary: Origin",
		},
	},
}

// rsLogged observes with a logger.
var rsLogged = onNetHTTP(func(Policy) (netHTTPMiddleware, error) {
	cors, err := core.New(appOnly, core.WithObserver(core.LogObserver(slog.New(slog.DiscardHandler))))
	return httpcors.New(cors), err
})
