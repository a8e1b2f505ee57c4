package main

import (
	"io"
	"net"
	"net/http"
	"sync"
	"testing"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
)

// TestReconfiguringWhileRequestsAreServed swaps two policies in a loop while eight clients send requests to each
// framework. Every answer must belong to one of the two as a whole.
func TestReconfiguringWhileRequestsAreServed(t *testing.T) {
	const origin = "https://a.example"
	policies := []core.Config{
		{Origins: []string{origin}, ExposeHeaders: []string{"One"}},
		{Origins: []string{origin, "https://*.a.example"}, ExposeHeaders: []string{"Two"}, Credentials: true},
	}
	for framework, newApp := range apps {
		t.Run(framework, func(t *testing.T) {
			cors, err := core.New(policies[0])
			if err != nil {
				t.Fatal(err)
			}
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			app := newApp(t, corstest.Spec{CORS: cors})
			var served, clients sync.WaitGroup
			served.Go(func() { _ = app.Serve(l) }) // until l is closed
			transport := &http.Transport{MaxIdleConnsPerHost: 8}
			for range 8 {
				clients.Go(func() {
					for range 100 {
						got, err := exposed(transport, "http://"+l.Addr().String()+pathOK, origin)
						if err != nil {
							t.Error(err)
							return
						}
						if got != "one" && got != "two true" {
							t.Errorf("an answer that belongs to neither policy: %q", got)
						}
					}
				})
			}
			done := make(chan struct{})
			go func() {
				clients.Wait()
				close(done)
			}()
			swapUntil(t, done, cors, policies)
			transport.CloseIdleConnections()
			_ = l.Close()
			served.Wait()
		})
	}
}

// exposed sends a request and returns in which fields the answer tells one policy from the other.
func exposed(transport *http.Transport, url, origin string) (string, error) {
	r, err := http.NewRequest("GET", url, nil)
	if err != nil {
		return "", err
	}
	r.Header.Set("Origin", origin)
	res, err := transport.RoundTrip(r)
	if err != nil {
		return "", err
	}
	_, _ = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
	got := res.Header.Get("Access-Control-Expose-Headers")
	if credentials := res.Header.Get("Access-Control-Allow-Credentials"); credentials != "" {
		got += " " + credentials
	}
	return got, nil
}

func swapUntil(t *testing.T, done <-chan struct{}, cors *core.CORS, policies []core.Config) {
	for i := 1; ; i++ {
		select {
		case <-done:
			if i < 3 {
				t.Errorf("only %d swaps happened", i-1)
			}
			return
		default:
			if err := cors.Reconfigure(policies[i%2]); err != nil {
				t.Fatal(err)
			}
		}
	}
}
