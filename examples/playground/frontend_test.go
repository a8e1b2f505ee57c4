package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
)

func getPolicy(t *testing.T, frontEnd string) map[string]any {
	t.Helper()
	response, body := send(t, "GET", frontEnd+"/policy", "")
	if response.StatusCode != http.StatusOK {
		t.Fatalf("GET /policy: status %d: %s", response.StatusCode, body)
	}
	return parseObject(t, body)
}

func parseObject(t *testing.T, text string) map[string]any {
	t.Helper()
	var object map[string]any
	if err := json.Unmarshal([]byte(text), &object); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return object
}

// allows returns the frameworks that allow an origin.
func allows(t *testing.T, urls map[string]string, origin string) (names []string) {
	t.Helper()
	for _, name := range serverNames[1:] {
		response, _ := send(t, "GET", urls[name]+pathOK, "", "Origin", origin)
		if response.Header.Get("Access-Control-Allow-Origin") == origin {
			names = append(names, name)
		}
	}
	return names
}

func TestThePolicyInForceCanBeRead(t *testing.T) {
	sample := parseObject(t, string(samplePolicy))
	if got := getPolicy(t, launch(t)["front end"]); !reflect.DeepEqual(got, sample) {
		t.Errorf("got %v, want the sample policy %v", got, sample)
	}
	const other = `{"origins": ["https://other.example"], "max_age": "1m"}`
	urls := launch(t, "-policy", writeFile(t, other))
	if got := getPolicy(t, urls["front end"]); !reflect.DeepEqual(got, parseObject(t, other)) {
		t.Errorf("got %v, want %s", got, other)
	}
}

func TestWhomThePolicyTrustsCanBeRead(t *testing.T) {
	urls := launch(t, "-policy", writeFile(t, `{"origins": ["https://app.example.com", "https://*.example.net"],
		"origin_regexps": ["https://(www|beta)\\.example\\.org"], "credentials": true}`))
	response, body := send(t, "GET", urls["front end"]+"/trust", "")
	var got []struct{ Sentence string }
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatalf("status %d: %v: %s", response.StatusCode, err, body)
	}
	want := []string{
		"pages of https://app.example.com may read responses with the user's credentials",
		"pages of every subdomain of example.net over https may read responses with the user's credentials",
		`pages of example.org that match https://(www|beta)\.example\.org may read responses with the user's credentials`,
	}
	var sentences []string
	for _, entry := range got {
		sentences = append(sentences, entry.Sentence)
	}
	if !slices.Equal(sentences, want) {
		t.Errorf("got  %q\nwant %q", sentences, want)
	}
}

func TestANewPolicyIsInForceInEveryFramework(t *testing.T) {
	urls := launch(t)
	const policy = `{"origins": ["https://new.example"]}`
	response, body := send(t, "PUT", urls["front end"]+"/policy", policy)
	if response.StatusCode != http.StatusNoContent || body != "" {
		t.Fatalf("got status %d and body %q, want 204 and none", response.StatusCode, body)
	}
	if got := allows(t, urls, "https://new.example"); !slices.Equal(got, serverNames[1:]) {
		t.Errorf("the new origin is allowed by %q, want all", got)
	}
	if got := allows(t, urls, "http://localhost:1"); len(got) > 0 {
		t.Errorf("the old origin is still allowed by %q", got)
	}
	if got := getPolicy(t, urls["front end"]); !reflect.DeepEqual(got, parseObject(t, policy)) {
		t.Errorf("GET /policy: got %v, want %s", got, policy)
	}
}

func TestARefusedPolicyChangesNothingAndSaysEverything(t *testing.T) {
	tests := []struct {
		name   string
		policy string
		want   []string // field, index and reason of each error
	}{
		{"no JSON", `{"origins": [`, []string{" -1 malformed"}},
		{"an empty body", "", []string{" -1 malformed"}},
		{"not an object", `["https://new.example"]`, []string{" -1 malformed"}},
		{"null", "null", []string{"origins -1 empty"}},
		{"no origins", "{}", []string{"origins -1 empty"}},
		{"several wrong values",
			`{"origins": ["https://new.example", "https://New.example", "x"], "credentials": true, "methods": ["put"]}`,
			[]string{"origins 1 upper_case", "origins 2 missing_scheme", "methods 0 method_case"}},
		{"values that cannot be read and values that are wrong",
			`{"origins": ["https://new.example/", 5], "block": "no", "metods": [], "max_age": "25h"}`,
			[]string{"origins 1 malformed", "block -1 malformed", "metods -1 malformed", "origins 0 path",
				"max_age -1 out_of_range"}},
		{"a list that cannot be read is not also reported as empty", `{"origins": "https://new.example"}`,
			[]string{"origins -1 malformed"}},
	}
	urls := launch(t)
	before := getPolicy(t, urls["front end"])
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			response, body := send(t, "PUT", urls["front end"]+"/policy", test.policy)
			if response.StatusCode != http.StatusUnprocessableEntity {
				t.Fatalf("status: got %d, want 422; body %s", response.StatusCode, body)
			}
			var list []map[string]any
			if err := json.Unmarshal([]byte(body), &list); err != nil {
				t.Fatalf("%v: %s", err, body)
			}
			var got []string
			for _, e := range list {
				got = append(got, fmt.Sprint(e["field"], " ", e["index"], " ", e["reason"]))
				for _, key := range []string{"value", "hint", "message"} {
					if _, ok := e[key].(string); !ok {
						t.Errorf("%v has no %s", e, key)
					}
				}
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got errors %q, want %q", got, test.want)
			}
			if after := getPolicy(t, urls["front end"]); !reflect.DeepEqual(after, before) {
				t.Errorf("the policy changed to %v", after)
			}
			if got := allows(t, urls, "http://localhost:1"); !slices.Equal(got, serverNames[1:]) {
				t.Errorf("the old origin is allowed by %q only", got)
			}
		})
	}
}

func TestPoliciesFromOtherSitesAreRefused(t *testing.T) {
	const policy = `{"origins": ["https://evil.example"]}`
	tests := []struct {
		name   string
		body   string
		status int
		fields []string
	}{
		{"a cross-site request", policy, 403, []string{"Sec-Fetch-Site", "cross-site"}},
		{"a request of another port's page", policy, 403, []string{"Sec-Fetch-Site", "same-site"}},
		{"a foreign origin of an older browser", policy, 403, []string{"Origin", "https://evil.example"}},
		{"a name that was made to point here", policy, 421,
			[]string{"Host", "evil.example", "Sec-Fetch-Site", "same-origin"}},
		{"a body without end", policy + strings.Repeat(" ", maxPolicyBytes), 413, nil},
	}
	urls := launch(t)
	before := getPolicy(t, urls["front end"])
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			response, body := send(t, "PUT", urls["front end"]+"/policy", test.body, test.fields...)
			if response.StatusCode != test.status {
				t.Errorf("status: got %d, want %d; body %s", response.StatusCode, test.status, body)
			}
			if after := getPolicy(t, urls["front end"]); !reflect.DeepEqual(after, before) {
				t.Errorf("the policy changed to %v", after)
			}
		})
	}
	t.Run("the page's own request is taken", func(t *testing.T) {
		response, body := send(t, "PUT", urls["front end"]+"/policy", policy,
			"Sec-Fetch-Site", "same-origin", "Origin", urls["front end"])
		if response.StatusCode != http.StatusNoContent {
			t.Errorf("status: got %d, want 204; body %s", response.StatusCode, body)
		}
	})
}

func TestPoliciesSentAtOnceLeaveOneInForceEverywhere(t *testing.T) {
	urls := launch(t)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			send(t, "PUT", urls["front end"]+"/policy", fmt.Sprintf(`{"origins": ["https://n%d.example"]}`, i))
		})
	}
	wg.Wait()
	for i := range 8 {
		if got := allows(t, urls, fmt.Sprintf("https://n%d.example", i)); len(got) != 0 && len(got) != len(frameworks) {
			t.Errorf("https://n%d.example is allowed by %q only", i, got)
		}
	}
}

func TestThePageMayLoadItselfAndCallTheAPIsOnly(t *testing.T) {
	urls := launch(t)
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(urls["front end"], "http://"))
	for _, host := range []string{"localhost", "127.0.0.1"} {
		for path, contentType := range map[string]string{
			"/": "text/html", "/app.js": "text/javascript", "/style.css": "text/css", "/icon.svg": "image/svg+xml",
		} {
			response, body := send(t, "GET", "http://"+net.JoinHostPort(host, port)+path, "")
			h := response.Header
			if response.StatusCode != http.StatusOK || !strings.HasPrefix(h.Get("Content-Type"), contentType) {
				t.Errorf("%s: got %d, %s; want 200, %s", path, response.StatusCode, h.Get("Content-Type"), contentType)
			}
			policy := h.Get("Content-Security-Policy")
			for _, name := range serverNames[1:] {
				_, port, _ := net.SplitHostPort(strings.TrimPrefix(urls[name], "http://"))
				if url := "http://" + net.JoinHostPort(host, port); !strings.Contains(policy, url) {
					t.Errorf("%s as %s: the page may not call %s: %s", path, host, url, policy)
				}
			}
			if !strings.HasPrefix(policy, "default-src 'none';") || strings.Contains(policy, "unsafe") {
				t.Errorf("%s: lax content security policy %s", path, policy)
			}
			if strings.Contains(body, "innerHTML") {
				t.Errorf("%s makes markup out of text", path)
			}
		}
	}
	if response, _ := send(t, "GET", urls["front end"]+"/nothing", ""); response.StatusCode != http.StatusNotFound {
		t.Errorf("an unknown path: got %d, want 404", response.StatusCode)
	}
}
