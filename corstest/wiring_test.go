package corstest_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/httpcors"
)

var wiringConfig = core.Config{
	Origins:        []string{app, "https://*.example.org"},
	Credentials:    true,
	Methods:        []string{"PUT"},
	RequestHeaders: []string{"Content-Type"},
	ExposeHeaders:  []string{"X-Request-Id"},
}

type middleware = func(http.Handler) http.Handler

// before returns middleware that runs do in front of the next handler, which does not run if do returns false.
func before(do func(w http.ResponseWriter, r *http.Request) bool) middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if do(w, r) {
				next.ServeHTTP(w, r)
			}
		})
	}
}

// atHeader returns middleware that runs do when the next handler sends its header, as compression and the like do.
func atHeader(do func(http.Header)) middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(&headerHook{ResponseWriter: w, do: do}, r)
		})
	}
}

type headerHook struct {
	http.ResponseWriter
	do   func(http.Header)
	done bool
}

func (h *headerHook) WriteHeader(status int) {
	if !h.done {
		h.done = true
		h.do(h.Header())
	}
	h.ResponseWriter.WriteHeader(status)
}

func (h *headerHook) Write(p []byte) (int, error) {
	if !h.done {
		h.WriteHeader(http.StatusOK)
	}
	return h.ResponseWriter.Write(p)
}

func save(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "saved") }

func router() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /notes/{id}", save)
	mux.HandleFunc("GET /broken", func(http.ResponseWriter, *http.Request) { panic("as the test wants") })
	mux.HandleFunc("/folder/", save)
	return mux
}

func refuse(status int, unless func(*http.Request) bool) middleware {
	return before(func(w http.ResponseWriter, r *http.Request) bool {
		if unless(r) {
			return true
		}
		http.Error(w, http.StatusText(status), status)
		return false
	})
}

// The mistakes that people make, and parts of the errors that must name them.
var mistakes = []struct {
	name  string
	build func(cors middleware) http.Handler
	route corstest.Route // PUT /notes/1 if empty
	want  []string       // one part for each error
}{
	{
		"authentication in front of CORS",
		func(cors middleware) http.Handler {
			return refuse(401, func(r *http.Request) bool { return r.Header.Get("Authorization") != "" })(cors(router()))
		},
		corstest.Route{},
		[]string{"something refuses requests in front of CORS: the preflight was answered 401"},
	}, {
		"authentication in front of CORS, asked with a token",
		func(cors middleware) http.Handler {
			return refuse(401, func(r *http.Request) bool { return r.Header.Get("Authorization") != "" })(cors(router()))
		},
		corstest.Route{Method: "PUT", URL: "/notes/1", Header: http.Header{"Authorization": {"Bearer 1"}}},
		[]string{"something refuses requests in front of CORS: the preflight was answered 401"},
	}, {
		"CSRF protection in front of CORS",
		func(cors middleware) http.Handler {
			protection := http.NewCrossOriginProtection()
			return protection.Handler(cors(router()))
		},
		corstest.Route{},
		[]string{"something refuses requests in front of CORS: a request from https://app.example.com was answered 403"},
	}, {
		"a rate limit in front of CORS",
		func(cors middleware) http.Handler {
			return refuse(429, func(*http.Request) bool { return false })(cors(router()))
		},
		corstest.Route{},
		[]string{"something refuses requests in front of CORS: the preflight was answered 429"},
	}, {
		"CORS around a single route",
		func(cors middleware) http.Handler {
			mux := http.NewServeMux()
			mux.Handle("PUT /notes/{id}", cors(http.HandlerFunc(save)))
			return mux
		},
		corstest.Route{},
		[]string{"CORS is below the router: the preflight was answered 405"},
	}, {
		"CORS in a sub-router that is not asked for OPTIONS",
		func(cors middleware) http.Handler {
			routes := cors(router())
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodOptions || !strings.HasPrefix(r.URL.Path, "/notes/") {
					http.NotFound(w, r)
					return
				}
				routes.ServeHTTP(w, r)
			})
		},
		corstest.Route{},
		[]string{"CORS is below the router: the preflight was answered 404"},
	}, {
		"a layer that answers every OPTIONS",
		func(cors middleware) http.Handler {
			return before(func(_ http.ResponseWriter, r *http.Request) bool { return r.Method != http.MethodOptions })(cors(router()))
		},
		corstest.Route{},
		[]string{"something answers OPTIONS in front of CORS: the preflight was answered 200 without"},
	}, {
		"a gateway that answers every OPTIONS for all origins",
		func(cors middleware) http.Handler {
			return before(func(w http.ResponseWriter, r *http.Request) bool {
				if r.Method == http.MethodOptions {
					w.Header().Set("Access-Control-Allow-Origin", "*")
					w.WriteHeader(http.StatusNoContent)
				}
				return r.Method != http.MethodOptions
			})(cors(router()))
		},
		corstest.Route{},
		[]string{`another policy applies, or none: the preflight's answer has Access-Control-Allow-Origin: "*", want`},
	}, {
		"another policy in front",
		func(cors middleware) http.Handler {
			other, _ := core.New(core.Config{Origins: []string{"https://other.example"}})
			return httpcors.New(other)(cors(router()))
		},
		corstest.Route{},
		[]string{"something refuses requests in front of CORS: the preflight was answered 403"},
	}, {
		"a handler that adds a field of its own",
		func(cors middleware) http.Handler {
			return cors(before(func(w http.ResponseWriter, r *http.Request) bool {
				w.Header().Add("Access-Control-Allow-Origin", r.Header.Get("Origin"))
				return true
			})(router()))
		},
		corstest.Route{},
		[]string{"two layers answer CORS: the answer has Access-Control-Allow-Origin 2 times", "a layer allows other origins"},
	}, {
		"a handler that allows every origin",
		func(cors middleware) http.Handler {
			return cors(before(func(w http.ResponseWriter, r *http.Request) bool {
				w.Header().Set("Access-Control-Allow-Origin", "*")
				return true
			})(router()))
		},
		corstest.Route{},
		[]string{`another policy applies, or none: the answer has Access-Control-Allow-Origin: "*", want`, "a layer allows other origins"},
	}, {
		"a layer inside that sets Vary",
		func(cors middleware) http.Handler {
			return cors(before(func(w http.ResponseWriter, _ *http.Request) bool {
				w.Header().Set("Vary", "Accept-Encoding")
				return true
			})(router()))
		},
		corstest.Route{},
		[]string{`a layer drops Vary: the answer has Vary: ["Accept-Encoding"], which lacks Origin`},
	}, {
		"a layer inside that sets Vary for those without Origin only",
		func(cors middleware) http.Handler {
			return cors(before(func(w http.ResponseWriter, r *http.Request) bool {
				if r.Header.Get("Origin") == "" {
					w.Header().Set("Vary", "Accept-Encoding")
				}
				return true
			})(router()))
		},
		corstest.Route{},
		[]string{"a layer drops Vary: the answer to a request without Origin has Vary"},
	}, {
		"a layer outside that sets Vary when the header is sent",
		func(cors middleware) http.Handler {
			return atHeader(func(h http.Header) { h.Set("Vary", "Accept-Encoding") })(cors(router()))
		},
		corstest.Route{},
		[]string{"a layer drops Vary: the preflight's answer has Vary"},
	}, {
		"a layer that deletes what it does not know",
		func(cors middleware) http.Handler {
			return cors(atHeader(func(h http.Header) { h.Del("Access-Control-Allow-Origin") })(router()))
		},
		corstest.Route{},
		[]string{"a layer drops CORS fields: a request from https://app.example.com was answered 200 without"},
	}, {
		"a layer that deletes what exposes headers",
		func(cors middleware) http.Handler {
			return cors(atHeader(func(h http.Header) { h.Del("Access-Control-Expose-Headers") })(router()))
		},
		corstest.Route{},
		[]string{"a layer drops CORS fields: the answer has no Access-Control-Expose-Headers"},
	}, {
		"a redirect to https in front of CORS",
		func(cors middleware) http.Handler {
			return before(func(w http.ResponseWriter, r *http.Request) bool {
				if r.TLS == nil {
					http.Redirect(w, r, "https://"+r.Host+r.URL.Path, http.StatusMovedPermanently)
				}
				return r.TLS != nil
			})(cors(router()))
		},
		corstest.Route{Method: "PUT", URL: "http://api.example.com/notes/1"},
		[]string{"a redirect is made in front of CORS: the preflight was answered 301"},
	}, {
		"a router that adds a slash in front of CORS",
		func(cors middleware) http.Handler {
			mux := http.NewServeMux()
			mux.Handle("/folder/", cors(router()))
			return mux
		},
		corstest.Route{Method: "PUT", URL: "/folder/"},
		[]string{"a redirect is made in front of CORS: /folder was redirected (307, to /folder/) without"},
	}, {
		"a recovery outside of CORS that clears the header",
		func(cors middleware) http.Handler {
			next := cors(router())
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				defer func() {
					if recover() != nil {
						clear(w.Header())
						http.Error(w, "sorry", http.StatusInternalServerError)
					}
				}()
				next.ServeHTTP(w, r)
			})
		},
		corstest.Route{URL: "/broken"},
		[]string{"an error page is made in front of CORS: a request from https://app.example.com was answered 500"},
	}, {
		"a panic that nothing recovers",
		func(cors middleware) http.Handler { return cors(router()) },
		corstest.Route{URL: "/broken"},
		[]string{"there is no answer: GET: the handler panicked: as the test wants"},
	}, {
		"no CORS at all",
		func(middleware) http.Handler { return http.HandlerFunc(save) },
		corstest.Route{},
		[]string{"another policy applies, or none: the preflight was answered 200 without"},
	}, {
		"the policy for development",
		func(middleware) http.Handler {
			cors, _ := core.New(core.Config{Origins: []string{"http://localhost:*"}})
			return httpcors.New(cors)(router())
		},
		corstest.Route{},
		[]string{"another policy applies, or none: the preflight was answered 403 without"},
	}, {
		"the policy of yesterday",
		func(middleware) http.Handler {
			config := wiringConfig
			config.Methods, config.PreflightStatus = []string{"DELETE"}, 204
			cors, _ := core.New(config)
			return httpcors.New(cors)(router())
		},
		corstest.Route{},
		[]string{`another policy applies, or none: the preflight's answer has Access-Control-Allow-Methods: "DELETE", want "PUT"`},
	}, {
		"the policy of yesterday, which lacks an origin",
		func(middleware) http.Handler {
			config := wiringConfig
			config.Origins = []string{app}
			cors, _ := core.New(config)
			return httpcors.New(cors)(router())
		},
		corstest.Route{},
		[]string{"another policy applies, or none: a request from https://page.example.org was answered 200 without"},
	}, {
		"fields by hand, and the preflight left to the router",
		func(middleware) http.Handler {
			return before(func(w http.ResponseWriter, r *http.Request) bool {
				w.Header().Set("Access-Control-Allow-Origin", app)
				w.Header().Set("Access-Control-Allow-Credentials", "true")
				w.Header().Set("Access-Control-Expose-Headers", "x-request-id")
				w.Header().Set("Vary", "Origin")
				return true
			})(router())
		},
		corstest.Route{},
		[]string{"preflights reach the application: the preflight was answered 405", "a layer allows other origins"},
	}, {
		"a proxy whose upstream answers CORS too",
		func(cors middleware) http.Handler {
			upstream := func(r *http.Request) (*http.Response, error) {
				w := httptest.NewRecorder()
				w.Header().Set("Access-Control-Allow-Origin", app)
				save(w, r)
				return w.Result(), nil
			}
			return cors(&httputil.ReverseProxy{
				Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(&url.URL{Scheme: "http", Host: "upstream"}) },
				Transport: roundTripper(upstream),
			})
		},
		corstest.Route{},
		[]string{"two layers answer CORS: the answer has Access-Control-Allow-Origin 2 times", "a layer allows other origins"},
	},
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestCheckWiringNamesMistakes(t *testing.T) {
	cors, err := core.New(wiringConfig)
	if err != nil {
		t.Fatal(err)
	}
	for _, mistake := range mistakes {
		t.Run(mistake.name, func(t *testing.T) {
			route := mistake.route
			if route.URL == "" {
				route = corstest.Route{Method: "PUT", URL: "/notes/1"}
			}
			f := &failing{TB: t}
			corstest.CheckWiring(f, mistake.build(httpcors.New(cors)), cors.Policy(), route)
			f.check(t, mistake.want...)
			for _, text := range f.errors {
				if _, remedy, ok := strings.Cut(text, "\nhow to fix it: "); !ok || remedy == "" {
					t.Errorf("got error %q, want it to say how to fix it", text)
				}
			}
		})
	}
}

func TestCheckWiringAcceptsCorrectApplications(t *testing.T) {
	mux := router()
	authenticated := refuse(401, func(r *http.Request) bool { return r.Header.Get("Authorization") != "" })(mux)
	tests := []struct {
		name   string
		config core.Config
		inner  http.Handler
		routes []corstest.Route
	}{
		{"a route", wiringConfig, mux, []corstest.Route{{Method: "PUT", URL: "/notes/1"}}},
		{"a route that is not there", wiringConfig, mux, []corstest.Route{{URL: "/nowhere"}}},
		{"a route for another method", wiringConfig, mux, []corstest.Route{{Method: "DELETE", URL: "/notes/1"}}},
		{"a redirect inside of CORS", wiringConfig, mux, []corstest.Route{{URL: "/folder"}, {URL: "/folder/"}}},
		{"authentication inside of CORS", wiringConfig, authenticated, []corstest.Route{{Method: "PUT", URL: "/notes/1"}}},
		{"a host that matters", wiringConfig, mux, []corstest.Route{{Method: "PUT", URL: "http://other.example/notes/1"}}},
		{"an origin of the test's choice", wiringConfig, mux, []corstest.Route{{URL: "/folder/", Origin: "https://a.b.example.org"}}},
		{"the root", wiringConfig, mux, []corstest.Route{{URL: "/"}}},
		{"every origin", core.Config{Origins: []string{"*"}}, mux, []corstest.Route{{Method: "PUT", URL: "/notes/1"}}},
		{"subdomains on any port", core.Config{Origins: []string{"https://*.example.org:*"}}, mux, []corstest.Route{{URL: "/folder/"}}},
		{"wildcards with credentials", core.Config{
			Origins: []string{app}, Credentials: true, Methods: []string{"*"}, RequestHeaders: []string{"*"},
		}, mux, []corstest.Route{{Method: "PUT", URL: "/notes/1"}}},
		{"other origins blocked", core.Config{Origins: []string{app}, Block: true}, mux, []corstest.Route{{URL: "/folder/"}}},
		{"status 200", core.Config{Origins: []string{app}, PreflightStatus: 200, MaxAge: -1}, mux, []corstest.Route{{URL: "/folder/"}}},
		{"regexps", core.Config{OriginRegexps: []string{`https://pr-[0-9]+\.example\.com`}}, mux,
			[]corstest.Route{{URL: "/folder/", Origin: "https://pr-7.example.com"}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			cors, err := core.New(test.config)
			if err != nil {
				t.Fatal(err)
			}
			corstest.CheckWiring(t, httpcors.New(cors)(test.inner), cors.Policy(), test.routes...)
		})
	}
}

func TestCheckWiringTrustsAFunction(t *testing.T) {
	config := corstest.Policy{Lookup: &corstest.Lookup{Allow: []string{"https://tenant.example"}}}.Compilable()
	cors, err := core.New(config)
	if err != nil {
		t.Fatal(err)
	}
	corstest.CheckWiring(t, httpcors.New(cors)(router()), cors.Policy(), corstest.Route{URL: "/folder/", Origin: "https://tenant.example"})
}

func TestCheckWiringSaysWhatItNeeds(t *testing.T) {
	compile := func(config core.Config) *core.Policy {
		policy, err := core.Compile(config)
		if err != nil {
			t.Fatal(err)
		}
		return policy
	}
	regexps := compile(core.Config{OriginRegexps: []string{`https://pr-[0-9]+\.example\.com`}})
	tests := []struct {
		name   string
		policy *core.Policy
		routes []corstest.Route
		want   string
	}{
		{"no policy", nil, []corstest.Route{{URL: "/"}}, "the policy is nil"},
		{"no route", compile(wiringConfig), nil, "there is no route to check"},
		{"no origin", regexps, []corstest.Route{{URL: "/"}}, "set Route.Origin to the page's"},
		{"an origin that is not allowed", regexps, []corstest.Route{{URL: "/", Origin: app}}, `the policy does not allow the origin "` + app + `"`},
		{"a URL of another scheme", compile(wiringConfig), []corstest.Route{{URL: "ftp://a/"}}, "is not http or https"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := &failing{TB: t}
			corstest.CheckWiring(f, router(), test.policy, test.routes...)
			f.check(t, test.want)
		})
	}
}
