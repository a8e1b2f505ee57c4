package fasthttptest_test

import (
	"testing"

	"github.com/valyala/fasthttp"

	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/fasthttpcors/fasthttptest"
)

func TestTheBodyOfARequestIsSent(t *testing.T) {
	app := fasthttptest.App(func(ctx *fasthttp.RequestCtx) { ctx.SetBody(ctx.Request.Body()) })
	for transport, client := range app.Start(t) {
		got, err := client(&corstest.RawRequest{Method: "POST", Path: "/", Body: "a body"})
		if err != nil || got.Body != "a body" {
			t.Errorf("over %s: got %+v and error %v, want the body back", transport, got, err)
		}
	}
}
