package corselet_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/corselet/corselet/core"
)

// casePath is where the API of the i-th complaint is. The browser needs it to tell whom it complains of.
func casePath(i int) string { return fmt.Sprintf("/case/%02d", i) }

// servePage serves a page that makes every complaint's request in turn, from an API whose URL is its query, and says on
// the console when it is done. A case that sets a cookie is asked for it first.
func servePage(w http.ResponseWriter, _ *http.Request) {
	var steps strings.Builder
	for i, c := range complaints {
		path, err := json.Marshal(casePath(i))
		if err != nil {
			panic(err) // a string is always JSON
		}
		fmt.Fprintf(&steps, "await ask(%s, %s);\n", path, c.fetch)
	}
	w.Header().Set("Content-Type", "text/html")
	fmt.Fprintf(w, `<!doctype html><link rel="icon" href="data:,"><script type="module">
const ask = async (path, options) => {
	await fetch(location.search.slice(1) + path + "?cookie", {mode: "no-cors", credentials: "include"});
	await fetch(location.search.slice(1) + path, options).then(r => console.log(path + " passes"), () => {});
};
%sconsole.log("all is said");
</script>`, &steps)
}

// runChromium opens a URL and returns what the console says of each path, up to the line that ends it.
func runChromium(t *testing.T, url string) map[string]string {
	t.Helper()
	browser := findChromium(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
		"--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
		"--enable-logging=stderr", "--remote-debugging-port=0", "--user-data-dir="+profileDir(t), url)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) } // so that it ends its own processes
	cmd.WaitDelay = 10 * time.Second
	output, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said, done := listen(bufio.NewScanner(output))
	cancel()
	_ = cmd.Wait() // it was killed
	if !done {
		t.Fatalf("got no end of what %s says, only %q", browser, said)
	}
	return said
}

// profileDir returns a new directory that is removed with the test. The browser's processes outlive it by a moment, and
// write to it until they are gone.
func profileDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "chromium") //nolint:usetesting // TempDir would fail the test over what is written late.
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for range 100 {
			if err = os.RemoveAll(dir); err == nil {
				return
			}
			time.Sleep(50 * time.Millisecond)
		}
		t.Error(err)
	})
	return dir
}

var consoleLine = regexp.MustCompile(
	`:CONSOLE.*\] "Access to fetch at '[^']*(/case/\d+)(?:\?login)?' (\(redirected from )?.*from origin '[^']*' ` +
		`has been blocked by CORS policy: (.*)", source: `)

// redirected is in front of a complaint that comes after a redirect.
const redirected = "(redirected from "

// listen collects complaints by path, until the page says that it is done.
func listen(lines *bufio.Scanner) (said map[string]string, done bool) {
	said = map[string]string{}
	for lines.Scan() {
		if found := consoleLine.FindStringSubmatch(lines.Text()); found != nil {
			said[found[1]] += found[2] + found[3]
		}
		if strings.Contains(lines.Text(), `"all is said"`) {
			return said, true
		}
	}
	return said, false
}

// findChromium skips the test where there is none, unless CORSELET_BROWSER is "required".
func findChromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CORSELET_BROWSER") == "required" {
		t.Fatal("got no Chromium, but CORSELET_BROWSER requires one")
	}
	t.Skip("needs Chromium; CORSELET_BROWSER=required makes that a failure")
	return ""
}

// reasons observes why requests are denied.
type reasons struct {
	mu  sync.Mutex
	all []string
}

func (r *reasons) Observe(_ context.Context, e core.Event) {
	if reason := e.Verdict().Reason; reason != core.ReasonNone {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.all = append(r.all, reason.String())
	}
}

func (r *reasons) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.all, " ")
}

// The wirings, most of them wrong.

func nowhere(_ func(http.Handler) http.Handler, app http.Handler) http.Handler { return app }

func behindAuthentication(with func(http.Handler) http.Handler, app http.Handler) http.Handler {
	return before(with(app), func(w http.ResponseWriter, r *http.Request) bool {
		if r.Header.Get("Authorization") == "" {
			w.WriteHeader(http.StatusUnauthorized)
			return false
		}
		return true
	})
}

func aroundOneRoute(with func(http.Handler) http.Handler, app http.Handler) http.Handler {
	return before(with(app), func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPut { // as a mux does with "PUT /case/"
			w.WriteHeader(http.StatusMethodNotAllowed)
		}
		return r.Method == http.MethodPut
	})
}

func behindRedirect(_ func(http.Handler) http.Handler, _ http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	})
}

// toLogin has an application that sends requests without a session to a login page on another host, as it would a
// navigation.
func toLogin(with func(http.Handler) http.Handler, app http.Handler) http.Handler {
	api := with(http.HandlerFunc(redirectToLogin))
	return before(api, func(w http.ResponseWriter, r *http.Request) bool {
		if strings.HasPrefix(r.Host, "login.") {
			app.ServeHTTP(w, r)
			return false
		}
		return true
	})
}

// toLoginWithPolicy puts the policy in front of the login page as well, which does not help: the origin is null there.
func toLoginWithPolicy(with func(http.Handler) http.Handler, app http.Handler) http.Handler {
	return with(before(http.HandlerFunc(redirectToLogin), func(w http.ResponseWriter, r *http.Request) bool {
		if strings.HasPrefix(r.Host, "login.") {
			app.ServeHTTP(w, r)
			return false
		}
		return true
	}))
}

func redirectToLogin(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, "http://"+strings.Replace(r.Host, "api.", "login.", 1)+r.URL.Path+"?login", http.StatusFound)
}

func behindProxyThatFails(_ func(http.Handler) http.Handler, _ http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
		w.WriteHeader(http.StatusNotFound)
	})
}

// behindProxyThatAdds adds its field after the policy has set one, as nginx's add_header does.
func behindProxyThatAdds(with func(http.Handler) http.Handler, _ http.Handler) http.Handler {
	return with(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Access-Control-Allow-Origin", r.Header.Get("Origin"))
	}))
}

func behindProxyThatSets(with func(http.Handler) http.Handler, _ http.Handler) http.Handler {
	return with(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "https://app.example.com")
	}))
}

func behindProxyThatGarbles(_ func(http.Handler) http.Handler, _ http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
		w.Header().Set("Access-Control-Allow-Methods", "[PUT]")
		w.WriteHeader(http.StatusNoContent)
	})
}

// withCookie gives the page a cookie to come back with.
func withCookie(with func(http.Handler) http.Handler, app http.Handler) http.Handler {
	return before(with(app), func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.RawQuery == "cookie" {
			http.SetCookie(w, &http.Cookie{Name: "session", Value: "1", Path: r.URL.Path})
		}
		return true
	})
}

// before runs something in front of a handler, which may end the request.
func before(next http.Handler, first func(http.ResponseWriter, *http.Request) bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if first(w, r) {
			next.ServeHTTP(w, r)
		}
	})
}
