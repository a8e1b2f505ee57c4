package tracingtest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
	common "go.opentelemetry.io/proto/otlp/common/v1"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/httpcors"
)

// hostile has origins that no browser sends, and what may leave the process of them.
type hostileOrigin struct {
	name, origin, want string
	control            bool // net/http and the fasthttp that fiber v3 requires refuse it with 400 before any middleware
}

var hostile = []hostileOrigin{
	{"bytes that are no UTF-8", "https://\xff\xfe.example", "https://\ufffd\ufffd.example", false},
	{"half a character", "https://\xe2\x82", "https://\ufffd\ufffd", false},
	{"a surrogate", "https://\xed\xa0\x80", "https://\ufffd\ufffd\ufffd", false},
	{"half a megabyte", "https://" + strings.Repeat("a", 500_000), "https://" + strings.Repeat("a", 248), false},
	{"half a megabyte of long characters", strings.Repeat("€", 170_000), strings.Repeat("€", 85), false},
	{"half a megabyte that is no UTF-8", strings.Repeat("\xff", 500_000), strings.Repeat("\ufffd", 85), false},
	{"text that runs backwards", "https://\u202egro.elpmaxe", "https://\ufffdgro.elpmaxe", false},
	{"a command for a terminal", "https://\x1b[31m.example", "https://\ufffd[31m.example", true},
	{"a zero", "https://a.example\x00.evil.example", "https://a.example\ufffd.evil.example", true},
	{"a bell and a delete", "\x07\x7f", "\ufffd\ufffd", true},
}

// One invalid byte fails a whole OTLP export, for every instrument of the process. Otherwise the tests below would
// prove nothing.
func TestInvalidUTF8FailsAnExport(t *testing.T) {
	bad := attribute.String("origin", "\xff")
	ctx := context.Background()
	tests := []struct {
		name string
		emit func(*export)
	}{
		{"on a span", func(x *export) {
			_, span := x.tracers.Tracer("test").Start(ctx, "span")
			span.SetAttributes(bad)
			span.End()
		}},
		{"on an event", func(x *export) {
			var r log.Record
			r.AddAttributes(bad)
			x.loggers.Logger("test").Emit(ctx, r)
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			x := newExport(t)
			test.emit(x)
			if err := x.flush(); err == nil || !strings.Contains(err.Error(), "UTF-8") {
				t.Errorf("got error %v, want one about UTF-8", err)
			}
			if len(x.spans)+len(x.records) > 0 {
				t.Error("got an export, want none")
			}
		})
	}
}

// The tests send hostile origins through a server, with CORS in front of tracing and behind it, and straight to core.
func TestHostileOriginsAreExported(t *testing.T) {
	for _, f := range frameworks {
		for _, layers := range [][]layer{{cors}, {tracing, cors}} {
			t.Run(fmt.Sprint(f.name, layers), func(t *testing.T) {
				x := newExport(t)
				address := f.serve(t, &application{layers: layers, cors: x.cors(t), tracers: x.tracers, meters: x.meters})
				var want []string
				for _, h := range hostile {
					status := askOnce(t, address, "/notes/1", h.origin)
					if h.control != (status == http.StatusBadRequest) {
						t.Errorf("%s: got status %d, want 400: %v", h.name, status, h.control)
					}
					if status == http.StatusForbidden {
						want = append(want, h.want)
					}
				}
				checkExported(t, x, want)
			})
		}
	}
	t.Run("core", func(t *testing.T) {
		x := newExport(t)
		handle := x.cors(t)
		var want []string
		for _, h := range hostile {
			handle.Decide(context.Background(), preflight(h.origin))
			want = append(want, h.want)
		}
		checkExported(t, x, want)
	})
}

// Paths are on the observer's own spans.
func TestHostilePathsAreExported(t *testing.T) {
	paths := []string{"/%ff%fe", "/%00%1b%5b31m", "/" + strings.Repeat("%ff", 1000), "/" + strings.Repeat("a", 1000)}
	wants := []string{"/\ufffd\ufffd", "/\ufffd\ufffd[31m", "/" + strings.Repeat("\ufffd", 85), "/" + strings.Repeat("a", 255)}
	for _, f := range frameworks {
		t.Run(f.name, func(t *testing.T) {
			x := newExport(t)
			address := f.serve(t, &application{layers: []layer{cors}, cors: x.cors(t)})
			for _, path := range paths {
				if got := askOnce(t, address, path, "https://stranger.example"); got != http.StatusForbidden {
					t.Errorf("%.20s: got status %d, want 403", path, got)
				}
			}
			if err := x.flush(); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, span := range x.spans {
				for _, kv := range span.Attributes {
					if kv.Key == "url.path" {
						got = append(got, kv.Value.GetStringValue())
					}
				}
			}
			if !slices.Equal(got, wants) {
				t.Errorf("got paths %q, want %q", got, wants)
			}
		})
	}
}

// Tracing middleware does not clean its attributes, so any client can fail an export with a path, and the CORS
// telemetry of other requests is lost with it. The observer's own spans are safe; see above.
func TestHostilePathsFailExportsOfTracingMiddlewares(t *testing.T) {
	for _, f := range frameworks {
		if f.homemade {
			continue
		}
		t.Run(f.name, func(t *testing.T) {
			x := newExport(t)
			address := f.serve(t, &application{layers: []layer{tracing, cors}, cors: x.cors(t), tracers: x.tracers, meters: x.meters})
			askOnce(t, address, "/notes/1", "https://stranger.example")
			askOnce(t, address, "/%ff", "https://stranger.example")
			if err := x.flush(); err == nil || len(x.spans) > 0 {
				t.Errorf("got error %v and %d spans, want one and none; if that has been fixed, update the README", err, len(x.spans))
			}
			if _, sum := x.series("cors.requests"); sum != 2 || len(x.records) != 2 {
				t.Errorf("got %d requests counted and %d events, want 2 and 2", sum, len(x.records))
			}
		})
	}
}

// cors returns a handle to a policy that x observes.
func (x *export) cors(t testing.TB) *core.CORS {
	t.Helper()
	config := core.Config{Origins: []string{"https://app.example"}, Methods: []string{"PUT"}}
	handle, err := core.New(config, core.WithName("public-api"), core.WithObserver(x.observer))
	if err != nil {
		t.Fatal(err)
	}
	return handle
}

func preflight(origin string) *core.Request {
	r, err := http.NewRequest(http.MethodOptions, "http://api.example/notes/1", nil)
	if err != nil {
		panic(err)
	}
	r.Header = http.Header{core.FieldOrigin: {origin}, core.FieldRequestMethod: {http.MethodPut}}
	asked := httpcors.NewRequest(r)
	return &asked
}

// connection sends preflights byte by byte, which no HTTP client does.
type connection struct {
	net.Conn
	in *bufio.Reader
}

func dial(t testing.TB, address string) *connection {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	return &connection{conn, bufio.NewReader(conn)}
}

// ask returns the status of the answer.
func (c *connection) ask(t testing.TB, path, origin string) int {
	t.Helper()
	_, err := fmt.Fprintf(c, "OPTIONS %s HTTP/1.1\r\nHost: api.example\r\nOrigin: %s\r\n"+
		"Access-Control-Request-Method: PUT\r\n\r\n", path, origin)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(c.in, nil)
	if err != nil {
		t.Fatal(err)
	}
	io.Copy(io.Discard, response.Body)
	response.Body.Close()
	return response.StatusCode
}

func askOnce(t testing.TB, address, path, origin string) int {
	t.Helper()
	c := dial(t, address)
	defer c.Close()
	return c.ask(t, path, origin)
}

// checkExported checks that a span, an event and a count have arrived for each origin.
func checkExported(t *testing.T, x *export, want []string) {
	t.Helper()
	if len(want) == 0 {
		t.Fatal("got no denial, want some")
	}
	if err := x.flush(); err != nil {
		t.Fatal(err)
	}
	var onSpans, onEvents []string
	for _, span := range x.spans {
		onSpans = append(onSpans, checkText(t, span.Attributes)...)
	}
	for _, record := range x.records {
		onEvents = append(onEvents, checkText(t, record.Attributes)...)
	}
	if !slices.Equal(onSpans, want) || !slices.Equal(onEvents, want) {
		t.Errorf("got origins\n%q on spans and\n%q on events, want\n%q", onSpans, onEvents, want)
	}
	if _, sum := x.series("cors.requests"); sum != int64(len(want)) {
		t.Errorf("got %d requests counted, want %d", sum, len(want))
	}
}

// checkText checks that all texts are printable, and returns the origins.
func checkText(t *testing.T, attrs []*common.KeyValue) (origins []string) {
	t.Helper()
	for _, kv := range attrs {
		texts := []string{kv.Value.GetStringValue()}
		for _, v := range kv.Value.GetArrayValue().GetValues() {
			texts = append(texts, v.GetStringValue())
		}
		for _, text := range texts {
			unprintable := func(r rune) bool { return !unicode.IsPrint(r) && r != utf8.RuneError }
			if !utf8.ValidString(text) || len(text) > 256 || strings.ContainsFunc(text, unprintable) {
				t.Errorf("%s: got %d bytes %.100q, want at most 256 of printable UTF-8", kv.Key, len(text), text)
			}
		}
		if kv.Key == "http.request.header.origin" {
			origins = append(origins, texts[1:]...)
		}
	}
	return origins
}

// Many origins of one client make no series, and no more events and spans than the bucket allows: fifty, and ten a
// second.
func TestManyHostileOriginsAreExported(t *testing.T) {
	const many = 10_000
	origin := func(i, kinds int) string {
		origin := hostile[i%kinds].origin
		return origin[:min(len(origin), 300)] + strconv.Itoa(i)
	}
	sendable := slices.IndexFunc(hostile, func(h hostileOrigin) bool { return h.control }) // those with control bytes come last
	feeds := []struct {
		name string
		feed func(*testing.T, *core.CORS)
	}{
		{"through fiber", func(t *testing.T, handle *core.CORS) {
			c := dial(t, serveFiber(t, &application{layers: []layer{cors}, cors: handle}))
			defer c.Close()
			for i := range many {
				if got := c.ask(t, "/notes/1", origin(i, sendable)); got != http.StatusForbidden {
					t.Fatalf("%q: got status %d, want 403", origin(i, sendable), got)
				}
			}
		}},
		{"straight from core", func(_ *testing.T, handle *core.CORS) {
			for i := range many {
				handle.Decide(context.Background(), preflight(origin(i, len(hostile))))
			}
		}},
	}
	for _, feed := range feeds {
		t.Run(feed.name, func(t *testing.T) {
			x := newExport(t)
			start := time.Now()
			feed.feed(t, x.cors(t))
			limit := 50 + int(time.Since(start)/(time.Second/10)) + 1
			if err := x.flush(); err != nil {
				t.Fatal(err)
			}
			series, sum := x.series("cors.requests")
			if series < 1 || series > 60 || sum != many {
				t.Errorf("got %d series with a sum of %d, want at most 60 with %d", series, sum, many)
			}
			if got := len(x.records); got < 50 || got > limit {
				t.Errorf("got %d events, want 50 to %d", got, limit)
			}
			if got := len(x.spans); got > limit {
				t.Errorf("got %d spans, want at most %d", got, limit)
			}
		})
	}
}
