package echov5cors_test

import (
	"testing"

	"github.com/labstack/echo/v5"

	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/corstest/adaptertest"
)

func TestNoPathBorrowsAPolicy(t *testing.T) {
	for name, config := range map[string]echo.RouterConfig{
		"by default":                     {},
		"with UseEscapedPathForMatching": {UseEscapedPathForMatching: true},
		"with UnescapePathParamValues":   {UnescapePathParamValues: true},
	} {
		t.Run(name, func(t *testing.T) {
			e := func() *echo.Echo { return echo.NewWithConfig(echo.Config{Router: echo.NewRouter(config)}) }
			adaptertest.RunPaths(t,
				func(*testing.T) corstest.App { return twoPolicies(e()) },
				func(*testing.T) corstest.App { return singleSignOn(e()) })
		})
	}
}
