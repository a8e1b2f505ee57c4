package fasthttptest

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

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
)

// ContextKey is the key under which the applications of [RunEvents] hand "value" to observers.
type ContextKey struct{}

// RunEvents checks what observers and OriginFunc are told of requests over a network: all of each
// request, and nothing of another one, although fasthttp uses its buffers again and again. newApp
// assembles a layer that puts "value" under ContextKey into the context of the request, the
// adapter, and a handler that answers 200 to everything.
func RunEvents(t *testing.T, newApp func(cors *core.CORS) corstest.App) {
	t.Run("nothing of a request outlives it", func(t *testing.T) { testReuse(t, newApp) })
	t.Run("observers see the scheme", func(t *testing.T) { testScheme(t, newApp) })
}

// keeper is an OriginFunc and an observer that keeps what it is told: OriginFunc as it is, events
// as copies.
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

// Observe implements [core.Observer].
func (k *keeper) Observe(ctx context.Context, e core.Event) {
	k.mu.Lock()
	defer k.mu.Unlock()
	other, _ := e.Header("X-Other")
	k.events = append(k.events, strings.Join([]string{
		e.Method(), e.Origin(), e.Path(), e.Query(), e.Scheme(), e.SecFetchMode(), other,
	}, " "))
	k.contexts = append(k.contexts, ctx.Value(ContextKey{}))
	k.addr = e.ClientAddr()
}

// testReuse sends many requests over few connections.
func testReuse(t *testing.T, newApp func(cors *core.CORS) corstest.App) {
	k := new(keeper)
	cors, err := core.New(core.Config{OriginFunc: k.allows}, core.WithObserver(k))
	if err != nil {
		t.Fatal(err)
	}
	address := Serve(t, newApp(cors))
	transport := new(http.Transport)
	defer transport.CloseIdleConnections()
	const clients, requests = 4, 50
	var wg sync.WaitGroup
	for client := range clients {
		wg.Go(func() {
			for i := range requests {
				if err := send(transport, address, client, i); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	k.mu.Lock()
	defer k.mu.Unlock()
	var lookups []string
	for _, r := range k.lookups {
		lookups = append(lookups, r.Origin+r.Path+r.Host)
	}
	for client := range clients {
		for i := range requests {
			n, origin := numbered(client, i)
			if want := origin + "/path " + n + address; !slices.Contains(lookups, want) {
				t.Fatalf("no look-up is left that says %q", want)
			}
			want := "PUT " + origin + " /path " + n + " q=" + n + " http cors " + n
			if !slices.Contains(k.events, want) {
				t.Fatalf("no event said %q", want)
			}
		}
	}
	if got, want := len(k.events), clients*requests; got != want {
		t.Errorf("got %d events, want %d", got, want)
	}
	if k.contexts[0] != "value" || k.addr != netip.MustParseAddr("127.0.0.1") {
		t.Errorf("got context value %v and address %v, want value and 127.0.0.1",
			k.contexts[0], k.addr)
	}
}

// numbered returns what is different in each request of each client; origins have several lengths.
func numbered(client, i int) (n, origin string) {
	n = fmt.Sprintf("%d-%d", client, i)
	return n, "https://tenant-" + n + strings.Repeat("x", i) + ".example"
}

// send sends one of a client's requests, and checks that it may read the answer.
func send(transport *http.Transport, address string, client, i int) error {
	n, origin := numbered(client, i)
	req, err := http.NewRequest("PUT", "http://"+address+"/path%20"+n+"?q="+n, nil)
	if err != nil {
		return err
	}
	req.Header = http.Header{"Origin": {origin}, "Sec-Fetch-Mode": {"cors"}, "X-Other": {n}}
	res, err := transport.RoundTrip(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, res.Body) // so that the connection is used again
	if got := res.Header[core.FieldAllowOrigin]; !slices.Equal(got, []string{origin}) {
		return fmt.Errorf("to %s: got %q", origin, got)
	}
	return nil
}

// testScheme sends a request over TLS.
func testScheme(t *testing.T, newApp func(cors *core.CORS) corstest.App) {
	other := httptest.NewTLSServer(nil) // only for its certificate, and a client that trusts it
	defer other.Close()
	k := new(keeper)
	config := core.Config{Origins: []string{"https://app.example.com"}}
	cors, err := core.New(config, core.WithObserver(k))
	if err != nil {
		t.Fatal(err)
	}
	address := serve(t, newApp(cors), func(l net.Listener) net.Listener {
		return tls.NewListener(l, &tls.Config{Certificates: other.TLS.Certificates})
	})
	req, err := http.NewRequest("GET", "https://"+address+"/notes", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Origin", "https://app.example.com")
	req.Close = true
	res, err := other.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	got := res.Header.Get(core.FieldAllowOrigin)
	if res.StatusCode != 200 || got != "https://app.example.com" {
		t.Errorf("got status %d and origin %q, want 200 and the page's", res.StatusCode, got)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	want := []string{"GET https://app.example.com /notes  https  "}
	if !slices.Equal(k.events, want) {
		t.Errorf("got %q, want %q", k.events, want)
	}
}
