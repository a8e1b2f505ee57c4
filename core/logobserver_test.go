package core

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
)

// logLines decides the requests under a log observer and returns its records without their time.
func logLines(t *testing.T, cors func(Observer) *CORS, requests ...message) []map[string]any {
	t.Helper()
	var out bytes.Buffer
	c := cors(LogObserver(slog.New(slog.NewJSONHandler(&out, nil))))
	for _, r := range requests {
		c.Decide(context.Background(), r.request())
	}
	return parseLines(t, &out)
}

func parseLines(t *testing.T, out *bytes.Buffer) (records []map[string]any) {
	t.Helper()
	for line := range strings.Lines(out.String()) {
		record := map[string]any{}
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			t.Fatal(err)
		}
		delete(record, "time")
		records = append(records, record)
	}
	return records
}

func TestLogObserverLogsDenialsOnly(t *testing.T) {
	got := logLines(t, func(o Observer) *CORS {
		return mustNew(t, Config{Origins: []string{"https://a.example"}, Block: true}, WithObserver(o), WithName("api"))
	},
		message{Method: "GET"},
		message{Method: "GET", Origins: []string{"https://a.example"}},
		message{Method: "POST", Host: "b.example", Origins: []string{"https://b.example"}},
		message{Method: "OPTIONS", Host: "h", Path: "/p", Origins: []string{"https://a.example"}, RequestMethods: []string{"PUT"}},
		message{Method: "POST", Host: "h", Path: "/p", Origins: []string{"https://b.example"}, SecFetchMode: "navigate"},
	)
	want := []map[string]any{
		{"level": "WARN", "msg": "cors: request denied", "type": "preflight", "reason": "method_not_allowed",
			"origin": "https://a.example", "method": "OPTIONS", "host": "h", "path": "/p", "detail": "PUT", "policy": "api"},
		{"level": "WARN", "msg": "cors: request denied", "type": "actual", "reason": "origin_not_allowed",
			"origin": "https://b.example", "method": "POST", "host": "h", "path": "/p", "policy": "api", "blocked": true},
	}
	if !slices.EqualFunc(got, want, func(a, b map[string]any) bool { return maps.Equal(a, b) }) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestLogObserverPrintsNothingRaw(t *testing.T) {
	var out bytes.Buffer
	handler := rawHandler{&out}
	cors := mustNew(t, Config{Origins: []string{"https://a.example"}}, WithObserver(LogObserver(slog.New(handler))))
	hostile := "\x1b[31m\x00\r\n\xff\u202e" + strings.Repeat("x", 64<<10)
	cors.Decide(context.Background(), message{Method: hostile, Host: hostile, Path: hostile, Origins: []string{hostile}}.request())
	cors.Decide(context.Background(), message{Method: "OPTIONS", Origins: []string{"https://a.example"},
		RequestMethods: []string{"GET"}, RequestHeaders: []string{strings.Repeat("x", 8000)}}.request())
	if out.Len() == 0 || out.Len() > 16<<10 {
		t.Errorf("got %d bytes, want some, and at most 16 KiB", out.Len())
	}
	if i := strings.IndexFunc(out.String(), func(r rune) bool { return r != '\n' && (r > unicode.MaxASCII || !unicode.IsPrint(r)) }); i >= 0 {
		t.Errorf("a raw %q got through", out.String()[i:i+1])
	}
}

// rawHandler prints values as they are.
type rawHandler struct{ out *bytes.Buffer }

func (h rawHandler) Enabled(context.Context, slog.Level) bool { return true }
func (h rawHandler) WithAttrs([]slog.Attr) slog.Handler       { return h }
func (h rawHandler) WithGroup(string) slog.Handler            { return h }
func (h rawHandler) Handle(_ context.Context, r slog.Record) error {
	r.Attrs(func(a slog.Attr) bool {
		h.out.WriteString(a.Key + "=" + a.Value.String() + "\n")
		return true
	})
	return nil
}

func TestLogObserverIsRateLimited(t *testing.T) {
	var out bytes.Buffer
	observer := LogObserver(slog.New(slog.NewJSONHandler(&out, nil))).(*logObserver)
	now := time.Unix(1, 0)
	observer.bucket.now = func() time.Time { return now }
	cors := mustNew(t, Config{Origins: []string{"https://a.example"}}, WithObserver(observer))
	flood := func(n int) (suppressed []any, records int) {
		out.Reset()
		for range n {
			cors.Decide(context.Background(), message{Method: "GET", Origins: []string{"https://b.example"}}.request())
		}
		for _, record := range parseLines(t, &out) {
			records++
			if n, ok := record["suppressed"]; ok {
				suppressed = append(suppressed, n)
			}
		}
		return suppressed, records
	}
	if suppressed, records := flood(1000); records != 50 || suppressed != nil {
		t.Errorf("a burst: got %d records, suppressed %v, want 50 and none", records, suppressed)
	}
	now = now.Add(time.Second)
	if suppressed, records := flood(100); records != 10 || !slices.Equal(suppressed, []any{950.0}) {
		t.Errorf("a second later: got %d records, suppressed %v, want 10 and 950", records, suppressed)
	}
	now = now.Add(time.Hour)
	if suppressed, records := flood(51); records != 50 || !slices.Equal(suppressed, []any{90.0}) {
		t.Errorf("an hour later: got %d records, suppressed %v, want 50 and 90", records, suppressed)
	}
}

func TestLogObserverLogsWhyALookupFailed(t *testing.T) {
	failing := &keeper{err: errors.New("connection refused\n\x1b[31m")}
	got := logLines(t, func(o Observer) *CORS {
		return mustNew(t, Config{OriginFunc: failing.allows}, WithObserver(o), WithName("api"))
	}, message{Method: "GET", Origins: []string{"https://tenant.example"}})
	want := map[string]any{"level": "WARN", "msg": "cors: origin lookup failed", "origin": "https://tenant.example",
		"error": `connection refused\n\x1b[31m`, "policy": "api"}
	if len(got) != 2 || !maps.Equal(got[0], want) || got[1]["reason"] != "origin_lookup_failed" {
		t.Errorf("got %v, want %v and the denial", got, want)
	}
	working := logLines(t, func(o Observer) *CORS {
		return mustNew(t, Config{OriginFunc: new(keeper).allows}, WithObserver(o))
	}, message{Method: "GET", Origins: []string{"https://tenant.example"}})
	if len(working) != 0 {
		t.Errorf("a lookup that works: got %v, want nothing", working)
	}
}

func TestLogObserverLogsReloads(t *testing.T) {
	var out bytes.Buffer
	cors := mustNew(t, Config{Origins: []string{"https://a.example"}}, WithName("api"),
		WithObserver(LogObserver(slog.New(slog.NewJSONHandler(&out, nil)))))
	if err := cors.Reconfigure(Config{Origins: []string{"*"}}); err != nil {
		t.Fatal(err)
	}
	err := cors.Reconfigure(Config{})
	want := []map[string]any{
		{"level": "INFO", "msg": "cors: policy replaced", "policy": "api"},
		{"level": "ERROR", "msg": "cors: new policy refused, the old one still applies", "policy": "api", "error": err.Error()},
	}
	if got := parseLines(t, &out); !slices.EqualFunc(got, want, func(a, b map[string]any) bool { return maps.Equal(a, b) }) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if errors.Is(err, nil) {
		t.Error("an empty configuration compiled")
	}
}

func TestLogObserverTakesTheDefaultLogger(t *testing.T) {
	var out bytes.Buffer
	before := slog.Default()
	defer slog.SetDefault(before)
	slog.SetDefault(slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelError})))
	cors := mustNew(t, Config{Origins: []string{"https://a.example"}}, WithObserver(LogObserver(nil)))
	cors.Decide(context.Background(), message{Method: "GET", Origins: []string{"https://b.example"}}.request())
	if out.Len() > 0 {
		t.Errorf("a disabled level was logged: %s", out.String())
	}
}
