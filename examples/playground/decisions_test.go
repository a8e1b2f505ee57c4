package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// openStream subscribes to decisions and returns a function that waits for the next one.
func openStream(t *testing.T, frontEnd, lastEventID string) (next func() map[string]any) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, "GET", frontEnd+"/decisions", nil)
	if err != nil {
		t.Fatal(err)
	}
	if lastEventID != "" {
		r.Header.Set("Last-Event-ID", lastEventID)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { response.Body.Close() })
	if got := response.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Errorf("Content-Type: got %q, want text/event-stream", got)
	}
	lines := bufio.NewScanner(response.Body)
	return func() map[string]any {
		t.Helper()
		for lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				return parseObject(t, data)
			}
		}
		t.Fatalf("the stream ended: %v", lines.Err())
		return nil
	}
}

func TestDecisionsAreStreamedAsTheServersMakeThem(t *testing.T) {
	tests := []struct {
		name   string
		method string
		fields []string
		want   map[string]any
	}{
		{"an allowed request", "GET", []string{"Origin", "http://localhost:3000"}, map[string]any{
			"kind": "actual", "outcome": "allowed", "reason": "", "detail": "",
			"origin": "http://localhost:3000", "pattern": "http://localhost:*", "status": 0.0}},
		{"a request from another origin", "GET", []string{"Origin", "https://evil.example"}, map[string]any{
			"kind": "actual", "outcome": "denied", "reason": "origin_not_allowed", "detail": "",
			"origin": "https://evil.example", "pattern": "", "status": 0.0}},
		{"a preflight that is denied", "OPTIONS",
			[]string{"Origin", "https://a.preview.example.com", "Access-Control-Request-Method", "PATCH"}, map[string]any{
				"kind": "preflight", "outcome": "denied", "reason": "method_not_allowed", "detail": "PATCH",
				"origin": "https://a.preview.example.com", "pattern": "https://*.preview.example.com", "status": 204.0}},
		{"a preflight from another origin", "OPTIONS", []string{"Origin", "null", "Access-Control-Request-Method", "PUT"},
			map[string]any{
				"kind": "preflight", "outcome": "denied", "reason": "origin_null", "detail": "",
				"origin": "null", "pattern": "", "status": 403.0}},
		{"an origin far too long", "GET", []string{"Origin", "http://" + strings.Repeat("a", 2000)}, map[string]any{
			"kind": "actual", "outcome": "denied", "reason": "origin_malformed", "detail": "",
			"origin": "http://" + strings.Repeat("a", 249), "pattern": "", "status": 0.0}},
		{"an origin that is not text", "GET", []string{"Origin", "http://\xff\xfe"}, map[string]any{
			"kind": "actual", "outcome": "denied", "reason": "origin_malformed", "detail": "",
			"origin": "http://??", "pattern": "", "status": 0.0}},
	}
	urls := launch(t)
	next := openStream(t, urls["front end"], "")
	for _, framework := range serverNames[1:] {
		for _, test := range tests {
			t.Run(framework+", "+test.name, func(t *testing.T) {
				send(t, "GET", urls[framework]+pathOK, "") // no decision: it carries no Origin
				before := time.Now()
				send(t, test.method, urls[framework]+pathOK, "", test.fields...)
				got := next()
				made, err := time.Parse(time.RFC3339, fmt.Sprint(got["time"]))
				if err != nil || made.Before(before.Add(-time.Second)) || made.After(time.Now().Add(time.Second)) {
					t.Errorf("time: got %v, want about %v (%v)", got["time"], before, err)
				}
				delete(got, "telemetry") // has its own tests
				want := maps.Clone(test.want)
				want["framework"], want["time"] = framework, got["time"]
				if !maps.Equal(got, want) {
					t.Errorf("got %v, want %v", got, want)
				}
			})
		}
	}
}

func TestAListenerThatComesBackHearsWhatItMissed(t *testing.T) {
	urls := launch(t)
	for i := range 3 {
		send(t, "GET", urls["gin"]+pathOK, "", "Origin", fmt.Sprintf("http://localhost:%d", i+1))
	}
	tests := []struct {
		name string
		last string
		want string
	}{
		{"a new one gets all", "", "http://localhost:1"},
		{"one that has the first", "1", "http://localhost:2"},
		{"one of another run of the program", "99", "http://localhost:1"},
		{"one with a malformed number", "-x", "http://localhost:1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := openStream(t, urls["front end"], test.last)()["origin"]; got != test.want {
				t.Errorf("first origin: got %v, want %s", got, test.want)
			}
		})
	}
}

func TestServersDoNotWaitForASlowListener(t *testing.T) {
	h := new(hub)
	slow, cancel := h.listen(0)
	const sent = 10 * pendingEvents
	for range sent { // would block forever
		h.publish(decision{})
	}
	if got := len(slow); got != pendingEvents {
		t.Errorf("%d events wait for it, want %d", got, pendingEvents)
	}
	if got := len(h.recent); got != recentEvents {
		t.Errorf("%d events are kept, want %d", got, recentEvents)
	}
	late, cancelLate := h.listen(0)
	if got, want := (<-late).id, uint64(sent-recentEvents+1); got != want {
		t.Errorf("a new listener begins with event %d, want %d", got, want)
	}
	cancel()
	cancelLate()
	if len(h.listeners) != 0 {
		t.Errorf("%d listeners are left, want none", len(h.listeners))
	}
}

func TestAnUnreadStreamDoesNotBlockAServer(t *testing.T) {
	urls := launch(t)
	response, err := http.Get(urls["front end"] + "/decisions") // the test does not read it
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	for range 3 * pendingEvents {
		send(t, "GET", urls["fiber"]+pathOK, "", "Origin", "http://"+strings.Repeat("a", 200))
	}
}

func TestWhatIsShownCanBeSeen(t *testing.T) {
	tests := []struct {
		name, text, want string
	}{
		{"plain text stays", "http://localhost:3000", "http://localhost:3000"},
		{"control characters do not", "a\x1b[31m\r\nb\x00", "a?[31m??b?"},
		{"nor what turns the writing round", "a\u202eb\u200bc", "a?b?c"},
		{"other letters stay", "münchen", "münchen"},
		{"broken UTF-8 does not", "a\xffb\xc3", "a?b?"},
		{"long text is cut", strings.Repeat("x", 300), strings.Repeat("x", 256)},
		{"even inside a character", strings.Repeat("x", 255) + "ü", strings.Repeat("x", 255) + "?"},
		{"broken text does not grow", strings.Repeat("\xff", 300), strings.Repeat("?", 256)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := forDisplay(test.text)
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if !utf8.ValidString(got) || len(got) > displayLimit {
				t.Errorf("%q is no valid UTF-8, or has more than %d bytes", got, displayLimit)
			}
		})
	}
}

func TestADecisionHasTheseKeysAndNoMore(t *testing.T) {
	data, err := json.Marshal(decision{})
	if err != nil {
		t.Fatal(err)
	}
	got := slices.Sorted(maps.Keys(parseObject(t, string(data))))
	want := []string{"detail", "framework", "kind", "origin", "outcome", "pattern", "reason", "status", "telemetry",
		"time"}
	if !slices.Equal(got, want) {
		t.Errorf("got keys %q, want %q", got, want)
	}
}
