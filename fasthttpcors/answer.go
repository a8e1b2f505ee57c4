// Package fasthttpcors answers CORS on fasthttp's requests and responses. Adapters for frameworks
// on top of fasthttp, such as fibercors and fiberv3cors, are made of it, as those on top of
// net/http are of httpcors.
package fasthttpcors

import (
	"context"

	"github.com/valyala/fasthttp"

	"github.com/corselet/corselet/core"
)

// Answer sets the response fields that the policy calls for, and reports whether the handler should
// run. Where it reports false it has set the status of a response without a body, and the request
// is done.
//
// Observers and OriginFunc get what contextOf returns. It is called for requests with Origin alone,
// because frameworks make their context when they are asked for it.
//
// Adapters for frameworks on top of fasthttp are made of it. Without a framework, mind that
// RequestCtx.Error and RequestCtx.NotFound clear the response, and with it what Answer has set.
func Answer(
	cors *core.CORS, ctx *fasthttp.RequestCtx, contextOf func() context.Context,
) (next bool) {
	var req core.Request
	read(ctx, &req)
	observed := context.Background()
	if req.HasOrigin {
		observed = contextOf()
	}
	d := cors.Decide(observed, &req)
	setFields(&ctx.Response.Header, &req, &d)
	if d.NextHandler {
		return true
	}
	ctx.Response.ResetBody()
	ctx.Response.Header.SetContentType("") // of an outer layer; there is no body
	ctx.Response.SetStatusCode(d.Status)
	return false
}
