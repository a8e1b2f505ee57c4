package corselet_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// startProgram builds a program that listens on ":8080" with the modules of a directory, runs it on a free port until
// the test ends, and returns its URL.
func startProgram(t *testing.T, dir, program string) string {
	t.Helper()
	address := freeAddress(t)
	if strings.Count(program, `":8080"`) != 1 {
		t.Fatalf("got a program that does not listen on \":8080\" once:\n%s", program)
	}
	program = strings.Replace(program, `":8080"`, fmt.Sprintf("%q", address), 1)
	source := filepath.Join(t.TempDir(), "main.go")
	if err := os.WriteFile(source, []byte(program), 0o600); err != nil {
		t.Fatal(err)
	}
	binary := strings.TrimSuffix(source, ".go") + ".exe"
	build := exec.Command("go", "build", "-o", binary, source)
	build.Dir = dir
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("got error %v from the build:\n%s\n%s", err, out, program)
	}
	var output bytes.Buffer
	run := exec.Command(binary)
	run.Stdout, run.Stderr = &output, &output
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	exited := make(chan error, 1)
	go func() { exited <- run.Wait() }()
	t.Cleanup(func() { run.Process.Kill(); <-exited })
	awaitServer(t, address, exited, &output)
	return "http://" + address
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// awaitServer returns once the address takes connections.
func awaitServer(t *testing.T, address string, exited chan error, output *bytes.Buffer) {
	t.Helper()
	for range 300 {
		connection, err := net.Dial("tcp", address)
		if err == nil {
			connection.Close()
			return
		}
		select {
		case err := <-exited:
			exited <- err
			t.Fatalf("got an end of the program (%v), want it to serve:\n%s", err, output)
		case <-time.After(100 * time.Millisecond):
		}
	}
	t.Fatal("got no server after half a minute, want one")
}

// checkProgram asks a program from the origin of the front end that it is meant for, and from another one.
func checkProgram(t *testing.T, url string) {
	t.Helper()
	const app, another = "https://app.example.com", "https://another.example"
	tests := []struct {
		name       string
		method     string
		origin     string
		wantStatus int
		wantBody   string
		wantFields string
	}{
		{"the front end may send JSON", "OPTIONS", app, 204, "",
			"Access-Control-Allow-Headers: content-type, Access-Control-Allow-Methods: PUT,DELETE, " +
				"Access-Control-Allow-Origin: https://app.example.com, Vary: Origin"},
		{"another origin may not", "OPTIONS", another, 403, "", "Vary: Origin"},
		{"the front end may read", "GET", app, 200, "hello",
			"Access-Control-Allow-Origin: https://app.example.com, Vary: Origin"},
		{"another origin may not read", "GET", another, 200, "hello", "Vary: Origin"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r, err := http.NewRequest(test.method, url+"/api/hello", nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Origin", test.origin)
			if test.method == "OPTIONS" {
				r.Header.Set("Access-Control-Request-Method", "PUT")
				r.Header.Set("Access-Control-Request-Headers", "content-type")
			}
			w, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer w.Body.Close()
			body, err := io.ReadAll(w.Body)
			if err != nil {
				t.Fatal(err)
			}
			if w.StatusCode != test.wantStatus || string(body) != test.wantBody {
				t.Errorf("got %d %q, want %d %q", w.StatusCode, body, test.wantStatus, test.wantBody)
			}
			if got := fieldsOf(w.Header); got != test.wantFields {
				t.Errorf("got fields %q, want %q", got, test.wantFields)
			}
		})
	}
}

// fieldsOf returns the CORS fields and Vary in alphabetical order.
func fieldsOf(header http.Header) string {
	var fields []string
	for name, lines := range header {
		if name == "Vary" || strings.HasPrefix(name, "Access-Control-") {
			fields = append(fields, name+": "+strings.Join(lines, " | "))
		}
	}
	slices.Sort(fields)
	return strings.Join(fields, ", ")
}
