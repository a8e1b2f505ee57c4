package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/gofiber/fiber/v2"
	"github.com/labstack/echo/v4"
	"github.com/valyala/fasthttp"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
)

// apps assembles the API of each framework as the conformance suite wants it.
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
		return corstest.App{
			Server: "fasthttp",
			Do:     func(r *corstest.RawRequest) (*corstest.RawResponse, error) { return doFiber(app, r) },
			Serve: func(l net.Listener) error {
				defer app.Shutdown()
				return app.Listener(l)
			},
		}
	},
}

func addFields(add func(name, value string), spec corstest.Spec) {
	for _, f := range spec.Outer {
		add(f.Name, f.Value)
	}
}

// doFiber has the application answer a request that no parser has seen. fasthttp adds and drops fields when it writes a
// response, so what counts is what it writes.
func doFiber(app *fiber.App, r *corstest.RawRequest) (*corstest.RawResponse, error) {
	var req fasthttp.Request
	req.Header.SetMethod(r.Method)
	req.SetRequestURI(r.Path)
	req.Header.SetHost(corstest.Host)
	for _, f := range r.Fields {
		req.Header.Add(f.Name, f.Value)
	}
	var ctx fasthttp.RequestCtx
	ctx.Init(&req, nil, nil)
	app.Handler()(&ctx)
	var written bytes.Buffer
	if _, err := ctx.Response.WriteTo(&written); err != nil {
		return nil, err
	}
	res, err := http.ReadResponse(bufio.NewReader(&written), &http.Request{Method: r.Method})
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return &corstest.RawResponse{Status: res.StatusCode, Header: res.Header, Body: string(body)}, err
}

func TestEveryAPIConforms(t *testing.T) {
	for framework, newApp := range apps {
		t.Run(framework, func(t *testing.T) { corstest.Run(t, newApp) })
	}
}

// transcript is what the frameworks have to agree on, byte by byte.
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

// TestAdaptersAnswerAlike holds the four frameworks against each other, in process and over the network.
func TestAdaptersAnswerAlike(t *testing.T) {
	suite, err := corstest.Conformance()
	if err != nil {
		t.Fatal(err)
	}
	clients := map[string]map[string]corstest.Client{} // by policy and framework/transport
	for _, c := range suite.Cases {
		group, ok := clients[c.Policy]
		if !ok || len(c.Outer) > 0 {
			group = startAll(t, suite.Policies[c.Policy], c.Outer)
		}
		if len(c.Outer) == 0 {
			clients[c.Policy] = group
		}
		t.Run(c.Name, func(t *testing.T) {
			reference := "net/http " + corstest.Process
			if len(c.Over) > 0 {
				reference = "net/http " + c.Over[0]
			}
			want, err := group[reference](&c.Request)
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range slices.Sorted(maps.Keys(group)) {
				framework, transport, _ := strings.Cut(name, " ")
				if len(c.Over) > 0 && !slices.Contains(c.Over, transport) || refusedItself(&c, framework, transport) {
					continue
				}
				got, err := group[name](&c.Request)
				if err != nil {
					t.Errorf("%s: %v", name, err)
				} else if transcript(got) != transcript(want) {
					t.Errorf("%s answers\n%swhile %s answers\n%s", name, transcript(got), reference, transcript(want))
				}
			}
		})
	}
}

// refusedItself reports whether the framework's server answers the request before any middleware sees it.
func refusedItself(c *corstest.Case, framework, transport string) bool {
	server := "net/http"
	if framework == "fiber" {
		server = "fasthttp"
	}
	return transport != corstest.Process && c.RefusedBy[server] != 0
}

func startAll(t *testing.T, policy corstest.Policy, outer []corstest.Field) map[string]corstest.Client {
	all := map[string]corstest.Client{}
	for framework, newApp := range apps {
		cors, err := core.New(policy.Compilable())
		if err != nil {
			t.Fatal(err)
		}
		for transport, client := range newApp(t, corstest.Spec{CORS: cors, Outer: outer}).Start(t) {
			all[framework+" "+transport] = client
		}
	}
	return all
}

// TestOriginFuncIsToldTheSameEverywhere sends targets that servers read in more than one way. A function that decides by
// path must be told of the place that answers.
func TestOriginFuncIsToldTheSameEverywhere(t *testing.T) {
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

// FuzzAdaptersAnswerAlike sends whatever the fuzzer thinks of through the four frameworks.
func FuzzAdaptersAnswerAlike(f *testing.F) {
	suite, err := corstest.Conformance()
	if err != nil {
		f.Fatal(err)
	}
	policies := slices.Sorted(maps.Keys(suite.Policies))
	methods := []string{"GET", "HEAD", "POST", "PUT", "OPTIONS", "FOO"}
	apiOf := map[string][]corstest.Client{} // the four frameworks under a policy
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
				return // no parser lets these through
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
