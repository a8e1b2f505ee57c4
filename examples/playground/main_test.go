package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestMain makes the test binary the program itself, for tests that send it a signal.
func TestMain(m *testing.M) {
	if os.Getenv("PLAYGROUND_TEST_RUN") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// serverNames are the lines that the program prints, in their order.
var serverNames = []string{"front end", "net/http", "gin", "echo", "fiber", "echo v5", "fiber v3"}

// launch runs the program on free ports until the test ends, and returns the URLs that it printed, by name.
func launch(t *testing.T, args ...string) map[string]string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out, in := io.Pipe()
	var stderr bytes.Buffer
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, append([]string{"-base-port", "0"}, args...), in, &stderr)
		in.Close()
	}()
	t.Cleanup(func() {
		cancel()
		if code := <-ended; code != 0 {
			t.Errorf("exit code: got %d, want 0; stderr: %s", code, stderr.String())
		}
	})
	return readURLs(t, out)
}

func readURLs(t *testing.T, out io.Reader) map[string]string {
	t.Helper()
	urls := map[string]string{}
	lines := bufio.NewScanner(out)
	for _, name := range serverNames {
		if !lines.Scan() {
			t.Fatalf("the line of %s is missing", name)
		}
		url, ok := strings.CutPrefix(lines.Text(), name+" ")
		if !ok {
			t.Fatalf("got line %q, want that of %s", lines.Text(), name)
		}
		urls[name] = url
	}
	return urls
}

// runToEnd runs the program until it exits, which it must do itself.
func runToEnd(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	code = run(ctx, args, &out, &errs)
	if ctx.Err() != nil {
		t.Error("the program did not end by itself")
	}
	return code, out.String(), errs.String()
}

func writeFile(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "my-policy.json")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestBadCommandLinesAreRefused(t *testing.T) {
	tests := []struct {
		name string
		args []string
		code int
		want []string // in stderr
	}{
		{"help is no error", []string{"-h"}, 0, []string{"-policy", "-base-port", "-check"}},
		{"an unknown flag", []string{"-chekc"}, 2, []string{"-chekc"}},
		{"an argument", []string{"policy.json"}, 2, []string{`"policy.json"`, "-policy"}},
		{"a port that leaves no room for the frameworks", []string{"-base-port", "65530"}, 2, []string{"65530", "65529"}},
		{"a negative port", []string{"-base-port", "-1"}, 2, []string{"-1"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			code, stdout, stderr := runToEnd(t, test.args...)
			if code != test.code {
				t.Errorf("exit code: got %d, want %d", code, test.code)
			}
			if stdout != "" {
				t.Errorf("stdout: got %q, want nothing", stdout)
			}
			for _, want := range test.want {
				if !strings.Contains(stderr, want) {
					t.Errorf("stderr does not say %q: %s", want, stderr)
				}
			}
		})
	}
}

func TestABadPolicyFileNamesFileFieldAndValue(t *testing.T) {
	const missing = "no-such-file.json"
	tests := []struct {
		name string
		file string
		want []string
	}{
		{"a file that does not exist", missing, []string{missing}},
		{"no JSON", writeFile(t, "origins: []"), []string{"my-policy.json", "policy", "line 1"}},
		{"a wrong value", writeFile(t, `{"origins": ["https://Example.com"]}`),
			[]string{"my-policy.json", "origins[0]", `"https://Example.com"`, `write "https://example.com"`}},
		{"mistakes of both kinds", writeFile(t, `{"origins": ["https://a.example/"], "block": "no", "metods": []}`),
			[]string{"my-policy.json", "origins[0]", `"https://a.example/"`, "block", `"\"no\""`, "metods", "methods"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			code, stdout, stderr := runToEnd(t, "-base-port", "0", "-policy", test.file)
			if code != 1 {
				t.Errorf("exit code: got %d, want 1", code)
			}
			if stdout != "" {
				t.Errorf("stdout: got %q, want nothing", stdout)
			}
			for _, want := range test.want {
				if !strings.Contains(stderr, want) {
					t.Errorf("stderr does not say %q: %s", want, stderr)
				}
			}
		})
	}
}

func TestAPortInUseEndsTheProgram(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "[::1]:0"} {
		t.Run(address, func(t *testing.T) {
			taken, err := net.Listen("tcp", address)
			if err != nil {
				t.Skipf("no such address on this machine: %v", err)
			}
			defer taken.Close()
			port := strconv.Itoa(taken.Addr().(*net.TCPAddr).Port)
			code, stdout, stderr := runToEnd(t, "-base-port", port)
			if code != 1 {
				t.Errorf("exit code: got %d, want 1", code)
			}
			if stdout != "" {
				t.Errorf("stdout: got %q, want nothing", stdout)
			}
			if want := "front end: port " + port + " is in use"; !strings.Contains(stderr, want) {
				t.Errorf("stderr does not say %q: %s", want, stderr)
			}
		})
	}
}

func TestTheLastPortInUseReleasesTheOthers(t *testing.T) {
	var stderr string
	for range 10 { // another program may use one of the ports below it
		var base int
		if base, stderr = startBelowTakenPort(t); base == 0 {
			continue
		}
		again, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(base)))
		if err != nil {
			t.Fatalf("the front end's port was not released: %v", err)
		}
		again.Close()
		return
	}
	t.Fatalf("no run got as far as the last port; the last one said: %s", stderr)
}

// startBelowTakenPort runs the program with ports of which the last is taken. It returns the first, or 0 if another one
// was in use as well.
func startBelowTakenPort(t *testing.T) (base int, stderr string) {
	t.Helper()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	lastPort := taken.Addr().(*net.TCPAddr).Port
	base = lastPort - len(frameworks)
	code, _, stderr := runToEnd(t, "-base-port", strconv.Itoa(base))
	if code != 1 {
		t.Errorf("exit code: got %d, want 1; stderr: %s", code, stderr)
	}
	if !strings.Contains(stderr, frameworks[len(frameworks)-1].name+": port "+strconv.Itoa(lastPort)) {
		return 0, stderr
	}
	return base, stderr
}

func TestAnInterruptEndsTheProgramCleanly(t *testing.T) {
	program := exec.Command(os.Args[0], "-base-port", "0")
	program.Env = append(os.Environ(), "PLAYGROUND_TEST_RUN=1")
	out, err := program.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	kill := time.AfterFunc(30*time.Second, func() { program.Process.Kill() })
	defer kill.Stop()
	urls := readURLs(t, out)

	// An endless stream and idle connections must not stop it from exiting.
	stream, err := http.Get(urls["front end"] + "/decisions")
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Body.Close()
	for _, name := range serverNames[1:] {
		response, err := http.Get(urls[name] + pathOK)
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, response.Body)
		response.Body.Close()
	}
	began := time.Now()
	if err := program.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := program.Wait(); err != nil {
		t.Errorf("the program ended with %v, want exit code 0", err)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("the program took %v to end", took)
	}
}

func TestEveryServerIsReachedByBothNames(t *testing.T) {
	urls := launch(t)
	for _, name := range serverNames {
		_, port, _ := net.SplitHostPort(strings.TrimPrefix(urls[name], "http://"))
		for _, host := range []string{"localhost", "127.0.0.1"} {
			response, err := http.Get("http://" + net.JoinHostPort(host, port) + "/")
			if err != nil {
				t.Errorf("%s as %s: %v", name, host, err)
				continue
			}
			response.Body.Close()
		}
	}
	if !strings.HasPrefix(urls["front end"], "http://localhost:") {
		t.Errorf("front end: got %s, want a URL of localhost", urls["front end"])
	}
	if !strings.HasPrefix(urls["gin"], "http://127.0.0.1:") {
		t.Errorf("gin: got %s, want a URL of 127.0.0.1", urls["gin"])
	}
}

func TestPortsFollowTheBasePort(t *testing.T) {
	// Ports that were free a moment ago may be taken now, so it tries a few times.
	for range 10 {
		free, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		base := free.Addr().(*net.TCPAddr).Port
		free.Close()
		cfg, err := readPolicy("")
		if err != nil {
			t.Fatal(err)
		}
		p, err := start(cfg, base)
		if err != nil {
			continue
		}
		defer p.stop()
		for i, s := range p.servers {
			if s.port() != base+i || s.name != serverNames[i] {
				t.Errorf("server %d: got %s on %d, want %s on %d", i, s.name, s.port(), serverNames[i], base+i)
			}
		}
		return
	}
	t.Error("found no five free ports in a row")
}
