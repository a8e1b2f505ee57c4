package corstest_test

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/httpcors"
)

// replaying returns middleware that keeps the next handler's answers under a key, unless that is empty, as response
// caches and idempotency layers do. put puts the fields that were kept into a header.
func replaying(key func(*http.Request) string, put func(header, kept http.Header)) middleware {
	return func(next http.Handler) http.Handler {
		answers := map[string]*recorded{}
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			k := key(r)
			if kept := answers[k]; kept != nil {
				put(w.Header(), kept.header)
				w.WriteHeader(kept.status)
				w.Write(kept.body.Bytes())
				return
			}
			answer := &recorded{ResponseWriter: w, status: 200}
			next.ServeHTTP(answer, r)
			answer.header = w.Header().Clone()
			if k != "" {
				answers[k] = answer
			}
		})
	}
}

type recorded struct {
	http.ResponseWriter
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorded) WriteHeader(status int) { r.status = status; r.ResponseWriter.WriteHeader(status) }
func (r *recorded) Write(p []byte) (int, error) {
	r.body.Write(p)
	return r.ResponseWriter.Write(p)
}

// What a layer does with the fields that it kept.
func replaceFields(header, kept http.Header) { maps.Copy(header, kept.Clone()) }
func addFields(header, kept http.Header) {
	for name, lines := range kept {
		header[name] = append(header[name], lines...)
	}
}
func startAnew(header, kept http.Header) { clear(header); replaceFields(header, kept) }
func contentType(header, kept http.Header) {
	header.Set("Content-Type", kept.Get("Content-Type"))
}
func ownFields(header, kept http.Header) {
	for name, lines := range kept {
		if !strings.HasPrefix(name, "Access-Control-") && name != "Vary" {
			header[name] = lines
		}
	}
}

// What a layer looks an answer up by.
func byURL(r *http.Request) string {
	if r.Method != http.MethodGet {
		return ""
	}
	return r.URL.String()
}
func byPath(r *http.Request) string {
	if r.Header.Get("Cache-Control") == "no-store" {
		return ""
	}
	return r.URL.Path
}
func byURLAndOrigin(r *http.Request) string { return byURL(r) + r.Header.Get("Origin") }
func byPreflight(r *http.Request) string {
	if r.Method != http.MethodOptions {
		return ""
	}
	return r.URL.String()
}
func byKey(r *http.Request) string { return r.Header.Get("Idempotency-Key") }
func byKeyAndOrigin(r *http.Request) string {
	if byKey(r) == "" {
		return ""
	}
	return byKey(r) + r.Header.Get("Origin")
}

// clearing returns middleware that clears the header of an answer with a status, except for some fields.
func clearing(status int, except ...string) middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(&clearer{w, status, except}, r)
		})
	}
}

type clearer struct {
	http.ResponseWriter
	status int
	except []string
}

func (c *clearer) WriteHeader(status int) {
	if status == c.status {
		kept := http.Header{}
		for _, name := range c.except {
			kept[name] = c.Header()[name]
		}
		clear(c.Header())
		maps.Copy(c.Header(), kept)
	}
	c.ResponseWriter.WriteHeader(status)
}

var anew = before(func(w http.ResponseWriter, _ *http.Request) bool { clear(w.Header()); return true })

var deleting = before(func(w http.ResponseWriter, _ *http.Request) bool {
	w.Header().Del(core.FieldAllowOrigin)
	return true
})

// elsewhere is where the application redirects to.
const elsewhere = "https://login.example/"

// library has routes whose answers differ with the request.
func library() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/notes", save)
	created := false
	mux.HandleFunc("POST /once", func(w http.ResponseWriter, _ *http.Request) {
		if created {
			w.WriteHeader(http.StatusConflict)
		}
		created = true
	})
	mux.HandleFunc("/file", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"1"`)
		http.ServeContent(w, r, "file.txt", time.Unix(1e9, 0), strings.NewReader("hello"))
	})
	mux.HandleFunc("/modified", func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "file.txt", time.Unix(1e9, 0), strings.NewReader("hello"))
	})
	mux.HandleFunc("/strict", func(w http.ResponseWriter, r *http.Request) {
		status := http.StatusOK
		if r.URL.RawQuery != "" {
			status = http.StatusBadRequest
		}
		w.WriteHeader(status)
	})
	mux.HandleFunc("/varied", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Add("Vary", "Accept-Encoding")
		io.WriteString(w, "hello")
	})
	mux.HandleFunc("/failing", func(w http.ResponseWriter, _ *http.Request) {
		clear(w.Header()) // as a recovery layer that starts anew
		w.WriteHeader(http.StatusInternalServerError)
	})
	for path, target := range map[string]string{
		"/login": elsewhere, "/twice": "/login", "/own": "/notes", "/ownhost": "https://" + corstest.Host + "/notes",
		"/http": "http://" + corstest.Host + "/notes", "/page": app + "/", "/loop": "/loop",
	} {
		mux.Handle(path, http.RedirectHandler(target, http.StatusFound))
	}
	mux.Handle("/slash", http.RedirectHandler("http://"+corstest.Host+"/notes", http.StatusMovedPermanently))
	mux.Handle("/slash/", http.HandlerFunc(save))
	return mux
}

var (
	oneOrigin   = core.Config{Origins: []string{app}}
	blocking    = core.Config{Origins: []string{app}, Block: true}
	everyOrigin = core.Config{Origins: []string{"*"}, Methods: []string{"PUT"}}
)

// Layers that change answers, behind CORS and in front of it.
var layers = []struct {
	name    string
	config  core.Config // wiringConfig if it has no origins
	outer   middleware
	inner   middleware
	route   corstest.Route
	want    string // a part of the error, or "" if there must be none
	wantToo string // of a second one
	late    bool   // WithLateFields must end it, and the error must say so
}{
	{name: "a cache behind CORS that keeps all fields", inner: replaying(byURL, replaceFields), late: true,
		route: corstest.Route{URL: "/notes"},
		want: `a layer replays another origin's fields: a request from https://page.example.org was answered 200 ` +
			`with Access-Control-Allow-Origin: ["https://app.example.com"]`},
	{name: "a cache behind CORS that looks at the path only", inner: replaying(byPath, replaceFields), late: true,
		route: corstest.Route{URL: "/notes"},
		want:  "a layer replays another origin's fields: a request from https://page.example.org"},
	{name: "a cache behind CORS that starts anew", inner: replaying(byURL, startAnew), late: true,
		route: corstest.Route{URL: "/notes"},
		want:  "a layer replays another origin's fields: a request from https://page.example.org"},
	{name: "a cache behind CORS that adds fields", inner: replaying(byURL, addFields), late: true,
		route: corstest.Route{URL: "/notes"},
		want:  `["https://page.example.org" "https://app.example.com"]`},
	{name: "a cache behind CORS that adds fields for every origin", config: everyOrigin, late: true,
		inner: replaying(byURL, addFields), route: corstest.Route{URL: "/notes"},
		want: `a layer replays another origin's fields: a request from https://second.example was answered 200 ` +
			`with Access-Control-Allow-Origin: ["*" "*"]`},
	{name: "a cache behind CORS for one origin", config: oneOrigin, late: true,
		inner: replaying(byURL, replaceFields), route: corstest.Route{URL: "/notes"},
		want: "a layer replays another origin's fields: a request from https://other.corstest.invalid"},
	{name: "a cache behind CORS that blocks", config: blocking, late: true,
		inner: replaying(byURL, replaceFields), route: corstest.Route{URL: "/notes"},
		want: "a layer replays another origin's fields: a request without Origin was answered 200"},
	{name: "a cache in front of CORS", outer: replaying(byURL, replaceFields), route: corstest.Route{URL: "/notes"},
		want: "a layer replays another origin's fields: a request from https://page.example.org"},
	{name: "a cache in front of CORS that keeps no fields", outer: replaying(byURL, contentType),
		route: corstest.Route{URL: "/notes"},
		want: "a layer replays answers without CORS fields: a request from https://page.example.org was answered 200 " +
			"with Access-Control-Allow-Origin: []"},
	{name: "a cache in front of CORS that keeps preflights", outer: replaying(byPreflight, replaceFields),
		route: corstest.Route{URL: "/notes"},
		want: "a cache answers preflights with another origin's fields: " +
			"the preflight from https://page.example.org was answered 204"},
	{name: "a cache in front of CORS for one origin that keeps preflights", config: oneOrigin,
		outer: replaying(byPreflight, replaceFields), route: corstest.Route{URL: "/notes"},
		want: "a cache answers preflights with another origin's fields: the preflight from https://other.corstest.invalid"},

	{name: "an idempotency layer behind CORS that keeps all fields", inner: replaying(byKey, replaceFields), late: true,
		route: corstest.Route{Method: "PUT", URL: "/notes"},
		want:  "a layer replays another origin's fields: a request from https://page.example.org"},
	{name: "an idempotency layer behind CORS that adds fields", inner: replaying(byKey, addFields), late: true,
		route: corstest.Route{Method: "PUT", URL: "/notes"},
		want: `a layer replays another origin's fields: a request from https://app.example.com was answered 200 ` +
			`with Access-Control-Allow-Origin: ["https://app.example.com" "https://app.example.com"]`},
	{name: "an idempotency layer behind CORS that blocks, and adds fields", config: blocking, late: true,
		inner: replaying(byKey, addFields), route: corstest.Route{Method: "PUT", URL: "/notes"},
		want: `a layer replays another origin's fields: a request from https://app.example.com was answered 200`},
	{name: "an idempotency layer behind CORS for one origin", config: oneOrigin, late: true,
		inner: replaying(byKey, replaceFields), route: corstest.Route{Method: "PUT", URL: "/notes"},
		want: "a layer replays another origin's fields: a request from https://other.corstest.invalid"},
	{name: "an idempotency layer in front of CORS", outer: replaying(byKey, replaceFields),
		route: corstest.Route{Method: "PUT", URL: "/notes"},
		want:  "a layer replays another origin's fields: a request from https://page.example.org"},
	{name: "an idempotency layer behind CORS, and a key that the route needs",
		inner: replaying(byKey, replaceFields), late: true,
		route: corstest.Route{Method: "PUT", URL: "/notes", Header: http.Header{"Idempotency-Key": {"1"}}},
		want:  "a layer replays another origin's fields: a request from https://page.example.org"},
	{name: "an idempotency layer behind CORS, and a request that works once",
		inner: replaying(byKey, replaceFields), late: true, route: corstest.Route{Method: "POST", URL: "/once"},
		want: "a layer replays another origin's fields: a request from https://page.example.org"},

	{name: "a layer that clears a 304", inner: clearing(304), route: corstest.Route{URL: "/file"}, late: true,
		want: "conditional requests lose CORS fields: the 304 has no Access-Control-Allow-Origin"},
	{name: "a layer that clears a 304 that has a date only", inner: clearing(304), late: true,
		route: corstest.Route{Method: "HEAD", URL: "/modified"},
		want:  "conditional requests lose CORS fields: the 304 has no Access-Control-Allow-Origin"},
	{name: "a layer that drops Vary on a 304", late: true, route: corstest.Route{URL: "/file"},
		inner: clearing(304, core.FieldAllowOrigin, core.FieldAllowCredentials, core.FieldExposeHeaders),
		want:  "conditional requests lose CORS fields: the 304 has Vary: [], which lacks Origin"},
	{name: "a layer in front of CORS that clears a 304", outer: clearing(304), route: corstest.Route{URL: "/file"},
		want: "conditional requests lose CORS fields: the 304 has no Access-Control-Allow-Origin"},
	{name: "a layer that clears a 206", inner: clearing(206), route: corstest.Route{URL: "/file"}, late: true,
		want: "range requests lose CORS fields: the 206 has no Access-Control-Allow-Origin"},
	{name: "a layer that clears a 416", inner: clearing(416), route: corstest.Route{URL: "/file"}, late: true,
		want: "range requests lose CORS fields: the 416 has no Access-Control-Allow-Origin"},
	{name: "a layer that clears a 304 and a 416", late: true, route: corstest.Route{URL: "/file"},
		inner: func(next http.Handler) http.Handler { return clearing(304)(clearing(416)(next)) },
		want:  "conditional requests lose CORS fields", wantToo: "range requests lose CORS fields"},

	{name: "TimeoutHandler, which replaces Vary", route: corstest.Route{URL: "/varied"}, late: true,
		inner: func(next http.Handler) http.Handler { return http.TimeoutHandler(next, time.Minute, "") },
		want:  `a layer drops Vary: the answer has Vary: ["Accept-Encoding"], which lacks Origin`},
	{name: "a recovery layer behind CORS that clears", route: corstest.Route{URL: "/failing"}, late: true,
		want: "an error page is made in front of CORS: a request from https://app.example.com was answered 500"},
	{name: "a layer behind CORS that clears", inner: anew, route: corstest.Route{URL: "/notes"}, late: true,
		want: "a layer drops CORS fields"},

	{name: "a layer that deletes a field of a file", inner: deleting, route: corstest.Route{URL: "/file"}, late: true,
		want: "a layer drops CORS fields"},
	{name: "a layer that clears what succeeds, and a handler that knows its query", inner: clearing(200), late: true,
		route: corstest.Route{URL: "/strict"}, want: "a layer drops CORS fields"},
	{name: "a redirect in front of CORS", outer: redirecting, route: corstest.Route{URL: "/notes"},
		want: "a redirect is made in front of CORS"},

	{name: "a redirect to a login page", route: corstest.Route{URL: "/login"},
		want: "a redirect leads to another origin: /login was redirected (302) to https://login.example/: "},
	{name: "a redirect to such a redirect", route: corstest.Route{URL: "/twice"},
		want: "a redirect leads to another origin: /twice was redirected (302) to https://login.example/: "},
	{name: "a redirect to a page's own origin", route: corstest.Route{URL: "/page"},
		want: "a redirect leads to another origin: /page was redirected (302) to https://app.example.com/: "},
	{name: "a redirect to http", route: corstest.Route{URL: "/http"},
		want: "a redirect leads to another origin: /http was redirected (302) to http://" + corstest.Host + "/notes: "},
	{name: "a redirect to http of the path without a slash", route: corstest.Route{URL: "/slash/"},
		want: "a redirect leads to another origin: /slash was redirected (301) to http://" + corstest.Host + "/notes: "},
	{name: "a redirect of a request with a cookie",
		route: corstest.Route{URL: "/login", Header: http.Header{"Cookie": {"a=1"}}},
		inner: refuse(401, func(r *http.Request) bool { return r.Header.Get("Cookie") != "" }),
		want:  "a redirect leads to another origin: /login was redirected (302)"},

	{name: "a redirect to a server that lets every origin read",
		route: corstest.Route{URL: "/login"}, outer: servesElsewhere},
	{name: "a redirect under a policy for every origin", config: everyOrigin, route: corstest.Route{URL: "/login"}},
	{name: "a redirect to another path", route: corstest.Route{URL: "/own"}},
	{name: "a redirect to another path by an absolute URL", route: corstest.Route{URL: "/ownhost"}},
	{name: "a redirect without end", route: corstest.Route{URL: "/loop"}},
	{name: "a file", route: corstest.Route{URL: "/file"}},
	{name: "a file's header", route: corstest.Route{Method: "HEAD", URL: "/file"}},
	{name: "a handler that adds to Vary", route: corstest.Route{URL: "/varied"}},
	{name: "a cache behind CORS that keeps what the handler sets",
		inner: replaying(byURL, ownFields), route: corstest.Route{URL: "/notes"}},
	{name: "a cache behind CORS by origin",
		inner: replaying(byURLAndOrigin, replaceFields), route: corstest.Route{URL: "/notes"}},
	{name: "a cache in front of CORS by origin",
		outer: replaying(byURLAndOrigin, replaceFields), route: corstest.Route{URL: "/notes"}},
	{name: "a cache in front of CORS for every origin", config: everyOrigin,
		outer: replaying(byURL, replaceFields), route: corstest.Route{URL: "/notes"}},
	{name: "an idempotency layer behind CORS that keeps what the handler sets", inner: replaying(byKey, ownFields),
		route: corstest.Route{Method: "PUT", URL: "/notes"}},
	{name: "an idempotency layer behind CORS by origin", inner: replaying(byKeyAndOrigin, replaceFields),
		route: corstest.Route{Method: "PUT", URL: "/notes"}},
	{name: "an idempotency layer in front of CORS by origin", outer: replaying(byKeyAndOrigin, replaceFields),
		route: corstest.Route{Method: "PUT", URL: "/notes"}},
}

var redirecting = before(func(w http.ResponseWriter, r *http.Request) bool {
	http.Redirect(w, r, elsewhere, http.StatusFound)
	return false
})

// servesElsewhere answers for the server to which /login redirects.
var servesElsewhere = before(func(w http.ResponseWriter, r *http.Request) bool {
	isElsewhere := elsewhere == "https://"+r.Host+"/"
	if isElsewhere {
		w.Header().Set("Access-Control-Allow-Origin", "*")
	}
	return !isElsewhere
})

func TestCheckWiringNamesLayersThatReplayOrClear(t *testing.T) {
	for _, layer := range layers {
		if layer.config.Origins == nil {
			layer.config = wiringConfig
		}
		var want []string
		for _, part := range []string{layer.want, layer.wantToo} {
			if part != "" {
				want = append(want, part)
			}
		}
		assemble := func(t *testing.T, opts ...httpcors.Option) *failing {
			cors, err := core.New(layer.config)
			if err != nil {
				t.Fatal(err)
			}
			requests := 0
			handler := library()
			for _, with := range []middleware{layer.inner, httpcors.New(cors, opts...), layer.outer, counting(&requests)} {
				if with != nil {
					handler = with(handler)
				}
			}
			f := &failing{TB: t}
			corstest.CheckWiring(f, handler, cors.Policy(), layer.route)
			if requests > 40 {
				t.Errorf("got %d requests, want at most 40", requests)
			}
			return f
		}
		t.Run(layer.name, func(t *testing.T) {
			f := assemble(t)
			f.check(t, want...)
			for _, text := range f.errors {
				if layer.late && !strings.Contains(text, "WithLateFields()") {
					t.Errorf("got error %q, want it to name WithLateFields()", text)
				}
			}
		})
		t.Run(layer.name+", with late fields", func(t *testing.T) {
			f := assemble(t, httpcors.WithLateFields())
			if layer.late {
				want = nil
			}
			f.check(t, want...)
		})
	}
}

// counting returns middleware that counts requests.
func counting(requests *int) middleware {
	return before(func(http.ResponseWriter, *http.Request) bool { *requests++; return true })
}

// A cache may have kept an answer before the check begins.
func TestCheckWiringNamesAReplayOfAnEarlierRoute(t *testing.T) {
	cors, err := core.New(wiringConfig)
	if err != nil {
		t.Fatal(err)
	}
	f := &failing{TB: t}
	handler := httpcors.New(cors)(replaying(byURL, replaceFields)(library()))
	corstest.CheckWiring(f, handler, cors.Policy(),
		corstest.Route{URL: "/notes"}, corstest.Route{URL: "/notes", Origin: "https://page.example.org"})
	const want = "a layer replays another origin's fields: a request from https://page.example.org was answered 200"
	f.check(t, want, want)
}
