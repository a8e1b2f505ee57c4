package main

import (
	"maps"
	"net/http"
	"slices"
	"testing"

	"github.com/corselet/corselet/core"
)

// attributes returns the attributes of one piece of telemetry in a decision, or nil if there is none.
func attributes(t *testing.T, decision map[string]any, signal string) (name string, attrs map[string]any) {
	t.Helper()
	telemetry, ok := decision["telemetry"].(map[string]any)
	if !ok {
		t.Fatalf("telemetry: got %v, want an object", decision["telemetry"])
	}
	keys := slices.Sorted(maps.Keys(telemetry))
	if want := []string{"event", "metric", "preflight_cache", "span"}; !slices.Equal(keys, want) {
		t.Errorf("telemetry: got keys %q, want %q", keys, want)
	}
	piece, ok := telemetry[signal].(map[string]any)
	if !ok {
		return "", nil
	}
	return piece["name"].(string), piece["attributes"].(map[string]any)
}

func TestDecisionsCarryTheTelemetryThatTheyMake(t *testing.T) {
	const (
		app   = "http://localhost:3000"
		other = "https://evil.example"
	)
	preflight := func(origin, method string) []string {
		return []string{"Origin", origin, "Access-Control-Request-Method", method,
			"Sec-Fetch-Mode", "cors", "Sec-Fetch-Site", "cross-site"}
	}
	request := []string{"Origin", app, "Sec-Fetch-Mode", "cors"}
	attrs := func(pairs ...string) map[string]any {
		m := map[string]any{}
		for pair := range slices.Chunk(pairs, 2) {
			m[pair[0]] = pair[1]
		}
		return m
	}
	tests := []struct {
		name       string
		method     string
		fields     []string
		wantMetric map[string]any // without the policy's name
		wantMore   map[string]any // further attributes of the span
		wantEvent  map[string]any // without the policy's name
	}{
		{"a preflight", "OPTIONS", preflight(app, "PUT"),
			attrs("cors.request.type", "preflight", "cors.verdict", "allowed"), nil, nil},
		{"the request that paid for it", "PUT", request,
			attrs("cors.request.type", "actual", "cors.verdict", "allowed", "cors.preflight.cache.status", "miss"), nil, nil},
		{"one that did not", "PUT", request,
			attrs("cors.request.type", "actual", "cors.verdict", "allowed", "cors.preflight.cache.status", "hit"), nil, nil},
		{"one of no browser", "PUT", request[:2],
			attrs("cors.request.type", "actual", "cors.verdict", "allowed", "cors.preflight.cache.status", "unknown"), nil, nil},
		{"a preflight of no browser", "OPTIONS", preflight(app, "PUT")[:4],
			attrs("cors.request.type", "preflight", "cors.verdict", "allowed", "cors.preflight.cache.status", "unknown"), nil, nil},
		{"a preflight from another origin", "OPTIONS", preflight(other, "PUT"),
			attrs("cors.request.type", "preflight", "cors.verdict", "denied", "cors.denial.reason", "origin_not_allowed"),
			attrs("http.request.header.origin", `["https://evil.example"]`),
			attrs("cors.request.type", "preflight", "cors.denial.reason", "origin_not_allowed",
				"http.request.header.origin", `["https://evil.example"]`)},
		{"a preflight for a method that is not listed", "OPTIONS", preflight(app, "PATCH"),
			attrs("cors.request.type", "preflight", "cors.verdict", "denied", "cors.denial.reason", "method_not_allowed"),
			attrs("http.request.header.origin", `["http://localhost:3000"]`, "cors.denial.detail", "PATCH"),
			attrs("cors.request.type", "preflight", "cors.denial.reason", "method_not_allowed",
				"http.request.header.origin", `["http://localhost:3000"]`, "cors.denial.detail", "PATCH")},
		{"a request that no browser checks", "GET", []string{"Origin", other, "Sec-Fetch-Site", "same-origin"}, nil, nil, nil},
	}
	urls := launch(t)
	next := openStream(t, urls["front end"], "")
	for _, framework := range serverNames[1:] {
		for _, test := range tests {
			t.Run(framework+", "+test.name, func(t *testing.T) {
				send(t, test.method, urls[framework]+pathOK, "", test.fields...)
				decision := next()
				with := func(all ...map[string]any) map[string]any {
					if all[0] == nil {
						return nil
					}
					m := attrs("cors.policy.name", framework)
					for _, some := range all {
						maps.Copy(m, some)
					}
					return m
				}
				wants := map[string]map[string]any{
					"metric": with(test.wantMetric),
					"span":   with(test.wantMetric, test.wantMore),
					"event":  with(test.wantEvent),
				}
				names := map[string]string{"metric": "cors.requests", "span": requestSpan, "event": "cors.denial"}
				for signal, want := range wants {
					name, got := attributes(t, decision, signal)
					if !maps.Equal(got, want) {
						t.Errorf("%s: got %v, want %v", signal, got, want)
					}
					if got != nil && name != names[signal] {
						t.Errorf("%s: got the name %q, want %q", signal, name, names[signal])
					}
				}
			})
		}
	}
}

func TestAFloodOfDenialsHasNoEvents(t *testing.T) {
	urls := launch(t)
	next := openStream(t, urls["front end"], "")
	events := 0
	const sent = 200 // some of them after the burst of fifty, however slow the machine is
	for range sent {
		send(t, "GET", urls["gin"]+pathOK, "", "Origin", "https://evil.example")
		decision := next()
		if name, _ := attributes(t, decision, "event"); name != "" {
			events++
		}
		if name, _ := attributes(t, decision, "metric"); name == "" {
			t.Error("got a denial without a count, want every one counted")
		}
	}
	if events < 50 || events >= sent {
		t.Errorf("got %d events for %d denials, want at least the burst of 50 and not all", events, sent)
	}
}

func TestTheHitRatioIsWhatThePreflightsAreShortOf(t *testing.T) {
	urls := launch(t)
	next := openStream(t, urls["front end"], "")
	tests := []struct {
		name   string
		method string
		want   map[string]any
	}{
		{"no browser needed a preflight yet", "OPTIONS",
			map[string]any{"hits": 0.0, "misses": 0.0, "unknown": 0.0, "preflights": 1.0, "hit_ratio": nil}},
		{"one for one", "PUT",
			map[string]any{"hits": 0.0, "misses": 1.0, "unknown": 0.0, "preflights": 1.0, "hit_ratio": 0.0}},
		{"one for two", "PUT",
			map[string]any{"hits": 1.0, "misses": 1.0, "unknown": 0.0, "preflights": 1.0, "hit_ratio": 0.5}},
		{"what needs none does not count", "GET",
			map[string]any{"hits": 1.0, "misses": 1.0, "unknown": 0.0, "preflights": 1.0, "hit_ratio": 0.5}},
		{"two for two", "OPTIONS",
			map[string]any{"hits": 1.0, "misses": 1.0, "unknown": 0.0, "preflights": 2.0, "hit_ratio": 0.0}},
		{"and no less than nothing", "OPTIONS",
			map[string]any{"hits": 1.0, "misses": 1.0, "unknown": 0.0, "preflights": 3.0, "hit_ratio": 0.0}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			fields := []string{"Origin", "http://localhost:3000", "Sec-Fetch-Mode", "cors", "Sec-Fetch-Site", "same-site"}
			if test.method == "OPTIONS" {
				fields = append(fields, core.FieldRequestMethod, "PUT")
			}
			send(t, test.method, urls["fiber"]+pathOK, "", fields...)
			got := next()["telemetry"].(map[string]any)["preflight_cache"].(map[string]any)
			if !maps.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestThereIsNoHitRatioWithoutABrowser(t *testing.T) {
	urls := launch(t)
	front := urls["front end"]
	policy := `{"origins": ["http://localhost:*"], "methods": ["PUT"], "request_headers": ["Authorization"]}`
	if response, body := send(t, http.MethodPut, front+"/policy", policy); response.StatusCode != http.StatusNoContent {
		t.Fatalf("got status %d from PUT /policy: %s", response.StatusCode, body)
	}
	next := openStream(t, front, "")
	estimate := func(method string, fields ...string) map[string]any {
		send(t, method, urls["gin"]+pathOK, "", append(fields, "Origin", "http://localhost:3000")...)
		return next()["telemetry"].(map[string]any)["preflight_cache"].(map[string]any)
	}
	check := func(got, want map[string]any) {
		t.Helper()
		if !maps.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	var got map[string]any
	for range 100 {
		got = estimate("GET", "Authorization", "Bearer x")
	}
	check(got, map[string]any{"hits": 0.0, "misses": 0.0, "unknown": 100.0, "preflights": 0.0, "hit_ratio": nil})
	got = estimate("OPTIONS", core.FieldRequestMethod, "PUT")
	check(got, map[string]any{"hits": 0.0, "misses": 0.0, "unknown": 100.0, "preflights": 0.0, "hit_ratio": nil})

	browser := []string{"Sec-Fetch-Mode", "cors", "Sec-Fetch-Site", "same-site"}
	estimate("OPTIONS", append(browser, core.FieldRequestMethod, "PUT")...)
	estimate("PUT", browser...)
	got = estimate("PUT", browser...)
	check(got, map[string]any{"hits": 1.0, "misses": 1.0, "unknown": 100.0, "preflights": 1.0, "hit_ratio": 0.5})
}
