package otelcors

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	sdk "go.opentelemetry.io/otel/sdk/trace"

	"github.com/corselet/corselet/core"
)

var replayPolicy = core.Config{
	Origins:        []string{app, "https://other.example", "null"},
	Methods:        []string{"PUT", "DELETE"},
	RequestHeaders: []string{"Content-Type", "X-Custom"},
	Unsafe:         core.Unsafe{Accept: []string{"null"}},
}

// replayer sends requests to an observed policy and returns the inferred status of each.
type replayer struct {
	*telemetry
	handle *core.CORS
	last   sdk.ReadOnlySpan
	tracer *sdk.TracerProvider
}

func newReplayer(t *testing.T, opts ...Option) *replayer {
	t.Helper()
	p := &replayer{telemetry: newTelemetry(t, opts...)}
	p.handle = p.cors(t, replayPolicy)
	p.tracer = sdk.NewTracerProvider(sdk.WithSpanProcessor(p))
	return p
}

func (p *replayer) OnStart(context.Context, sdk.ReadWriteSpan) {}
func (p *replayer) OnEnd(s sdk.ReadOnlySpan)                   { p.last = s }
func (p *replayer) Shutdown(context.Context) error             { return nil }
func (p *replayer) ForceFlush(context.Context) error           { return nil }

// play returns the cache status that the request's span shows, or "-".
func (p *replayer) play(r *core.Request) string {
	ctx, span := p.tracer.Tracer("").Start(context.Background(), "")
	p.handle.Decide(ctx, r)
	span.End()
	if status, ok := asText(p.last.Attributes())["cors.preflight.cache.status"]; ok {
		return status
	}
	return "-"
}

// browserRequest makes a request out of what a log says: the method, with what makes it special behind a dash.
func browserRequest(client, what, url string) *core.Request {
	origin, fields := app, []string{}
	switch client {
	case "null":
		origin = "null"
	case "plain":
		fields = append(fields, "Sec-Fetch-Mode", "")
	}
	method, kind, _ := strings.Cut(what, "-")
	switch kind {
	case "json":
		fields = append(fields, "Content-Type", "application/json")
	case "form":
		fields = append(fields, "Content-Type", "text/plain; charset=utf-8")
	case "custom":
		fields = append(fields, "X-Custom", "1")
	}
	r := newRequest(method, origin, fields...)
	place(r, client, url)
	return r
}

// browserPreflight makes the preflight for a method.
func browserPreflight(client, method, url string) *core.Request {
	r := browserRequest(client, "OPTIONS", url)
	sourceOf(r).header.Set(core.FieldRequestMethod, method)
	r.HasRequestMethod = true
	return r
}

func place(r *core.Request, client, url string) {
	source := sourceOf(r)
	source.path, source.query, _ = strings.Cut(url, "?")
	source.addr = netip.AddrFrom4([4]byte{192, 0, 2, client[0]})
}

func TestReplay(t *testing.T) {
	data, err := os.ReadFile("testdata/replay.json")
	if err != nil {
		t.Fatal(err)
	}
	var sessions []struct {
		Name        string
		Undecidable bool
		Log         []string // time, client, "preflight" and its method or the method, URL, truth, what is inferred if not the truth
	}
	if err := json.Unmarshal(data, &sessions); err != nil {
		t.Fatal(err)
	}
	for _, session := range sessions {
		t.Run(session.Name, func(t *testing.T) {
			p := newReplayer(t)
			wrong := 0
			for _, line := range session.Log {
				words := strings.Fields(line)
				if p.now, err = time.ParseDuration(words[0]); err != nil {
					t.Fatal(err)
				}
				if words[2] == "preflight" {
					want := "-"
					if words[1] == "plain" || words[1] == "null" {
						want = "unknown"
					}
					if got := p.play(browserPreflight(words[1], words[3], words[4])); got != want {
						t.Errorf("%s: got %s, want %s", line, got, want)
					}
					continue
				}
				want, got := words[4], p.play(browserRequest(words[1], words[2], words[3]))
				if len(words) > 5 {
					want = words[5]
					wrong++
				}
				if got != want {
					t.Errorf("%s: got %s", line, got)
				}
			}
			if (wrong > 0) != session.Undecidable {
				t.Errorf("got %d requests whose status cannot be told, want some only in sessions that say so", wrong)
			}
		})
	}
}

// browser is a model of a browser's preflight cache. What it caches is the same whichever method was asked for,
// because the policy's answer lists all of them; entries are by URL and origin.
type browser struct {
	maxAge  time.Duration
	entries map[string]time.Duration // when they expire
}

// has reports whether the preflight of a request that starts now is in the cache.
func (b *browser) has(key string, now time.Duration) bool { return now < b.entries[key] }

// TestReplayOfRandomSessions lets a few browsers send requests, one after the other and in parallel, and infers from
// what reaches the server alone what each browser had in its cache. Scripts at the same addresses change neither that
// nor the ratio.
func TestReplayOfRandomSessions(t *testing.T) {
	for _, maxAge := range []time.Duration{0, 5 * time.Second, 10 * time.Minute} {
		t.Run(maxAge.String(), func(t *testing.T) {
			p := newReplayer(t)
			random := rand.New(rand.NewPCG(1, uint64(maxAge)))
			browsers := map[string]*browser{}
			seen := map[string]int{}
			for range 3000 {
				p.now += time.Duration(random.Int64N(int64(3 * time.Second)))
				playScript(t, random, p)
				for _, r := range randomBurst(random, browsers, maxAge, p.now, p.play) {
					p.now += time.Duration(random.Int64N(int64(200 * time.Millisecond)))
					if got := p.play(r.request); got != r.truth {
						t.Fatalf("at %v, %s: got %s, want %s", p.now, r.what, got, r.truth)
					}
					seen[r.truth]++
				}
			}
			if seen["miss"] < 100 || seen["hit"] < 100 && maxAge > 0 || seen["-"] < 100 {
				t.Errorf("got %v, want enough of each", seen)
			}
			// Each request that a browser sent a preflight for is a miss, so the truth about the ratio is known.
			got, ok := hitRatio(p.counts(t, "cors.requests"))
			want := float64(seen["hit"]) / float64(seen["hit"]+seen["miss"])
			if !ok || math.Abs(got-want) > 1e-9 {
				t.Errorf("got a ratio of %v, %t, want %v", got, ok, want)
			}
			t.Log(seen)
		})
	}
}

// playScript sends what a client that is no browser may send: preflights, requests, or both, in any order.
func playScript(t *testing.T, random *rand.Rand, p *replayer) {
	t.Helper()
	for range random.IntN(3) {
		url := fmt.Sprintf("/%d?%d", random.IntN(2), random.IntN(2))
		r := browserPreflight("plain", "PUT", url)
		if random.IntN(2) == 0 {
			r = browserRequest("plain", "PUT", url)
		}
		place(r, string(rune('a'+random.IntN(3))), url)
		if got := p.play(r); got != "unknown" {
			t.Fatalf("a script's %s: got %s, want unknown", r.Method, got)
		}
	}
}

type knownRequest struct {
	request     *core.Request
	what, truth string
}

// randomBurst has some requests start at once: it plays their preflights, and returns them, in any order, with the
// truth about each.
func randomBurst(
	random *rand.Rand, browsers map[string]*browser, maxAge, now time.Duration, play func(*core.Request) string,
) (burst []knownRequest) {
	fresh := map[*browser][]string{}
	for range 1 + random.IntN(4)*random.IntN(3) {
		client := string(rune('a' + random.IntN(3)))
		method := []string{"GET", "PUT", "PUT", "DELETE", "POST-json", "POST-form", "GET-custom"}[random.IntN(7)]
		url := fmt.Sprintf("/%d?%d", random.IntN(2), random.IntN(2))
		r := browserRequest(client, method, url)
		if random.IntN(4) == 0 {
			r.Origin = "https://other.example"
		}
		b := browsers[client]
		if b == nil {
			b = &browser{maxAge, map[string]time.Duration{}}
			browsers[client] = b
		}
		key, truth := r.Origin+url, "hit"
		switch {
		case method == "GET" || method == "POST-form":
			truth = "-"
		case !b.has(key, now):
			truth = "miss"
			preflight := newPreflight(r.Method, r.Origin)
			place(preflight, client, url)
			play(preflight)
			fresh[b] = append(fresh[b], key)
		}
		burst = append(burst, knownRequest{r, client + " " + method + " " + url, truth})
	}
	for b, keys := range fresh {
		for _, key := range keys {
			b.entries[key] = now + maxAge
		}
	}
	random.Shuffle(len(burst), func(i, j int) { burst[i], burst[j] = burst[j], burst[i] })
	return burst
}
