// Package fasthttpcors answers CORS on fasthttp's requests and responses. Adapters for frameworks
// on top of fasthttp, such as fibercors and fiberv3cors, are made of it, as those on top of
// net/http are of httpcors.
package fasthttpcors

import (
	"context"

	"github.com/valyala/fasthttp"

	"github.com/corselet/corselet/core"
)

// Answer sets the response fields that the policy calls for. Then it calls next, the handler, or
// ends the request with a status and no body. It returns next's error, otherwise nil. Adapters for
// frameworks on top of fasthttp are made of it.
//
// Observers and OriginFunc get what contextOf returns. It is called for requests with Origin alone,
// because frameworks make their context when they are asked for it.
//
// The handler may reset the response, as fasthttp's file server does for 304, 404 and 416. So
// Answer looks when next returns, and sets the fields again where they are gone. Under a policy for
// every origin there is no Vary to tell a reset by, and a handler cannot take
// Access-Control-Allow-Origin back. After a timeout only the response that goes out is touched,
// because the handler may still use the request's.
func Answer(
	cors *core.CORS, ctx *fasthttp.RequestCtx,
	contextOf func() context.Context, next func() error,
) error {
	var req core.Request
	read(ctx, &req)
	h := &ctx.Response.Header
	observed := context.Background()
	if req.HasOrigin {
		observed = contextOf()
		if cors.AsksOriginFunc() { // which may panic, so that somebody else answers
			refusal := cors.Policy().Decide(&req)
			setFields(h, req.Origin, req.Source, &refusal)
		}
	}
	d := cors.Decide(observed, &req)
	setFields(h, req.Origin, req.Source, &d)
	if !d.NextHandler {
		ctx.Response.ResetBody()
		removeContent(h)
		ctx.Response.SetStatusCode(d.Status)
		return nil
	}
	return answerNext(ctx, req.Origin, &d, next)
}

// removeContent removes what an outer layer says of a body that there is not.
func removeContent(h *fasthttp.ResponseHeader) {
	h.SetContentType("")
	h.SetContentEncoding("")
	h.Del(fasthttp.HeaderContentLength)
}

// answerNext calls next and sets the fields again if they are gone. What fasthttp has of the origin
// may be something else by then, so an exact entry, which is equal to it, is kept instead.
func answerNext(
	ctx *fasthttp.RequestCtx, origin string, d *core.Decision, next func() error,
) error {
	if d.RepeatsOrigin && d.Pattern != origin {
		return answerNextCopied(ctx, origin, d, next)
	}
	defer restore(ctx, d.Pattern, d) // also where next panics: a recovery layer answers then
	return next()
}

// answerNextCopied does it with a copy of the origin.
func answerNextCopied(
	ctx *fasthttp.RequestCtx, origin string, d *core.Decision, next func() error,
) error {
	const longest = 64 + len("://") + 253 + len(":65535") // that is ever allowed
	var memory [longest]byte
	kept := append(memory[:0], origin...)
	defer restore(ctx, unsafeString(kept), d)
	return next()
}

// restore sets the fields of d in the response that goes out, if they are gone.
func restore(ctx *fasthttp.RequestCtx, origin string, d *core.Decision) {
	h := &ctx.Response.Header
	if late := ctx.LastTimeoutErrorResponse(); late != nil {
		h = &late.Header
	}
	if areGone(h, d) {
		setFields(h, origin, nil, d)
	}
}

// areGone reports whether a header has lost the fields of d: Vary tells, because an inner layer of
// CORS may have removed the others on purpose. Its fields are looked at in turn, because looking
// one up by name costs more.
func areGone(h *fasthttp.ResponseHeader, d *core.Decision) bool {
	name, value := core.FieldAllowOrigin, ""
	if d.NumVary() > 0 {
		name, value = core.FieldVary, d.Vary(0)
	}
	found := false
	h.VisitAll(func(key, line []byte) {
		if unsafeString(key) == name {
			found = found || value == "" || core.VaryCovers(unsafeString(line), value)
		}
	})
	return !found
}
