package e2e

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
)

var (
	seed   = flag.Uint64("seed", defaultSeed, "seed of the generator of the differential test")
	trials = flag.Int("trials", defaultTrials, "number of trials of the differential test")
)

const (
	defaultSeed   = 1
	defaultTrials = 2000
)

// TestTheModelDoesAsChromiumDoes has Chromium and corstest.Browser make the same generated requests to the same
// servers. Except for the exceptions, scripts must see the same, and the same requests must reach the servers.
func TestTheModelDoesAsChromiumDoes(t *testing.T) {
	needsBrowser(t)
	t.Logf("-seed %d -trials %d", *seed, *trials)
	g := newGenerator(*seed)
	lab := newLaboratory()
	hosts.pages.Handle("/trial/", lab)
	for id := range *trials {
		lab.trials = append(lab.trials, g.trial(id))
	}
	used := map[string]int{}
	got, want := lab.byModel(t, used), lab.byChromium(t)
	for i, trial := range lab.trials {
		leaveOut(&want[i], used)
		leaveOut(&got[i], map[string]int{})
		if !isSkipped(trial, &want[i], used) && !reflect.DeepEqual(got[i], want[i]) {
			t.Errorf("trial %d: a page of %s: %s\nmeets %s\nthe model: %v\nChromium:  %v", i, trial.page.origin,
				asJSON(trial.call), trial.about, got[i], want[i])
		}
	}
	checkExceptions(t, used)
	checkVariety(t, want)
}

// checkExceptions requires that a trial needs each exception, so none outlives its reason.
func checkExceptions(t *testing.T, used map[string]int) {
	t.Helper()
	for _, e := range exceptions {
		t.Logf("%d times: %s", used[e.name], e.name)
		if used[e.name] == 0 && *seed == defaultSeed && *trials >= defaultTrials {
			t.Errorf("exception %q: got no trial that needs it; if the browser has changed, remove it", e.name)
		}
	}
}

// checkVariety requires that enough trials went each way, to notice a one-sided generator.
func checkVariety(t *testing.T, outcomes []outcome) {
	t.Helper()
	count := map[string]int{}
	for _, o := range outcomes {
		preflighted := slices.ContainsFunc(o.sent, func(r *sentRequest) bool {
			return slices.ContainsFunc(r.fields, func(f string) bool {
				return strings.HasPrefix(f, core.FieldRequestMethod+": ")
			})
		})
		for what, is := range map[string]bool{
			"with a response": o.seen.Failed == "", "refused": o.seen.Failed != "" && len(o.sent) > 0,
			"not sent": len(o.sent) == 0, "preflighted": preflighted,
			"preflighted, with a response": preflighted && o.seen.Failed == "", "redirected": o.seen.Redirected,
			"opaque": o.seen.Type == "opaque",
		} {
			if is {
				count[what]++
			}
		}
	}
	for _, what := range slices.Sorted(maps.Keys(count)) {
		t.Logf("%d trials %s", count[what], what)
	}
	const kinds = 7
	for what, n := range count {
		if least := len(outcomes) / 250; n < least || len(count) < kinds {
			t.Errorf("got %d trials %s, of %d kinds, want at least %d of %d", n, what, len(count), least, kinds)
		}
	}
}

// laboratory serves the trials and records what reaches them.
type laboratory struct {
	trials []*trial
	mu     sync.Mutex
	sent   map[int][]*sentRequest // by trial
}

func newLaboratory() *laboratory { return &laboratory{sent: map[int][]*sentRequest{}} }

// outcome is the result of a trial.
type outcome struct {
	seen seen
	sent []*sentRequest
}

func (o outcome) String() string {
	s := asJSON(o.seen)
	for _, r := range o.sent {
		s += fmt.Sprintf("\n\t%s %s %q", r.method, r.url, r.fields)
	}
	return s
}

func asJSON(value any) string {
	data, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	return string(data)
}

// ServeHTTP serves /trial/<id>/<stage>.
func (l *laboratory) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.Atoi(strings.Split(r.URL.Path, "/")[2])
	if err != nil || id >= len(l.trials) {
		http.NotFound(w, r)
		return
	}
	l.mu.Lock()
	l.sent[id] = append(l.sent[id], describe(r))
	l.mu.Unlock()
	w.Header()["Date"] = nil // differs between two requests
	l.trials[id].server.ServeHTTP(w, r)
}

func (l *laboratory) take() map[int][]*sentRequest {
	l.mu.Lock()
	defer l.mu.Unlock()
	taken := l.sent
	l.sent = map[int][]*sentRequest{}
	return taken
}

// sentRequest is a request that reached a server.
type sentRequest struct {
	method, url string
	fields      []string // sorted
}

// describe returns a request as text, without fields that identify the browser, and those of other standards.
func describe(r *http.Request) *sentRequest {
	sent := &sentRequest{method: r.Method, url: "//" + r.Host + r.URL.String()}
	for name, values := range r.Header {
		switch {
		case strings.HasPrefix(name, "Sec-Ch-"), name == "Sec-Fetch-Storage-Access", name == "Accept-Encoding",
			name == "Connection", name == "Priority", name == "Referer", name == "User-Agent",
			name == "Accept-Language" && strings.HasPrefix(values[0], "en-US"):
		case r.Method == http.MethodPatch && name == "Content-Length" && values[0] == "0":
			// net/http's client, which the model uses, adds it.
		default:
			value := strings.TrimRight(strings.Join(values, ", "), " ") // Go's HTTP/2 sends it, but it is not part of the value
			sent.fields = append(sent.fields, name+": "+value)
		}
	}
	slices.Sort(sent.fields)
	return sent
}

// trialCookies are set for every target before the trials.
const trialCookies = "strict=1; SameSite=Strict\nlax=1; SameSite=Lax\ndefault=1\nnone=1; SameSite=None; Secure"

// byChromium makes all calls of a page at once.
func (l *laboratory) byChromium(t *testing.T) []outcome {
	hosts.pages.HandleFunc("/cookies", func(w http.ResponseWriter, _ *http.Request) {
		for line := range strings.SplitSeq(trialCookies, "\n") {
			w.Header().Add("Set-Cookie", line)
		}
	})
	outcomes := make([]outcome, len(l.trials))
	cookies := openTab(t, front)
	for _, target := range trialTargets {
		cookies.open(target + "/cookies")
	}
	for _, page := range trialPages {
		var list []call
		var ids []int
		for _, trial := range l.trials {
			if trial.page == page {
				list, ids = append(list, trial.call), append(ids, trial.id)
			}
		}
		tab := openTab(t, page.tab)
		for i, seen := range tab.calls(page.where, 6, list...) {
			outcomes[ids[i]].seen = seen
		}
	}
	for id, sent := range l.take() {
		outcomes[id].sent = sent
	}
	for i := range outcomes {
		outcomes[i].seen.Progress = 0 // the model has no progress
		if outcomes[i].seen.Failed != "" {
			outcomes[i].seen.Failed = "TypeError" // XMLHttpRequest throws other errors
		}
	}
	return outcomes
}

func (l *laboratory) byModel(t *testing.T, used map[string]int) []outcome {
	transport := &http.Transport{
		DialContext: hosts.dial, ForceAttemptHTTP2: true, DisableCompression: true,
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, // the test is not about certificates
	}
	defer transport.CloseIdleConnections()
	b := corstest.NewBrowserVia(transport, corstest.LikeChromium())
	for _, target := range trialTargets {
		for line := range strings.SplitSeq(trialCookies, "\n") {
			cookie, err := http.ParseSetCookie(line)
			if err != nil {
				t.Fatal(err)
			}
			if err := b.SetCookies(target, cookie); err != nil {
				t.Fatal(err)
			}
		}
	}
	outcomes := make([]outcome, len(l.trials))
	for i, trial := range l.trials {
		c := forModel(trial.call, used)
		outcomes[i].seen = c.asSeen(b.Fetch(t.Context(), c.request(trial.page.origin)))
	}
	for id, sent := range l.take() {
		outcomes[id].sent = sent
	}
	return outcomes
}

// dial connects to the server of host:port.
func (s *servers) dial(ctx context.Context, network, address string) (net.Conn, error) {
	for _, name := range s.order {
		if name == address || strings.HasPrefix(name, "*") && strings.HasSuffix(address, name[1:]) {
			return new(net.Dialer).DialContext(ctx, network, s.address[name])
		}
	}
	return nil, fmt.Errorf("no server for %s", address)
}
