package fasthttpcors_test

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/valyala/fasthttp"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/httpcors"
)

// Whatever comes over the wire, OriginFunc is told the same as by net/http, which is asked as well wherever it takes
// the request.
func TestOriginFuncIsToldTheSameAsInNetHTTP(t *testing.T) {
	const origin = "https://app.example.com"
	tests := []struct {
		name, request string
		want          core.OriginRequest
		refused       bool // by net/http
	}{
		{"a path", "GET /notes/1?q=2", core.OriginRequest{Host: "api.example", Path: "/notes/1"}, false},
		{"a path with escapes", "GET /a%20b%2Fc%2e%2E%25",
			core.OriginRequest{Host: "api.example", Path: "/a b/c..%"}, false},
		{"an escape at the end", "GET /%41", core.OriginRequest{Host: "api.example", Path: "/A"}, false},
		{"plus is no space", "GET /a+b", core.OriginRequest{Host: "api.example", Path: "/a+b"}, false},
		{"dots are not resolved", "GET /public/../admin/./",
			core.OriginRequest{Host: "api.example", Path: "/public/../admin/./"}, false},
		{"escaped dots are not resolved", "GET /public/%2e%2e/admin",
			core.OriginRequest{Host: "api.example", Path: "/public/../admin"}, false},
		{"slashes are not joined", "GET /public//admin",
			core.OriginRequest{Host: "api.example", Path: "/public//admin"}, false},
		{"a path that begins like a host", "GET //other.example/a",
			core.OriginRequest{Host: "api.example", Path: "//other.example/a"}, false},
		{"a target that names the host", "GET http://other.example/a",
			core.OriginRequest{Host: "other.example", Path: "/a"}, false},
		{"a target that names host and port", "GET http://other.example:81/a/../b",
			core.OriginRequest{Host: "other.example:81", Path: "/a/../b"}, false},
		{"a preflight whose target names the host", "OPTIONS http://other.example/a",
			core.OriginRequest{Host: "other.example", Path: "/a"}, false},
		{"a preflight for the server", "OPTIONS *", core.OriginRequest{Host: "api.example", Path: "*"}, false},
		{"a broken escape stays", "GET /a%2", core.OriginRequest{Host: "api.example", Path: "/a%2"}, true},
		{"an escape of no digits stays", "GET /%zz%41", core.OriginRequest{Host: "api.example", Path: "/%zzA"}, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			raw := test.request + " HTTP/1.1\r\nHost: api.example\r\nOrigin: \t " + origin + "\t \r\n" +
				"Access-Control-Request-Method:\tPUT\t\r\n\r\n"
			test.want.Origin = origin
			var got []core.OriginRequest
			cors, err := core.New(core.Config{OriginFunc: func(_ context.Context, r core.OriginRequest) (bool, error) {
				got = append(got, r)
				return true, nil
			}})
			if err != nil {
				t.Fatal(err)
			}
			var ctx fasthttp.RequestCtx
			if err := ctx.Request.Read(bufio.NewReader(strings.NewReader(raw))); err != nil {
				t.Fatal(err)
			}
			with(cors, func(*fasthttp.RequestCtx) {})(&ctx)
			if len(got) != 1 || got[0] != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
			if origin := string(ctx.Response.Header.Peek(core.FieldAllowOrigin)); origin != test.want.Origin {
				t.Errorf("got origin %q, want %q", origin, test.want.Origin)
			}
			r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(raw)))
			if (err != nil) != test.refused {
				t.Fatalf("net/http: got error %v, want one: %v", err, test.refused)
			}
			if err != nil {
				return
			}
			got = nil
			httpcors.New(cors)(http.NotFoundHandler()).ServeHTTP(httptest.NewRecorder(), r)
			if len(got) != 1 || got[0] != test.want {
				t.Errorf("net/http: got %+v, want %+v", got, test.want)
			}
		})
	}
}
