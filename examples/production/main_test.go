package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// output is what the program has written so far.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// await waits until the program has written a text, and returns everything up to it.
func (o *output) await(t *testing.T, text string) string {
	t.Helper()
	for range 1000 {
		if before, _, ok := strings.Cut(o.String(), text); ok {
			return before
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("got no %q after ten seconds, want it in:\n%s", text, o)
	return ""
}

// launch runs the program on a free port with no exporter named but in env. It ends with the test, or with stop, which
// waits for it.
func launch(t *testing.T, env map[string]string, args ...string) (out *output, url string, stop func()) {
	t.Helper()
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "OTEL_") {
			t.Setenv(name, "")
		}
	}
	for name, value := range env {
		t.Setenv(name, value)
	}
	ctx, cancel := context.WithCancel(t.Context())
	out = new(output)
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, append([]string{"-addr", "127.0.0.1:0"}, args...), out) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("got error %v from the program, want none", err)
		}
	})
	t.Cleanup(stop)
	url = strings.TrimPrefix(out.await(t, ";"), "serving ")
	return out, url, stop
}

// ask sends a request with the given fields, as name, value, name, value, and returns the answer without its body.
func ask(t *testing.T, method, url string, fields ...string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(fields); i += 2 {
		r.Header.Set(fields[i], fields[i+1])
	}
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	w.Body.Close()
	return w
}

var traceID = regexp.MustCompile(`trace [0-9a-f]{8}\n`)

// withoutTraceIDs makes the output of two runs the same.
func withoutTraceIDs(text string) string { return traceID.ReplaceAllString(text, "trace …\n") }

const end = "# End of the demonstration. The server keeps running.\n"

func TestTheDemonstrationShowsWhatTheREADMESays(t *testing.T) {
	out, _, _ := launch(t, nil)
	got := withoutTraceIDs(out.await(t, end))
	for _, want := range []string{`
# The preflight allowed it: PUT from https://app.example.com
span    PUT /api/notes  trace …
        cors.policy.name=api  cors.preflight.cache.status=miss  cors.request.type=actual  cors.verdict=allowed
        http.response.status_code=204
metric  cors.requests +1 {request}
        cors.policy.name=api  cors.preflight.cache.status=miss  cors.request.type=actual  cors.verdict=allowed

# The next PUT needs no preflight, which the browser has cached: PUT from https://app.example.com
span    PUT /api/notes  trace …
        cors.policy.name=api  cors.preflight.cache.status=hit  cors.request.type=actual  cors.verdict=allowed
        http.response.status_code=204
metric  cors.requests +1 {request}
        cors.policy.name=api  cors.preflight.cache.status=hit  cors.request.type=actual  cors.verdict=allowed

# The front end sends a header that the policy does not list: OPTIONS from https://app.example.com
log     cors.denial WARN: CORS request denied  trace …
        cors.request.type=preflight  cors.denial.reason=header_not_allowed
        http.request.header.origin=["https://app.example.com"]  cors.denial.detail=x-request-id
        cors.policy.name=api
span    OPTIONS  trace …
        cors.denial.reason=header_not_allowed  cors.policy.name=api  cors.request.type=preflight
        cors.verdict=denied  http.request.header.origin=["https://app.example.com"]
        cors.denial.detail=x-request-id  http.response.status_code=204
metric  cors.requests +1 {request}
        cors.denial.reason=header_not_allowed  cors.policy.name=api  cors.request.type=preflight
        cors.verdict=denied
`, `
# A page of another origin asks: OPTIONS from https://stranger.example
log     cors.denial WARN: CORS request denied  trace …
        cors.request.type=preflight  cors.denial.reason=origin_not_allowed
        http.request.header.origin=["https://stranger.example"]  cors.policy.name=api
span    OPTIONS  trace …
        cors.denial.reason=origin_not_allowed  cors.policy.name=api  cors.request.type=preflight
        cors.verdict=denied  http.request.header.origin=["https://stranger.example"]
        http.response.status_code=403
metric  cors.requests +1 {request}
        cors.denial.reason=origin_not_allowed  cors.policy.name=api  cors.request.type=preflight
        cors.verdict=denied
`} {
		if !strings.Contains(got, want) {
			t.Errorf("got:\n%s\nwant in it:\n%s", got, want)
		}
	}
	for signal, want := range map[string]int{"\nspan ": 5, "\nmetric ": 5, "\nlog ": 2} {
		if got := strings.Count(got, signal); got != want {
			t.Errorf("got %d of%q, want %d", got, signal, want)
		}
	}
}

func TestADenialHasOneTraceInSpanAndLog(t *testing.T) {
	out, url, _ := launch(t, nil)
	shown := len(out.await(t, end))
	ask(t, "OPTIONS", url+"/api/notes", "Origin", "https://evil.example", "Access-Control-Request-Method", "PUT")
	out.await(t, "evil.example\"]\n        http.response.status_code=403\n")
	ids := traceID.FindAllString(out.String()[shown:], -1)
	if len(ids) != 2 || ids[0] != ids[1] {
		t.Errorf("got traces %q, want the same one twice", ids)
	}
}

func TestEnvironmentSaysWhereTelemetryGoes(t *testing.T) {
	var mu sync.Mutex
	received := map[string]string{}
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		received[r.URL.Path] += string(body)
	}))
	defer collector.Close()
	out, url, stop := launch(t, map[string]string{
		"OTEL_EXPORTER_OTLP_ENDPOINT": collector.URL,
		"OTEL_SERVICE_NAME":           "notes",
		"OTEL_RESOURCE_ATTRIBUTES":    "deployment.environment.name=test",
	})
	ask(t, "OPTIONS", url+"/api/notes", "Origin", "https://evil.example", "Access-Control-Request-Method", "PUT")
	stop() // exports what is waiting
	mu.Lock()
	defer mu.Unlock()
	for path, want := range map[string][]string{
		"/v1/traces":  {"cors.verdict", "denied", "https://evil.example"},
		"/v1/metrics": {"cors.requests", "cors.denial.reason", "origin_not_allowed"},
		"/v1/logs":    {"cors.denial", "https://evil.example"},
	} {
		for _, text := range append(want, "notes", "deployment.environment.name", "service.instance.id") {
			if !strings.Contains(received[path], text) {
				t.Errorf("%s: got %q, want %q in it", path, received[path], text)
			}
		}
	}
	if strings.Contains(received["/v1/metrics"], "evil.example") {
		t.Error("got an origin on a metric, want none")
	}
	if strings.Contains(out.String(), "cors.") {
		t.Errorf("got telemetry on the terminal, want none:\n%s", out)
	}
}

func TestFailuresOfExportersAreNotExported(t *testing.T) {
	var mu sync.Mutex
	records := ""
	collector := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/logs" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		records += string(body)
	}))
	defer collector.Close()
	_, url, stop := launch(t, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": collector.URL})
	ask(t, "GET", url+"/api/notes", "Origin", "https://evil.example")
	stop()
	mu.Lock()
	defer mu.Unlock()
	if !strings.Contains(records, "cors.denial") || strings.Contains(records, "Bad Request") {
		t.Errorf("got records %q, want the denial and nothing of the failed export of its span", records)
	}
}

func TestOnlyExporterVariablesNameExporters(t *testing.T) {
	tests := []struct {
		name     string
		variable string
		want     bool
	}{
		{"the endpoint", "OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4318", true},
		{"one signal's endpoint", "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT=http://collector:4318/v1/logs", true},
		{"an exporter", "OTEL_TRACES_EXPORTER=console", true},
		{"an empty one, which counts as unset", "OTEL_TRACES_EXPORTER=", false},
		{"the service's name", "OTEL_SERVICE_NAME=EXPORTER", false},
		{"a variable of another program", "MY_EXPORTER=x", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := namesExporter([]string{"HOME=/", test.variable}); got != test.want {
				t.Errorf("got %t, want %t", got, test.want)
			}
		})
	}
}

func TestOrderOfMiddleware(t *testing.T) {
	t.Setenv("API_TOKEN", "secret")
	_, url, _ := launch(t, nil)
	const app = "https://app.example.com"
	tests := []struct {
		name       string
		method     string
		path       string
		fields     []string
		wantStatus int
		wantOrigin string // Access-Control-Allow-Origin
	}{
		{"a preflight needs no token", "OPTIONS", "/api/notes",
			[]string{"Origin", app, "Access-Control-Request-Method", "PUT"}, 204, app},
		{"a page may read that a token is missing", "GET", "/api/notes", []string{"Origin", app}, 401, app},
		{"a wrong token counts as none", "GET", "/api/notes", []string{"Authorization", "Bearer secre"}, 401, ""},
		{"a token", "GET", "/api/notes", []string{"Origin", app, "Authorization", "Bearer secret"}, 200, app},
		{"a page may read a 404", "GET", "/nothing", []string{"Origin", app}, 404, app},
		{"a page may read a 405", "DELETE", "/api/notes", []string{"Origin", app}, 405, app},
		{"an extra slash is not redirected", "GET", "/api/notes/", []string{"Origin", app}, 404, app},
		{"the probe needs no token", "GET", "/healthz", nil, 200, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := ask(t, test.method, url+test.path, test.fields...)
			if w.StatusCode != test.wantStatus {
				t.Errorf("status: got %d, want %d", w.StatusCode, test.wantStatus)
			}
			if got := w.Header.Get("Access-Control-Allow-Origin"); got != test.wantOrigin {
				t.Errorf("Access-Control-Allow-Origin: got %q, want %q", got, test.wantOrigin)
			}
		})
	}
}

func TestProbesLeaveNoSpan(t *testing.T) {
	out, url, stop := launch(t, nil)
	shown := len(out.await(t, end))
	ask(t, "GET", url+"/healthz")
	stop()
	if got := out.String()[shown:]; strings.Contains(got, "span") {
		t.Errorf("got %q, want no span", got)
	}
}

func TestTracedPagesPassThePreflight(t *testing.T) {
	_, url, _ := launch(t, nil)
	w := ask(t, "OPTIONS", url+"/api/notes", "Origin", "https://app.example.com",
		"Access-Control-Request-Method", "PUT", "Access-Control-Request-Headers", "authorization,traceparent")
	if got := w.Header.Get("Access-Control-Allow-Headers"); !strings.Contains(got, "traceparent") {
		t.Errorf("Access-Control-Allow-Headers: got %q, want traceparent in it", got)
	}
}

// hangUp sends the signal to the program, which is this process.
func hangUp(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("there is no SIGHUP")
	}
	self, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = self.Signal(syscall.SIGHUP)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestHangupReadsThePolicyAgain(t *testing.T) {
	file := t.TempDir() + "/policy.json"
	write := func(policy string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(policy), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(`{"origins": ["https://old.example"]}`)
	out, url, _ := launch(t, nil, "-policy", file)
	allowed := func(origin string) bool {
		w := ask(t, "GET", url+"/api/notes", "Origin", origin)
		return w.Header.Get("Access-Control-Allow-Origin") == origin
	}
	if !allowed("https://old.example") || allowed("https://new.example") {
		t.Fatal("got another policy than the one in the file")
	}

	write(`{"origins": ["https://new.example"]}`)
	hangUp(t)
	out.await(t, "log     cors.policy.reload INFO: CORS policy replaced\n        cors.policy.name=api\n")
	if allowed("https://old.example") || !allowed("https://new.example") {
		t.Error("got the old policy after a reload, want the new one")
	}

	for _, broken := range []struct{ policy, errorType, says string }{
		{`{"origins": ["https://New.example"]}`, "upper_case", `write "https://new.example"`},
		{`{"origins": `, "malformed", "fix line 1"},
	} {
		write(broken.policy)
		hangUp(t)
		out.await(t, "log     cors.policy.reload ERROR: new CORS policy refused, the old one still applies\n"+
			"        cors.policy.name=api  error.type="+broken.errorType+"\n")
		out.await(t, broken.says)
		if !allowed("https://new.example") {
			t.Error("got no answer by the old policy after a reload that failed")
		}
	}
	out.await(t, "metric  cors.policy.reloads +1 {reload}\n        error.type=malformed\n")
	if strings.Contains(out.String(), "#") {
		t.Errorf("got a demonstration, want none: it is for the built-in policy:\n%s", out)
	}
}

func TestThePolicyMayComeFromTheEnvironment(t *testing.T) {
	t.Setenv("CORS_ORIGINS", "https://admin.example.com, https://*.example.org")
	t.Setenv("CORS_METHODS", "PATCH")
	out, url, _ := launch(t, nil)
	for origin, want := range map[string]string{
		"https://admin.example.com": "https://admin.example.com", "https://a.example.org": "https://a.example.org",
		"https://app.example.com": "", // of the built-in policy
	} {
		w := ask(t, "OPTIONS", url+"/api/notes", "Origin", origin, "Access-Control-Request-Method", "PATCH")
		if got := w.Header.Get("Access-Control-Allow-Origin"); got != want {
			t.Errorf("a preflight from %s: got Access-Control-Allow-Origin %q, want %q", origin, got, want)
		}
	}
	if strings.Contains(out.String(), "#") {
		t.Errorf("got a demonstration, want none: it is for the built-in policy:\n%s", out)
	}
}

func TestAMistakeInTheEnvironmentNamesTheVariable(t *testing.T) {
	t.Setenv("CORS_ORIGINS", "https://admin.example.com")
	t.Setenv("CORS_MAX_AGE", "600")
	if err := run(t.Context(), nil, io.Discard); err == nil || !strings.Contains(err.Error(), `CORS_MAX_AGE: "600"`) {
		t.Errorf("got error %v, want CORS_MAX_AGE named", err)
	}
}

func TestHangupWithoutAFileSaysSo(t *testing.T) {
	out, _, _ := launch(t, nil)
	hangUp(t)
	out.await(t, "start with -policy FILE to reload it")
}

func TestMistakesAreErrors(t *testing.T) {
	file := t.TempDir() + "/policy.json"
	if err := os.WriteFile(file, []byte(`{"origins": ["example.com"]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"a file that is not there", []string{"-policy", file + "x"}, file + "x: no such file"},
		{"a policy that is wrong", []string{"-policy", file}, `write "https://example.com"`},
		{"an address that cannot be", []string{"-addr", "127.0.0.1:99999"}, "choose another address with -addr"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := run(t.Context(), test.args, io.Discard)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want %q in it", err, test.want)
			}
		})
	}
}

func TestShutdownWaitsForRequests(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	begun, release := make(chan bool), make(chan bool)
	slow := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(begun)
		<-release
		w.WriteHeader(http.StatusNoContent)
	})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- (&app{listener: listener, server: newServer(slow)}).serve(ctx) }()
	answered := make(chan int, 1)
	go func() { answered <- ask(t, "GET", "http://"+listener.Addr().String()).StatusCode }()
	<-begun
	cancel()
	select {
	case err := <-ended:
		t.Fatalf("got an end (%v) while a request was running, want it to wait", err)
	case <-time.After(100 * time.Millisecond):
	}
	close(release)
	if got := <-answered; got != http.StatusNoContent {
		t.Errorf("status: got %d, want 204", got)
	}
	if err := <-ended; err != nil {
		t.Errorf("got error %v at the end, want none", err)
	}
}
