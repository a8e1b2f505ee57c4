package echocors_test

import (
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"testing"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/echocors"
	"github.com/corselet/corselet/httpcors"
)

// echo's own proxy, in front of an upstream with CORS fields of its own.
func TestEchosProxySendsOneAnswer(t *testing.T) {
	const page = "https://app.example.com"
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Access-Control-Expose-Headers", "X-Upstream")
		w.Header().Set("Vary", "Accept-Encoding, Origin")
		_, _ = io.WriteString(w, "hello")
	}))
	defer upstream.Close()
	target, err := url.Parse(upstream.URL)
	if err != nil {
		t.Fatal(err)
	}
	cors, err := core.New(core.Config{Origins: []string{page}})
	if err != nil {
		t.Fatal(err)
	}
	e := echo.New()
	e.Use(echocors.New(cors), middleware.ProxyWithConfig(middleware.ProxyConfig{
		Balancer:       middleware.NewRandomBalancer([]*middleware.ProxyTarget{{URL: target}}),
		ModifyResponse: httpcors.StripResponse,
	}))
	front := httptest.NewServer(e)
	defer front.Close()
	for origin, want := range map[string][]string{page: {page}, "https://another.example": nil} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, front.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Origin", origin)
		w, err := front.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(w.Body)
		_ = w.Body.Close()
		if err != nil || w.StatusCode != http.StatusOK || string(body) != "hello" {
			t.Errorf("%s: got %d, %q and error %v, want the upstream's answer", origin, w.StatusCode, body, err)
		}
		got := maps.Clone(w.Header)
		for _, name := range []string{"Content-Length", "Content-Type", "Date"} {
			got.Del(name)
		}
		fields := http.Header{"Vary": {"Origin", "Accept-Encoding"}}
		if want != nil {
			fields["Access-Control-Allow-Origin"] = want
		}
		if !maps.EqualFunc(got, fields, slices.Equal) {
			t.Errorf("%s: got %v, want %v", origin, got, fields)
		}
	}
}
