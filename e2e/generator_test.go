package e2e

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/httpcors"
)

// A trial is a call that a page makes, and the server that it meets.
type trial struct {
	id     int
	page   trialPage
	call   call
	server http.Handler
	about  string // describes the server, for people
}

// trialPage is an origin, and its place in the browser.
type trialPage struct {
	origin string
	tab    string // the origin of the tab
	where  where
}

var trialPages = []trialPage{
	{front, front, inPage},
	{"https://app.example.com", "https://app.example.com", inPage},
	{"http://app.example.com", "http://app.example.com", inPage}, // not trusted
	{"null", front, inSandbox},
}

// trialTargets has other origins, the pages' own, and origins of the same site.
var trialTargets = []string{
	"http://api.localhost", front, "http://www.app.localhost", "https://api.example.com", "https://app.example.com",
	"https://api.example.org", "http://api.example.org",
}

// generator makes trials. The same seed makes the same trials.
type generator struct{ *rand.Rand }

func newGenerator(seed uint64) generator { return generator{rand.New(rand.NewPCG(seed, 0))} }

func pick[T any](g generator, list ...T) T { return list[g.IntN(len(list))] }

// percent is true in n of a hundred cases.
func (g generator) percent(p int) bool { return g.IntN(100) < p }

func (g generator) trial(id int) *trial {
	t := &trial{id: id, page: pick(g, trialPages...)}
	target := pick(g, trialTargets...)
	if g.percent(50) {
		target = trialTargets[0]
	}
	t.call = g.call(fmt.Sprintf("%s/trial/%d/0", target, id))
	if g.percent(50) {
		t.server, t.about = g.policy()
	} else {
		t.server, t.about = g.script(t)
	}
	return t
}

func (g generator) call(url string) call {
	c := call{URL: url, Method: g.method(), Credentials: pick(g, "", "omit", "same-origin", "include", "include")}
	for range g.IntN(4) {
		header := pick(g, trialHeaders...)
		if header[0] == "DPR" || header[0] == "Save-Data" {
			c.drop(header[0]) // one of them is enough
		}
		c.Headers = append(c.Headers, header)
	}
	if g.percent(1) {
		c.Headers = append(c.Headers, [2]string{"not a token", "1"})
	}
	takesBody := c.Method != "" && !strings.EqualFold(c.Method, "GET") && !strings.EqualFold(c.Method, "HEAD")
	if takesBody && g.percent(50) {
		c.Body = "some text"
	}
	switch {
	case g.percent(25):
		c.XHR, c.Listener = true, c.Body != "" && g.percent(70)
		if c.Credentials == "omit" {
			c.Credentials = "" // XMLHttpRequest has no such mode
		}
	case g.percent(15) && c.Body != "" && strings.HasPrefix(url, "https://"):
		c.Stream = true
	default:
		c.Mode = pick(g, "", "", "", "", "", "", "cors", "cors", "cors", "no-cors", "no-cors", "same-origin")
		c.Redirect = pick(g, "", "", "", "", "", "follow", "error", "manual")
		c.ReferrerPolicy = pick(g, "", "", "no-referrer", "same-origin", "unsafe-url")
	}
	return c
}

func (g generator) method() string {
	switch {
	case g.percent(40):
		return pick(g, "", "GET", "POST", "post", "HEAD")
	case g.percent(5):
		return pick(g, "TRACE", "no token")
	}
	return pick(g, "PUT", "put", "DELETE", "PATCH", "patch", "OPTIONS", "FOO")
}

// trialHeaders has the headers that the rules for request headers are about.
var trialHeaders = [][2]string{
	{"Content-Type", "application/json"}, {"Content-Type", "text/plain"}, {"Content-Type", "TEXT/plain; charset=utf-8"},
	{"Content-Type", "application/x-www-form-urlencoded"}, {"Content-Type", "multipart/form-data; boundary=(x)"},
	{"Content-Type", "text/plainer"}, {"X-Custom", "1"}, {"x-custom", "2"}, {"X-Custom", ""}, {"X-Other", "1"},
	{"Authorization", "Bearer secret"}, {"Accept", "text/html"}, {"Accept", `a"b`}, {"Accept", "a\tb"},
	{"Accept", strings.Repeat("a", 128)}, {"Accept", strings.Repeat("a", 129)}, {"Accept-Language", "de, en;q=0.5"},
	{"Accept-Language", "de_DE"}, {"Content-Language", strings.Repeat("d", 128)}, {"Content-Language", "d e"},
	{"Range", "bytes=0-10"}, {"Range", "bytes=5-"}, {"Range", "bytes=-5"}, {"Range", "bytes=10-5"},
	{"X-Requested-With", "XMLHttpRequest"}, {"Cookie", "forged=1"}, {"Origin", "https://forged.example"},
	{"Sec-Custom", "1"}, {"Proxy-Custom", "1"}, {"X-HTTP-Method-Override", "PUT"}, {"X-Method-Override", "PUT, TRACE"},
	{"Cache-Control", "no-cache"}, {"If-None-Match", `"1"`}, {"User-Agent", "mine"}, {"Save-Data", "on"}, {"DPR", "2"},
	{"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
}

// likelyMethods and likelyHeaders are lists in preflights' answers that allow most requests.
const (
	likelyMethods = "PUT,DELETE,PATCH,patch,OPTIONS,FOO"
	likelyHeaders = "content-type,x-custom,x-other,authorization,accept,accept-language,content-language,range," +
		"x-requested-with,x-http-method-override,cache-control,if-none-match,traceparent,user-agent,dpr,save-data"
)

// policy makes a server with a policy of this project in front.
func (g generator) policy() (handler http.Handler, about string) {
	config := core.Config{
		Origins: pick(g, []string{"*"}, []string{front}, []string{"https://*.example.com", front},
			[]string{front, "https://app.example.com"}, []string{"https://unlisted.example"}),
		Methods: pick(g, nil, []string{"PUT", "DELETE"}, []string{"*"}, []string{"PATCH", "PUT", "FOO", "OPTIONS"}),
		RequestHeaders: pick(g, nil, []string{"Content-Type", "X-Custom"}, []string{"*"}, []string{"*", "Authorization"},
			strings.Split(likelyHeaders, ",")),
		ExposeHeaders: pick(g, nil, []string{"X-Handler"}),
		MaxAge:        pick(g, 0, -1, time.Minute),
		Block:         g.percent(20),
	}
	if config.Origins[0] != "*" {
		config.Credentials = g.percent(60)
		if !config.Credentials && g.percent(50) {
			config.Origins = append(slices.Clone(config.Origins), "null")
			config.Unsafe.Accept = []string{"null"}
		}
	}
	cors, err := core.New(config)
	if err != nil {
		panic(fmt.Sprintf("%+v: %v", config, err)) // the generator is wrong
	}
	path := pick(g, "/api/ok", "/api/ok", "/api/fail")
	return httpcors.New(cors)(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		reply, _ := replyTo(path, "")
		for name, value := range reply.header {
			w.Header().Set(name, value)
		}
		w.WriteHeader(reply.status)
		_, _ = w.Write([]byte(reply.body))
	})), "policy " + asJSON(config)
}

// script makes a server with generated answers: what other servers do, including mistakes.
func (g generator) script(t *trial) (handler http.Handler, about string) {
	var stages [3]stage
	for i := range stages {
		next := fmt.Sprintf("/trial/%d/%d", t.id, i+1)
		stages[i] = stage{preflight: g.preflightAnswer(t), actual: g.actualAnswer(t, next, i < len(stages)-1)}
	}
	return scriptHandler(stages), fmt.Sprintf("stages %v", stages)
}

// stage is the answer of one URL of a scripted server. A redirect leads to the next one.
type stage struct{ preflight, actual scripted }

type scripted struct {
	status int
	fields [][2]string
}

// share makes the fields that both kinds of answers have. Most allow the page, so the next steps run too.
func (g generator) share(t *trial) [][2]string {
	if g.percent(75) {
		return [][2]string{{core.FieldAllowOrigin, t.page.origin}, {core.FieldAllowCredentials, "true"}}
	}
	var fields [][2]string
	for _, value := range pick(g, []string{t.page.origin}, []string{t.page.origin}, []string{t.page.origin},
		[]string{t.page.origin}, []string{"*"}, []string{"*"}, []string{"null"}, nil, []string{t.page.origin, "*"},
		[]string{t.page.origin + "/"}, []string{strings.ToUpper(t.page.origin)}, []string{"* "}, []string{""}) {
		fields = append(fields, [2]string{core.FieldAllowOrigin, value})
	}
	if value := pick(g, "true", "true", "true", "", "True", "false", " true "); value != "" {
		fields = append(fields, [2]string{core.FieldAllowCredentials, value})
	}
	return fields
}

func (g generator) preflightAnswer(t *trial) scripted {
	a := scripted{pick(g, 200, 204, 204, 299, 301, 307, 403, 404, 500), g.share(t)}
	if g.percent(75) {
		a.status = http.StatusNoContent
	}
	if g.percent(60) {
		a.fields = append(a.fields, [2]string{core.FieldAllowMethods, likelyMethods},
			[2]string{core.FieldAllowHeaders, likelyHeaders})
		return a
	}
	for _, value := range pick(g, nil, []string{"*"}, []string{"PUT,DELETE"}, []string{"put", "PATCH , ,FOO"},
		[]string{"PATCH,OPTIONS"}, []string{"not a token"}, []string{"PUT;DELETE"}, []string{""}) {
		a.fields = append(a.fields, [2]string{core.FieldAllowMethods, value})
	}
	for _, value := range pick(g, nil, []string{"*"}, []string{"content-type,x-custom"}, []string{"*,Authorization"},
		[]string{"Content-Type", "X-CUSTOM,,accept, range"}, []string{"x custom"}, []string{"x-custom,*"}, []string{"/"}) {
		a.fields = append(a.fields, [2]string{core.FieldAllowHeaders, value})
	}
	if a.status == http.StatusMovedPermanently || a.status == http.StatusTemporaryRedirect {
		a.fields = append(a.fields, [2]string{"Location", "/elsewhere"})
	}
	return a
}

func (g generator) actualAnswer(t *trial, next string, mayRedirect bool) scripted {
	a := scripted{pick(g, 200, 200, 201, 204, 401, 404, 500), g.share(t)}
	a.fields = append(a.fields, [2]string{"Cache-Control", "no-store"}, [2]string{"X-Handler", "hit"},
		[2]string{"X-Twice", "1"}, [2]string{"X-Twice", "2"}, [2]string{"Content-Type", "text/plain"})
	for _, value := range pick(g, nil, []string{"*"}, []string{"X-Handler"}, []string{"x-handler, x-twice"},
		[]string{"X-Handler, no token", "x-twice"}, []string{"*", "Authorization"}, []string{"Set-Cookie,ETag"}) {
		a.fields = append(a.fields, [2]string{core.FieldExposeHeaders, value})
	}
	if g.percent(10) {
		policy := pick(g, "same-origin", "same-site", "cross-origin")
		a.fields = append(a.fields, [2]string{"Cross-Origin-Resource-Policy", policy})
	}
	if mayRedirect && g.percent(50) {
		a.status = pick(g, 301, 302, 303, 307, 308)
		location := pick(g, next, next, next, next, "http://api.localhost"+next, "https://api.example.org"+next, t.page.tab+next,
			"http://user:pass@api.localhost"+next, "mailto:someone", "http://[bad", "")
		if location != "" {
			a.fields = append(a.fields, [2]string{"Location", location})
		}
	}
	return a
}

// scriptHandler answers by the last element of the path, the number of the stage.
func scriptHandler(stages [3]stage) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		number := int(r.URL.Path[len(r.URL.Path)-1] - '0')
		if number < 0 || number >= len(stages) {
			http.NotFound(w, r)
			return
		}
		answer := stages[number].actual
		if r.Method == http.MethodOptions && r.Header.Get(core.FieldRequestMethod) != "" {
			answer = stages[number].preflight
		}
		for _, f := range answer.fields {
			w.Header().Add(f[0], f[1])
		}
		w.WriteHeader(answer.status)
		if answer.status != http.StatusNoContent {
			_, _ = w.Write([]byte("hello"))
		}
	})
}
