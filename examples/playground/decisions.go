package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/corselet/corselet/core"
)

// decision is a framework's decision on one request, with its verdict.
type decision struct {
	Time      time.Time `json:"time"`
	Framework string    `json:"framework"`
	Kind      string    `json:"kind"`
	Outcome   string    `json:"outcome"`
	Reason    string    `json:"reason"`
	Detail    string    `json:"detail"`
	Origin    string    `json:"origin"`
	Pattern   string    `json:"pattern"`
	Status    int       `json:"status"` // 0: the application answers

	Telemetry *telemetry `json:"telemetry"`
}

// hub is an observer that publishes every decision to its listeners without waiting for any of
// them: servers wait for their observers, and a page in a background tab must not slow down an API.
type hub struct {
	mu        sync.Mutex
	last      uint64  // number of the newest event, from 1
	recent    []event // at most recentEvents
	listeners map[chan event]bool

	sdk *sdk // if not nil, decisions have their telemetry
}

// event is a decision with its number, by which a listener that reconnects continues.
type event struct {
	id       uint64
	decision decision
}

const (
	recentEvents  = 100 // sent to a new listener
	pendingEvents = 256 // buffered for a slow listener, which loses further ones
	displayLimit  = 256 // bytes
)

var _ core.Observer = (*hub)(nil)

// Observe implements [core.Observer]. It copies what it keeps.
func (h *hub) Observe(ctx context.Context, e core.Event) {
	d, v := e.Decision(), e.Verdict()
	made := decision{
		Time:      time.Now().UTC(),
		Framework: e.PolicyName(),
		Kind:      d.Kind.String(),
		Outcome:   v.Outcome.String(),
		Reason:    v.Reason.String(),
		Detail:    forDisplay(v.Detail),
		Origin:    forDisplay(e.Origin()),
		Pattern:   forDisplay(d.Pattern),
		Status:    d.Status,
	}
	if h.sdk != nil {
		made.Telemetry = h.sdk.observe(ctx, e)
	}
	h.publish(made)
}

func (h *hub) publish(d decision) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.last++
	e := event{h.last, d}
	if len(h.recent) == recentEvents {
		h.recent = append(h.recent[:0], h.recent[1:]...)
	}
	h.recent = append(h.recent, e)
	for listener := range h.listeners {
		select {
		case listener <- e:
		default:
		}
	}
}

// newest returns the number of the newest event, 0 if there is none.
func (h *hub) newest() uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.last
}

// listen returns a channel of events, beginning with the recent ones that are newer than after, and
// a function that ends it. An unknown number, such as one from another run of the program, counts
// as 0.
func (h *hub) listen(after uint64) (events <-chan event, cancel func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if after > h.last {
		after = 0
	}
	listener := make(chan event, pendingEvents)
	for _, e := range h.recent {
		if e.id > after {
			listener <- e
		}
	}
	if h.listeners == nil {
		h.listeners = map[chan event]bool{}
	}
	h.listeners[listener] = true
	return listener, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.listeners, listener)
	}
}

const (
	streamPause   = 15 * time.Second // between signs of life of a silent stream
	streamTimeout = 10 * time.Second // for a client to read what is written
)

// ServeHTTP streams decisions as server-sent events.
//
// https://html.spec.whatwg.org/multipage/server-sent-events.html
func (h *hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	after, _ := strconv.ParseUint(r.Header.Get("Last-Event-ID"), 10, 64) // 0 if absent or malformed
	events, cancel := h.listen(after)
	defer cancel()
	w.Header().Set("Content-Type", "text/event-stream")
	out := http.NewResponseController(w)
	alive := time.NewTicker(streamPause)
	defer alive.Stop()
	text := ":\n\n" // a comment: the client sees at once that it is connected
	for {
		out.SetWriteDeadline(time.Now().Add(streamTimeout)) // an error shows when writing
		fmt.Fprint(w, text)
		if out.Flush() != nil {
			return
		}
		select {
		case <-r.Context().Done():
			return
		case <-alive.C:
			text = ":\n\n"
		case e := <-events:
			data, err := json.Marshal(e.decision)
			if err != nil {
				return // cannot happen: these values always have a JSON form
			}
			text = fmt.Sprintf("id: %d\ndata: %s\n\n", e.id, data)
		}
	}
}

// forDisplay returns a copy of text from a request, as valid UTF-8 of at most displayLimit bytes in
// which every character is printable.
func forDisplay(s string) string {
	return strings.Clone(strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return '?' // one byte for at least one
		}
		return r
	}, s[:min(len(s), displayLimit)]))
}
