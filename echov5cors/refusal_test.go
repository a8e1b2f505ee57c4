package echov5cors_test

import (
	"net/http/httptest"
	"testing"

	"github.com/labstack/echo/v5"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/echov5cors"
)

// A denial is a response, not an error: what stands around the middleware gets nil, and HTTPErrorHandler, which would
// write a body, gets nothing.
func TestARefusalIsNoError(t *testing.T) {
	const app, stranger = "https://app.example.com", "https://stranger.example"
	tests := []struct {
		name                 string
		method, origin, path string
		wantStatus           int
	}{
		{"a preflight", "OPTIONS", app, "/notes", 204},
		{"a preflight for no route", "OPTIONS", app, "/other", 204},
		{"a refused preflight", "OPTIONS", stranger, "/notes", 403},
		{"a refused preflight for no route", "OPTIONS", stranger, "/other", 403},
		{"a blocked request", "PUT", stranger, "/notes", 403},
		{"a blocked request for no route", "PUT", stranger, "/other", 403},
	}
	cors, err := core.New(core.Config{Origins: []string{app}, Block: true})
	if err != nil {
		t.Fatal(err)
	}
	installs := map[string]func(*echo.Echo, ...echo.MiddlewareFunc){"with Use": (*echo.Echo).Use, "with Pre": (*echo.Echo).Pre}
	for _, test := range tests {
		for how, install := range installs {
			t.Run(test.name+" "+how, func(t *testing.T) {
				e := echo.New()
				e.HTTPErrorHandler = func(_ *echo.Context, err error) { t.Errorf("HTTPErrorHandler got %v", err) }
				seen := false
				install(e, func(next echo.HandlerFunc) echo.HandlerFunc {
					return func(c *echo.Context) error {
						err := next(c)
						seen = true
						res, unwrapErr := echo.UnwrapResponse(c.Response())
						if unwrapErr != nil {
							t.Fatal(unwrapErr)
						}
						if err != nil || !res.Committed || res.Status != test.wantStatus {
							t.Errorf("got error %v, committed %v and status %d, want none, true and %d",
								err, res.Committed, res.Status, test.wantStatus)
						}
						return err
					}
				}, echov5cors.New(cors))
				e.PUT("/notes", hello)
				r := httptest.NewRequest(test.method, "http://api.example.com"+test.path, nil)
				r.Header.Set("Origin", test.origin)
				r.Header.Set("Access-Control-Request-Method", "PUT")
				w := httptest.NewRecorder()
				e.ServeHTTP(w, r)
				if w.Code != test.wantStatus || w.Body.Len() > 0 || !seen {
					t.Errorf("got status %d and body %q, want %d and none", w.Code, w.Body, test.wantStatus)
				}
			})
		}
	}
}
