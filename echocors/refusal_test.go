package echocors_test

import (
	"testing"

	"github.com/labstack/echo/v4"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/corstest/adaptertest"
	"github.com/corselet/corselet/echocors"
)

// A denial is a response, not an error: what is around the middleware gets nil, and HTTPErrorHandler, which would write a
// body, gets nothing.
func TestARefusalIsNoError(t *testing.T) {
	installs := map[string]func(*echo.Echo, ...echo.MiddlewareFunc){"with Use": (*echo.Echo).Use, "with Pre": (*echo.Echo).Pre}
	for how, install := range installs {
		t.Run(how, func(t *testing.T) {
			adaptertest.RunEndings(t, func(t *testing.T, cors *core.CORS, status int) corstest.App {
				e := echo.New()
				e.HTTPErrorHandler = func(err error, _ echo.Context) { t.Errorf("HTTPErrorHandler got %v", err) }
				seen := false
				t.Cleanup(func() {
					if !seen {
						t.Error("the layer outside has not seen the end, want it to")
					}
				})
				install(e, func(next echo.HandlerFunc) echo.HandlerFunc {
					return func(c echo.Context) error {
						seen = true
						err, res := next(c), c.Response()
						if err != nil || !res.Committed || res.Status != status {
							t.Errorf("got error %v, committed %v and status %d, want none, true and %d",
								err, res.Committed, res.Status, status)
						}
						return err
					}
				}, echocors.New(cors))
				e.PUT("/notes", hello)
				return corstest.HTTP(e)
			})
		})
	}
}
