package echocors_test

import (
	"testing"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/corstest/adaptertest"
)

func TestNoPathBorrowsAPolicy(t *testing.T) {
	for name, pre := range map[string][]echo.MiddlewareFunc{
		"by default":               nil,
		"with RemoveTrailingSlash": {middleware.RemoveTrailingSlash()},
	} {
		t.Run(name, func(t *testing.T) {
			e := func() *echo.Echo {
				e := echo.New()
				e.Pre(pre...)
				return e
			}
			adaptertest.RunPaths(t,
				func(*testing.T) corstest.App { return twoPolicies(e()) },
				func(*testing.T) corstest.App { return singleSignOn(e()) })
		})
	}
}
