//go:build !race

package echocors_test

import (
	"testing"
	"time"

	"github.com/labstack/echo/v4/middleware"

	"github.com/corselet/corselet/corstest/adaptertest"
	"github.com/corselet/corselet/echocors"
)

// After the time is up, echo's Timeout goes on to write to a context that may serve the next request by then. That is a
// data race of echo's, which the race detector finds whether there is CORS or not.
func TestLayersAfterATimeout(t *testing.T) {
	timeout := middleware.TimeoutWithConfig(middleware.TimeoutConfig{Timeout: 20 * time.Millisecond}) //nolint:staticcheck // deprecated, and in use
	same := func(status string) [3]string { return [3]string{status, status, status} }
	adaptertest.RunLayers(t, []adaptertest.Layering{
		{Name: "Timeout behind CORS", Ask: "GET /slow", App: behind(timeout), Want: same("503")},
		{Name: "Timeout behind CORS with late fields", Ask: "GET /slow",
			App: behind(timeout, echocors.WithLateFields()), Want: same("503")},
		{Name: "Timeout in front of CORS", Ask: "GET /slow", App: inFront(timeout), Want: same("503, no fields")},
	})
}
