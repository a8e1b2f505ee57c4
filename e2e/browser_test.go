package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// All tests share these. Both are nil if no browser is installed.
var (
	browser context.Context
	hosts   *servers
)

func TestMain(m *testing.M) {
	code, err := runAll(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		code = 1
	}
	os.Exit(code)
}

func runAll(m *testing.M) (code int, err error) {
	path := findBrowser()
	if path == "" {
		return m.Run(), nil
	}
	hosts, err = startServers()
	if err != nil {
		return 0, err
	}
	defer hosts.stop()
	stop, err := startBrowser(path, hosts)
	if err != nil {
		return 0, fmt.Errorf("%s does not start: %w", path, err)
	}
	defer stop()
	return m.Run(), nil
}

// needsBrowser skips a test if no browser is installed, or fails it if CORSELET_BROWSER=required. It looks again for
// each test, because Go's cache of test results knows only what tests look at themselves.
func needsBrowser(t *testing.T) {
	t.Helper()
	required := os.Getenv("CORSELET_BROWSER") == "required"
	if findBrowser() != "" && browser != nil {
		return
	}
	const message = "no browser is installed; install Chromium (apt-get install chromium), or put it or Chrome on the PATH"
	if required {
		t.Fatal(message)
	}
	t.Skip(message)
}

func findBrowser() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// startBrowser starts a browser with its own profile, in which every name of the tests resolves to their servers.
func startBrowser(path string, hosts *servers) (stop func(), err error) {
	profile, err := os.MkdirTemp("", "corselet-e2e-")
	if err != nil {
		return nil, err
	}
	if err := allowThirdPartyCookies(profile); err != nil {
		return nil, err
	}
	allocator, endAllocator := chromedp.NewExecAllocator(context.Background(), append(
		chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.UserDataDir(profile), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-features", "Translate,HttpsUpgrades"), // http://app.example.com must stay http
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("host-resolver-rules", strings.Join(hosts.resolverRules(), ", ")),
		// Accepts the test certificate, and no other invalid one.
		chromedp.Flag("ignore-certificate-errors-spki-list", hosts.keyHash),
	)...)
	ctx, end := chromedp.NewContext(allocator)
	stop = func() {
		end()
		endAllocator()
		removeProfile(profile)
	}
	if err := chromedp.Do(ctx); err != nil {
		stop()
		return nil, err
	}
	browser = ctx //nolint:fatcontext // the one browser of all tests, not a context that grows
	return stop, nil
}

// removeProfile tries for a while, because the browser's child processes exit after it.
func removeProfile(dir string) {
	for range 100 {
		if os.RemoveAll(dir) == nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// allowThirdPartyCookies lets pages send cookies to APIs of other sites, as far as SameSite permits. By default
// Chromium blocks them here.
func allowThirdPartyCookies(profile string) error {
	dir := filepath.Join(profile, "Default")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	const preferences = `{"profile": {"cookie_controls_mode": 0, "block_third_party_cookies": false}}`
	return os.WriteFile(filepath.Join(dir, "Preferences"), []byte(preferences), 0o600)
}

// A tab is a page in the browser.
type tab struct {
	ctx context.Context
	t   *testing.T
}

const patience = 60 * time.Second // for the browser; nothing takes more than a few seconds

// openTab opens a page of an origin, with the script, in a new tab that is closed when the test ends.
func openTab(t *testing.T, origin string) *tab {
	t.Helper()
	page := newTab(t)
	page.open(origin + "/page")
	if got := evaluate[string](page, "location.origin"); got != origin {
		t.Fatalf("got a page of %s, want one of %s", got, origin)
	}
	return page
}

// newTab opens a tab that is closed when the test ends.
func newTab(t *testing.T) *tab {
	t.Helper()
	ctx, end := chromedp.NewContext(browser)
	t.Cleanup(end)
	ctx, cancel := context.WithTimeout(ctx, patience)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("a new tab: %v", err)
	}
	// chromedp watches the network by default. The tests do not need that, and without it the browser behaves as it
	// does for users.
	if _, err := chromedp.Call(ctx, network.Disable, struct{}{}); err != nil {
		t.Fatal(err)
	}
	return &tab{ctx, t}
}

func (p *tab) open(url string) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, chromedp.Navigate(url)); err != nil {
		p.t.Fatalf("open %s: %v", url, err)
	}
}

// evaluate runs JavaScript in a page and returns what its promise resolves to.
func evaluate[T any](p *tab, format string, args ...any) T {
	p.t.Helper()
	for i, arg := range args {
		data, err := json.Marshal(arg)
		if err != nil {
			p.t.Fatal(err)
		}
		args[i] = string(data)
	}
	script := fmt.Sprintf(format, args...)
	value, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("%.200s: %v", script, err)
	}
	return value
}
