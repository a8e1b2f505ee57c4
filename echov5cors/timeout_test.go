//go:build !race

package echov5cors_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/labstack/echo/v5"

	"github.com/corselet/corselet/corstest/adaptertest"
	"github.com/corselet/corselet/echov5cors"
)

// After the time is up, the handler goes on with a context that echo gives to the next request by then. That is a data
// race between echo and http.TimeoutHandler, which the race detector finds whether there is CORS or not.
func TestLayersAfterATimeout(t *testing.T) {
	timeout := echo.WrapMiddleware(func(next http.Handler) http.Handler {
		return http.TimeoutHandler(next, 20*time.Millisecond, "")
	})
	same := func(status string) [3]string { return [3]string{status, status, status} }
	adaptertest.RunLayers(t, []adaptertest.Layering{
		{Name: "TimeoutHandler behind CORS", Ask: "GET /slow", App: behind(timeout), Want: same("503")},
		{Name: "TimeoutHandler behind CORS with late fields", Ask: "GET /slow",
			App: behind(timeout, echov5cors.WithLateFields()), Want: same("503")},
		{Name: "TimeoutHandler in front of CORS", Ask: "GET /slow",
			App: inFront(timeout), Want: same("503, no fields")},
	})
}
