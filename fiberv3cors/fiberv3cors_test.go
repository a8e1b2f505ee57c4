package fiberv3cors_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gofiber/fiber/v3"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/fiberv3cors"
)

// serveLoopback serves an application with the middleware on a loopback port until the test ends.
func serveLoopback(t *testing.T, config fiber.Config, middleware fiber.Handler) (url string) {
	t.Helper()
	app := fiber.New(config)
	app.Use(func(c fiber.Ctx) error {
		c.SetContext(context.WithValue(c.Context(), contextKey{}, "value"))
		return c.Next()
	}, middleware, func(c fiber.Ctx) error { return c.SendString("ok") })
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var served sync.WaitGroup
	served.Go(func() { _ = app.Listener(l, fiber.ListenConfig{DisableStartupMessage: true}) })
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections() // the server waits for them
		_ = app.Shutdown()
		served.Wait()
	})
	return "http://" + l.Addr().String()
}

type contextKey struct{}

// keeper is an OriginFunc and an observer that keeps what it is told: OriginFunc as it is, events as copies.
type keeper struct {
	mu       sync.Mutex
	lookups  []core.OriginRequest
	events   []string
	contexts []any
	addr     netip.Addr
}

func (k *keeper) allows(_ context.Context, r core.OriginRequest) (bool, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.lookups = append(k.lookups, r)
	return true, nil
}

func (k *keeper) Observe(ctx context.Context, e core.Event) {
	k.mu.Lock()
	defer k.mu.Unlock()
	other, _ := e.Header("X-Other")
	k.events = append(k.events, strings.Join([]string{e.Method(), e.Origin(), e.Path(), e.Query(), e.Scheme(), e.SecFetchMode(), other}, " "))
	k.contexts = append(k.contexts, ctx.Value(contextKey{}))
	k.addr = e.ClientAddr()
}

// TestNothingOfARequestOutlivesIt sends many requests over few connections, whose buffers fasthttp uses again and again.
func TestNothingOfARequestOutlivesIt(t *testing.T) {
	for name, config := range map[string]fiber.Config{"by default": {}, "with Immutable": {Immutable: true}} {
		t.Run(name, func(t *testing.T) { testNothingOutlives(t, config) })
	}
}

func testNothingOutlives(t *testing.T, config fiber.Config) {
	k := new(keeper)
	cors, err := core.New(core.Config{OriginFunc: k.allows}, core.WithObserver(k))
	if err != nil {
		t.Fatal(err)
	}
	url := serveLoopback(t, config, fiberv3cors.New(cors))
	const clients, requests = 4, 50
	var wg sync.WaitGroup
	for client := range clients {
		wg.Go(func() {
			for i := range requests {
				n := fmt.Sprintf("%d-%d", client, i)
				origin := "https://tenant-" + n + strings.Repeat("x", i) + ".example"
				req, err := http.NewRequest("PUT", url+"/path%20"+n+"?q="+n, nil)
				if err != nil {
					t.Error(err)
					return
				}
				req.Header["Origin"] = []string{origin}
				req.Header["Sec-Fetch-Mode"] = []string{"cors"}
				req.Header["X-Other"] = []string{n}
				res, err := http.DefaultClient.Do(req)
				if err != nil {
					t.Error(err)
					return
				}
				_, _ = io.Copy(io.Discard, res.Body)
				_ = res.Body.Close()
				if got := res.Header["Access-Control-Allow-Origin"]; len(got) != 1 || got[0] != origin {
					t.Errorf("to %s: got %q", origin, got)
				}
			}
		})
	}
	wg.Wait()
	k.mu.Lock()
	defer k.mu.Unlock()
	seen := map[string]bool{}
	for _, r := range k.lookups {
		seen[r.Origin+r.Path+r.Host] = true
	}
	for _, e := range k.events {
		seen[e] = true
	}
	host := strings.TrimPrefix(url, "http://")
	for client := range clients {
		for i := range requests {
			n := fmt.Sprintf("%d-%d", client, i)
			origin := "https://tenant-" + n + strings.Repeat("x", i) + ".example"
			if want := origin + "/path " + n + host; !seen[want] {
				t.Fatalf("no look-up is left that says %q", want)
			}
			if want := "PUT " + origin + " /path " + n + " q=" + n + " http cors " + n; !seen[want] {
				t.Fatalf("no event said %q", want)
			}
		}
	}
	if len(k.events) != clients*requests || k.contexts[0] != "value" || k.addr != netip.MustParseAddr("127.0.0.1") {
		t.Errorf("got %d events, context value %v, address %v", len(k.events), k.contexts[0], k.addr)
	}
}

func TestSkippedRequestsAreLeftAlone(t *testing.T) {
	cors, err := core.New(core.Config{Origins: []string{"https://a.example"}})
	if err != nil {
		t.Fatal(err)
	}
	url := serveLoopback(t, fiber.Config{}, fiberv3cors.New(cors, fiberv3cors.WithSkip(func(c fiber.Ctx) bool { return c.Path() == "/skipped" })))
	for path, want := range map[string]int{"/skipped": http.StatusOK, "/other": http.StatusNoContent} {
		req, err := http.NewRequest("OPTIONS", url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header["Origin"] = []string{"https://a.example"}
		req.Header["Access-Control-Request-Method"] = []string{"GET"}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != want || (res.Header.Get("Vary") != "") != (path == "/other") {
			t.Errorf("%s: got %d with %v, want %d", path, res.StatusCode, res.Header, want)
		}
	}
}

func TestObserversSeeTheScheme(t *testing.T) {
	other := httptest.NewTLSServer(nil) // only for its certificate, and a client that trusts it
	defer other.Close()
	k := new(keeper)
	cors, err := core.New(core.Config{Origins: []string{"https://app.example.com"}}, core.WithObserver(k))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	app := fiber.New()
	app.Use(fiberv3cors.New(cors))
	app.Get("/notes", hello)
	url := serveOn(t, app, tls.NewListener(plain, &tls.Config{Certificates: other.TLS.Certificates}), "https://")
	r, err := http.NewRequest("GET", url+"/notes", nil)
	if err != nil {
		t.Fatal(err)
	}
	checkAnswer(t, other.Client().Do, r, http.StatusOK, "https://app.example.com")
	k.mu.Lock()
	defer k.mu.Unlock()
	if want := []string{"GET https://app.example.com /notes  https  "}; !slices.Equal(k.events, want) {
		t.Errorf("got %q, want %q", k.events, want)
	}
}
