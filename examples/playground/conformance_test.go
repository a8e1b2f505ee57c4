package main

import (
	"context"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/gofiber/fiber/v2"
	fiberv3 "github.com/gofiber/fiber/v3"
	"github.com/labstack/echo/v4"
	echov5 "github.com/labstack/echo/v5"
	"github.com/valyala/fasthttp"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/fasthttpcors/fasthttptest"
)

// apps assembles the API of each framework for the conformance suite.
var apps = map[string]func(*testing.T, corstest.Spec) corstest.App{
	"net/http": func(_ *testing.T, spec corstest.Spec) corstest.App {
		return corstest.HTTP(newNetHTTP(spec.CORS, func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				addFields(w.Header().Add, spec)
				next.ServeHTTP(w, r)
			})
		}))
	},
	"gin": func(_ *testing.T, spec corstest.Spec) corstest.App {
		return corstest.HTTP(newGin(spec.CORS, func(c *gin.Context) { addFields(c.Writer.Header().Add, spec) }))
	},
	"echo": func(_ *testing.T, spec corstest.Spec) corstest.App {
		return corstest.HTTP(newEcho(spec.CORS, func(next echo.HandlerFunc) echo.HandlerFunc {
			return func(c echo.Context) error {
				addFields(c.Response().Header().Add, spec)
				return next(c)
			}
		}))
	},
	"fiber": func(_ *testing.T, spec corstest.Spec) corstest.App {
		app := newFiber(spec.CORS, func(c *fiber.Ctx) error {
			addFields(c.Response().Header.Add, spec)
			return c.Next()
		})
		return onFiber(app.Handler(), func(l net.Listener) error {
			defer app.Shutdown()
			return app.Listener(l)
		})
	},
	"echo v5": func(_ *testing.T, spec corstest.Spec) corstest.App {
		return corstest.HTTP(newEchoV5(spec.CORS, func(next echov5.HandlerFunc) echov5.HandlerFunc {
			return func(c *echov5.Context) error {
				addFields(c.Response().Header().Add, spec)
				return next(c)
			}
		}))
	},
	"fiber v3": func(_ *testing.T, spec corstest.Spec) corstest.App {
		app := newFiberV3(spec.CORS, func(c fiberv3.Ctx) error {
			addFields(c.Response().Header.Add, spec)
			return c.Next()
		})
		return onFiber(app.Handler(), func(l net.Listener) error {
			defer app.Shutdown()
			return serveFiberV3(app).Serve(l)
		})
	},
}

func addFields(add func(name, value string), spec corstest.Spec) {
	for _, f := range spec.Outer {
		add(f.Name, f.Value)
	}
}

// onFiber returns a fiber application on fiber's own server.
func onFiber(handler fasthttp.RequestHandler, serve func(net.Listener) error) corstest.App {
	app := fasthttptest.App(handler)
	app.Serve = serve
	return app
}

func TestEveryAPIConforms(t *testing.T) {
	for framework, newApp := range apps {
		t.Run(framework, func(t *testing.T) { corstest.Run(t, newApp) })
	}
}

// transcript is what all frameworks must agree on, byte by byte.
func transcript(res *corstest.RawResponse) string {
	var b strings.Builder
	fmt.Fprintln(&b, "status:", res.Status)
	fmt.Fprintln(&b, "handler:", res.Header["X-Handler"])
	for _, name := range slices.Sorted(maps.Keys(res.Header)) {
		if strings.HasPrefix(name, "Access-Control-") {
			fmt.Fprintf(&b, "%s: %q\n", name, res.Header[name])
		}
	}
	vary := strings.Split(strings.ToLower(strings.Join(res.Header["Vary"], ",")), ",")
	for i := range vary {
		vary[i] = strings.TrimSpace(vary[i])
	}
	slices.Sort(vary)
	fmt.Fprintln(&b, "vary:", vary)
	if res.Status == http.StatusForbidden || res.Status == http.StatusNoContent {
		fmt.Fprintf(&b, "body: %q\ncontent type: %q\n", res.Body, res.Header["Content-Type"])
	}
	return b.String()
}

// way is one way to send a request: the framework, its server, and the transport.
type way struct{ framework, server, transport string }

// TestAdaptersAnswerAlike compares the frameworks, in process and over the network.
func TestAdaptersAnswerAlike(t *testing.T) {
	suite, err := corstest.Conformance()
	if err != nil {
		t.Fatal(err)
	}
	clients := map[string]map[way]corstest.Client{} // by policy
	for _, c := range suite.Cases {
		group, ok := clients[c.Policy]
		if !ok || len(c.Outer) > 0 {
			group = startAll(t, suite.Policies[c.Policy], c.Outer)
		}
		if len(c.Outer) == 0 {
			clients[c.Policy] = group
		}
		t.Run(c.Name, func(t *testing.T) {
			reference := way{"net/http", "net/http", corstest.Process}
			if len(c.Over) > 0 {
				reference.transport = c.Over[0]
			}
			want, err := group[reference](&c.Request)
			if err != nil {
				t.Fatal(err)
			}
			for w, do := range group {
				if len(c.Over) > 0 && !slices.Contains(c.Over, w.transport) || refusedItself(&c, w) {
					continue
				}
				got, err := do(&c.Request)
				if err != nil {
					t.Errorf("%s: %v", w, err)
				} else if transcript(got) != transcript(want) {
					t.Errorf("%s answers\n%swhile %s answers\n%s", w, transcript(got), reference, transcript(want))
				}
			}
		})
	}
}

// refusedItself reports whether the server answers the request before any middleware sees it.
func refusedItself(c *corstest.Case, w way) bool {
	return w.transport != corstest.Process && c.RefusedBy[w.server] != 0
}

func startAll(t *testing.T, policy corstest.Policy, outer []corstest.Field) map[way]corstest.Client {
	all := map[way]corstest.Client{}
	for framework, newApp := range apps {
		cors, err := core.New(policy.Compilable())
		if err != nil {
			t.Fatal(err)
		}
		app := newApp(t, corstest.Spec{CORS: cors, Outer: outer})
		for transport, client := range app.Start(t) {
			all[way{framework, app.Server, transport}] = client
		}
	}
	return all
}

// TestOriginFuncGetsTheSameEverywhere sends targets that servers read in more than one way. A function that decides by path
// must get the path that the handler gets.
func TestOriginFuncGetsTheSameEverywhere(t *testing.T) {
	tests := []struct{ target, wantHost, wantPath string }{
		{"/api/ok", corstest.Host, "/api/ok"},
		{"/api/ok?q=/api/no", corstest.Host, "/api/ok"},
		{"/t/a/..%2Fb", corstest.Host, "/t/a/../b"},
		{"/t/a/../b", corstest.Host, "/t/a/../b"},
		{"/t/%2e%2e/b", corstest.Host, "/t/../b"},
		{"/t/a%2Fb", corstest.Host, "/t/a/b"},
		{"/t/a%20b+c", corstest.Host, "/t/a b+c"},
		{"/t/%25%32%65", corstest.Host, "/t/%2e"},
		{"//evil.example/x", corstest.Host, "//evil.example/x"},
		{"/t//x", corstest.Host, "/t//x"},
		{"/", corstest.Host, "/"},
		{"http://other.example:81/t/x", "other.example:81", "/t/x"},
	}
	for framework, newApp := range apps {
		var got []core.OriginRequest
		cors, err := core.New(core.Config{OriginFunc: func(_ context.Context, r core.OriginRequest) (bool, error) {
			got = append(got, r)
			return true, nil
		}})
		if err != nil {
			t.Fatal(err)
		}
		do := newApp(t, corstest.Spec{CORS: cors}).Start(t)[corstest.HTTP1]
		for _, test := range tests {
			got = nil
			if _, err := do(&corstest.RawRequest{Method: "GET", Path: test.target,
				Fields: corstest.Fields{{Name: "Origin", Value: "https://a.example"}}}); err != nil {
				t.Fatal(err)
			}
			want := []core.OriginRequest{{Origin: "https://a.example", Host: test.wantHost, Path: test.wantPath}}
			if !slices.Equal(got, want) {
				t.Errorf("%s, %s: got %q, want %q", framework, test.target, got, want)
			}
		}
	}
}

// FuzzAdaptersAnswerAlike sends the fuzzer's requests to all frameworks.
func FuzzAdaptersAnswerAlike(f *testing.F) {
	suite, err := corstest.Conformance()
	if err != nil {
		f.Fatal(err)
	}
	policies := slices.Sorted(maps.Keys(suite.Policies))
	methods := []string{"GET", "HEAD", "POST", "PUT", "OPTIONS", "FOO"}
	apiOf := map[string][]corstest.Client{} // all frameworks under a policy
	for _, policy := range policies {
		for _, framework := range slices.Sorted(maps.Keys(apps)) {
			cors, err := core.New(suite.Policies[policy].Compilable())
			if err != nil {
				f.Fatal(err)
			}
			apiOf[policy] = append(apiOf[policy], apps[framework](nil, corstest.Spec{CORS: cors}).Do)
		}
	}
	f.Add(uint8(0), uint8(4), uint8(0), "https://app.example.com", "", "PUT", "x-a", "cross-site", "cors")
	f.Add(uint8(3), uint8(4), uint8(2), "https://app.example.com", "null", "PUT", "x-a,,", "", "")
	f.Add(uint8(5), uint8(0), uint8(255), "null", "", "", " ", "same-origin", "navigate")
	// Bit n of empty says that field n is there even if it is empty.
	f.Fuzz(func(t *testing.T, policy, method, empty uint8, origin, origin2, acrm, acrh, site, mode string) {
		r := corstest.RawRequest{Method: methods[int(method)%len(methods)], Path: "/api/ok"}
		for n, field := range []corstest.Field{{Name: "Origin", Value: origin}, {Name: "Origin", Value: origin2},
			{Name: core.FieldRequestMethod, Value: acrm}, {Name: core.FieldRequestHeaders, Value: acrh},
			{Name: core.FieldSecFetchSite, Value: site}, {Name: core.FieldSecFetchMode, Value: mode}} {
			if strings.ContainsAny(field.Value, "\r\n") || strings.Trim(field.Value, " \t") != field.Value {
				return // every parser refuses these
			}
			if field.Value != "" || empty>>n&1 == 1 {
				r.Fields = append(r.Fields, field)
			}
		}
		var answers []string
		for _, do := range apiOf[policies[int(policy)%len(policies)]] {
			res, err := do(&r)
			if err != nil {
				t.Fatal(err)
			}
			answers = append(answers, transcript(res))
		}
		if len(slices.Compact(answers)) != 1 {
			t.Errorf("the frameworks disagree on %q:\n%s", r, strings.Join(answers, "\n"))
		}
	})
}
