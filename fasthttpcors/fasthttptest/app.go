// Package fasthttptest runs the conformance suite of corstest against applications on top of
// fasthttp.
package fasthttptest

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"

	"github.com/valyala/fasthttp"

	"github.com/corselet/corselet/corstest"
)

// App returns the application that h is. A framework with a server of its own puts that into Serve.
func App(h fasthttp.RequestHandler) corstest.App {
	return corstest.App{
		Server: serverName(),
		Do:     func(r *corstest.RawRequest) (*corstest.RawResponse, error) { return do(h, r) },
		Serve:  func(l net.Listener) error { return fasthttp.Serve(l, h) },
	}
}

// serverName tells by what they do the two kinds of servers apart that the cases know: fasthttp
// refuses control bytes in field values today, and did not when fiber v2 chose its version.
func serverName() string {
	r := bufio.NewReader(bytes.NewReader([]byte("GET / HTTP/1.1\r\nHost: a\r\nA: \x7f\r\n\r\n")))
	if err := new(fasthttp.Request).Read(r); err == nil {
		return "fasthttp v1.51"
	}
	return "fasthttp"
}

// do has the application answer a request that no parser has seen.
func do(h fasthttp.RequestHandler, r *corstest.RawRequest) (*corstest.RawResponse, error) {
	var ctx fasthttp.RequestCtx
	ctx.Init(NewRequest(r), nil, nil)
	h(&ctx)

	// fasthttp adds and drops fields when it writes a response, so what counts is what it writes.
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
	return &corstest.RawResponse{
		Status: res.StatusCode, Header: res.Header, Body: string(body),
	}, err
}

// NewRequest returns a request into which every byte of r has got. fasthttp makes spaces of CR and
// LF where it is asked to add a line, so lines are overwritten in place once they are there.
func NewRequest(r *corstest.RawRequest) *fasthttp.Request {
	req := new(fasthttp.Request)
	req.Header.SetMethod(r.Method)
	req.SetRequestURI(r.Path)
	req.Header.SetHost(corstest.Host)
	req.SetBodyString(r.Body)
	for _, f := range r.Fields {
		req.Header.Add(f.Name, f.Value)
		if lines := req.Header.PeekAll(f.Name); len(lines) > 0 && f.Name != fasthttp.HeaderCookie {
			copy(lines[len(lines)-1], f.Value)
		}
	}
	return req
}
