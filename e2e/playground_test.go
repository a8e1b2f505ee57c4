package e2e

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// playgroundProgram is a running playground.
type playgroundProgram struct {
	port       string            // of the front end
	frameworks map[string]string // URL, by name
}

// startPlayground builds the playground and runs it until the test ends.
func startPlayground(t *testing.T) *playgroundProgram {
	t.Helper()
	name := filepath.Join(t.TempDir(), "playground")
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	build := exec.Command("go", "build", "-o", name, ".")
	build.Dir = playground
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, output)
	}
	program := exec.Command(name, "-base-port", "0")
	stdout, err := program.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = program.Process.Signal(os.Interrupt)
		_ = program.Wait()
	})
	p := &playgroundProgram{frameworks: map[string]string{}}
	lines := bufio.NewScanner(stdout)
	for len(p.frameworks) < len(frameworks) && lines.Scan() { // each line is a name and a URL; the front end comes first
		cut := strings.LastIndexByte(lines.Text(), ' ')
		server, url := lines.Text()[:cut], lines.Text()[cut+1:]
		if p.port == "" {
			p.port = url[strings.LastIndexByte(url, ':')+1:]
			continue
		}
		p.frameworks[server] = url
	}
	if len(p.frameworks) < len(frameworks) {
		t.Fatalf("got servers %v, want one for each of %d frameworks", p.frameworks, len(frameworks))
	}
	return p
}

// TestThePlaygroundsPage does what a visitor does.
func TestThePlaygroundsPage(t *testing.T) {
	needsBrowser(t)
	p := startPlayground(t)
	table, _ := readPlayground(t)
	passing := 0
	for _, s := range table.Scenarios {
		if s.Allowed[len(s.Allowed)-1].Verdict == "allowed" {
			passing++
		}
	}
	page := newTab(t)
	page.open("http://localhost:" + p.port)

	// A script needs a preflight by the standard, sends none, and must not look like a browser that cached it.
	send(t, "PUT", p.frameworks["gin"]+"/api/ok", "http://localhost:"+p.port)
	page.wait("#cache", "inferred: – (no request that a known browser sent", "Not counted: 1 request of clients not known")

	page.runAll(passing*len(frameworks), (len(table.Scenarios)-passing)*len(frameworks))
	page.wait("#cache", " % (", "Not counted: 1 request of")
	page.wait("#standing", "allowed by http://localhost:*")
	page.screenshots("allowed")

	page.click("#twin")
	page.wait("#origin", "http://127.0.0.1:"+p.port)
	page.runAll(0, len(table.Scenarios)*len(frameworks))
	page.wait("#standing", "not allowed")
	page.screenshots("refused")

	t.Run("a policy that allows this page", func(t *testing.T) {
		page := &tab{page.ctx, t}
		page.edit(`{"origins": ["http://127.0.0.1:*"], "methods": ["*"], "request_headers": ["*"]}`)
		page.click("#editor [type=submit]")
		page.wait("#applied", "Applied to all servers.")
		// All pass but the request with credentials.
		page.wait("#summary", summary((len(table.Scenarios)-1)*len(frameworks), len(frameworks)))
		page.wait("#standing", "allowed by http://127.0.0.1:*")
		page.wait("#trust", "pages of http://127.0.0.1 on any port may read responses, without credentials")
	})
	t.Run("a broken policy changes nothing", func(t *testing.T) {
		page := &tab{page.ctx, t}
		before := p.policy(t)
		page.clickButton("Full of mistakes")
		page.click("#editor [type=submit]")
		page.wait("#applied", "The old policy still applies.")
		problems := evaluate[[]string](page, `[...document.querySelectorAll("#applied li")].map((e) => e.textContent)`)
		if len(problems) < 10 || !strings.Contains(strings.Join(problems, "\n"), "https://aexample.com") {
			t.Errorf("got problems %q, want at least 10, with a counter-example to the regexp", problems)
		}
		if after := p.policy(t); after != before {
			t.Errorf("got policy %s, want still %s", after, before)
		}
		page.screenshots("mistakes")
	})
	t.Run("the list is live", func(t *testing.T) {
		page := &tab{page.ctx, t}
		for name, url := range p.frameworks {
			send(t, "GET", url+"/api/ok", "https://evil.example")
			page.wait("#decisions li:first-child", name, "origin_not_allowed", "https://evil.example")
		}
	})
	t.Run("its layout holds on a phone", func(t *testing.T) {
		page := &tab{page.ctx, t}
		page.isAsWideAs(390)
		page.isAsWideAs(1280)
	})
}

// policy returns the current policy.
func (p *playgroundProgram) policy(t *testing.T) string {
	t.Helper()
	response, err := http.Get("http://localhost:" + p.port + "/policy")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var policy any
	if err := json.NewDecoder(response.Body).Decode(&policy); err != nil {
		t.Fatal(err)
	}
	return asJSON(policy)
}

// send makes a request from outside of the browser, as a terminal would.
func send(t *testing.T, method, url, origin string) {
	t.Helper()
	request, err := http.NewRequest(method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Origin", origin)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
}

func summary(passed, refused int) string {
	return fmt.Sprintf("%d allowed, %d refused", passed, refused)
}

// runAll presses the button, and waits until the given numbers of calls have passed and been refused.
func (p *tab) runAll(passed, refused int) {
	p.t.Helper()
	p.waitFor(`!document.querySelector("#run").disabled`)
	p.click("#run")
	p.wait("#summary", summary(passed, refused))
}

func (p *tab) click(selector string) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, chromedp.Click(chromedp.CSS(selector))); err != nil {
		p.t.Fatalf("click %s: %v", selector, err)
	}
}

func (p *tab) clickButton(text string) {
	p.t.Helper()
	evaluate[bool](p, `[...document.querySelectorAll("button")].find((b) => b.textContent === %s).click() ?? true`, text)
}

func (p *tab) edit(policy string) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, chromedp.SetValue(chromedp.CSS("#policy"), policy)); err != nil {
		p.t.Fatal(err)
	}
}

// wait waits until an element's text contains some words.
func (p *tab) wait(selector string, words ...string) {
	p.t.Helper()
	p.waitFor(`((e) => e && %s.every((word) => e.textContent.includes(word)))(document.querySelector(%s))`, words, selector)
}

// waitFor waits until a condition holds. chromedp's own Poll compiles it in the page, which the page's policy forbids.
func (p *tab) waitFor(format string, args ...any) {
	p.t.Helper()
	deadline := time.Now().Add(patience / 2)
	for !evaluate[bool](p, "!!("+format+")", append([]any(nil), args...)...) {
		if time.Now().After(deadline) {
			p.t.Fatalf("got no %s %v in time; the page says\n%s", format, args,
				evaluate[string](p, "document.body.innerText"))
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// screenshots takes pictures of the page in both colour schemes, for a desktop and a phone. go test -artifacts keeps
// them.
func (p *tab) screenshots(name string) {
	p.t.Helper()
	dir := p.t.ArtifactDir()
	for _, scheme := range []string{"light", "dark"} {
		for _, width := range []int64{1280, 390} {
			p.emulate(scheme, width)
			evaluate[bool](p, "new Promise((done) => setTimeout(done, 100, true))") // to paint what is new
			picture, err := chromedp.Run(p.ctx, chromedp.FullScreenshot(100))
			if err != nil {
				p.t.Fatal(err)
			}
			file := filepath.Join(dir, name+"-"+scheme+"-"+strconv.FormatInt(width, 10)+".png")
			if err := os.WriteFile(file, picture, 0o600); err != nil {
				p.t.Fatal(err)
			}
		}
	}
	p.emulate("light", 1280)
}

// emulate sets the colour scheme that the visitor prefers, and the width of the window.
func (p *tab) emulate(scheme string, width int64) {
	p.t.Helper()
	media := emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	}
	_, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, media)
	if err == nil {
		err = chromedp.Do(p.ctx, chromedp.EmulateViewport(width, 844))
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

// isAsWideAs fails the test if anything is outside of a window of that width, or needs sideways scrolling.
func (p *tab) isAsWideAs(width int64) {
	p.t.Helper()
	p.emulate("light", width)
	if got := evaluate[int64](p, "document.documentElement.scrollWidth"); got != width {
		p.t.Errorf("got a page %d pixels wide, want %d", got, width)
	}
	outside := evaluate[[]string](p, `[...document.querySelectorAll("body *")].filter((e) => {
		const box = e.getBoundingClientRect();
		const clipped = (e) => e && (getComputedStyle(e).clipPath !== "none" || clipped(e.parentElement));
		return box.width > 0 && (box.right > innerWidth + 0.5 || box.left < -0.5) && !clipped(e);
	}).map((e) => e.outerHTML.slice(0, 80))`)
	if len(outside) > 0 {
		p.t.Errorf("at %d pixels: got elements outside of the window: %q", width, outside)
	}
}
