package e2e

import (
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
)

// An exception is a difference between Chromium and the model, even with LikeChromium, for a reason. It covers as
// little as possible, so the rest of the trial is still compared.
type exception struct {
	name, reason string
	// call changes the model's call, and reports whether there was something to change.
	call func(*call) bool
	// sent removes from a request what is not compared, on both sides, and reports whether there was something.
	sent func(*sentRequest) bool
	// skips reports whether a trial, with its result in Chromium, cannot be compared at all.
	skips func(*trial, *outcome) bool
}

var exceptions = []exception{
	{
		name:   "User-Agent set by a script",
		reason: "Chromium drops it silently (crbug.com/571722); by the standard it is a header like any other",
		call:   func(c *call) bool { return c.drop("User-Agent") },
	}, {
		name: "client hints set by a script",
		reason: "Chromium safelists DPR, Save-Data: on and similar fields, as an older version of the standard did; " +
			"the model follows today's",
		call: func(c *call) bool {
			dpr, saveData := c.drop("DPR"), c.drop("Save-Data")
			return dpr || saveData
		},
		sent: func(r *sentRequest) bool {
			dpr, saveData := r.drop("Dpr: 2"), r.drop("Save-Data: on")
			return dpr || saveData
		},
	}, {
		name: "Sec-Fetch-Mode on preflights to URLs that are not trusted",
		reason: "Chromium sets the field on every preflight itself, without the test of Fetch Metadata, 2.2: it is not " +
			"sent to URLs that are not potentially trustworthy",
		sent: func(r *sentRequest) bool {
			return r.method == "OPTIONS" && !r.has("Sec-Fetch-Dest: empty") && r.drop("Sec-Fetch-Mode: cors")
		},
	}, {
		name: "Cache-Control for If-None-Match",
		reason: "the model has no HTTP cache, and so no cache modes, which by Fetch, 4.6, steps 8.16 to 8.18 show in " +
			"this field (Chromium lets preflights show them too)",
		sent: func(r *sentRequest) bool { return r.drop("Cache-Control: max-age=0") },
	}, {
		name: "Sec-Fetch-Site on preflights after a redirect",
		reason: "Chromium compares the page with the preflight's URL alone; Fetch, 4.8, step 1 gives the preflight the " +
			"whole URL list, which has the other site",
		sent: func(r *sentRequest) bool {
			return r.method == "OPTIONS" && !strings.HasSuffix(r.url, "/0") && r.dropContaining("Sec-Fetch-Site: ")
		},
	}, {
		name: "the case of a charset",
		reason: "Chromium's XMLHttpRequest writes charset=UTF-8 whatever the script did; by XMLHttpRequest, 4.5.6, a " +
			"charset that differs from UTF-8 only in case stays",
		sent: func(r *sentRequest) bool { return r.dropContaining("TEXT/plain; charset=") },
	}, {
		name: "a redirect that leads nowhere in redirect mode manual",
		reason: "Chromium's network stack refuses a Location that is not an http or https URL before it checks the " +
			"mode; by Fetch, 4.4, step 6.2 a manual redirect is not examined",
		skips: func(t *trial, _ *outcome) bool {
			nowhere := strings.Contains(t.about, "mailto:") || strings.Contains(t.about, "http://[bad")
			return nowhere && t.call.Redirect == "manual"
		},
	}, {
		name: "a redirect without Location in redirect mode error",
		reason: "Chromium does not treat it as a redirect, and the page sees its status; Fetch, 4.4, step 6.2 checks " +
			"only the status",
		skips: func(t *trial, chromium *outcome) bool {
			return t.call.Redirect == "error" && chromium.seen.Status >= 300 && chromium.seen.Status <= 399
		},
	}, {
		name: "the origin of a POST in mode no-cors after a redirect",
		reason: "Chromium says null after any redirect to another origin; by Fetch, 2.2.5, redirect-taint, only if the " +
			"redirect did not come from the page's own origin",
		skips: func(t *trial, chromium *outcome) bool {
			last := len(chromium.sent) - 1
			return t.call.Mode == "no-cors" && last > 0 && chromium.sent[last].method == http.MethodPost
		},
	}, {
		name: "a redirect to a URL with a password in mode no-cors",
		reason: "Chromium blocks passwords in the URLs of subresources altogether; Fetch, 4.5, step 9 does so in mode " +
			"cors only",
		skips: func(t *trial, _ *outcome) bool {
			return t.call.Mode == "no-cors" && strings.Contains(t.about, "user:pass@")
		},
	},
}

// forModel returns the model's call, and counts the exceptions that changed it.
func forModel(c call, used map[string]int) call {
	c.Headers = slices.Clone(c.Headers)
	for _, e := range exceptions {
		if e.call != nil && e.call(&c) {
			used[e.name]++
		}
	}
	return c
}

// leaveOut removes from the requests what exceptions do not compare, and counts them.
func leaveOut(o *outcome, used map[string]int) {
	for _, r := range o.sent {
		for _, e := range exceptions {
			if e.sent != nil && e.sent(r) {
				used[e.name]++
			}
		}
	}
}

// isSkipped reports whether an exception skips a trial, and counts it.
func isSkipped(t *trial, chromium *outcome, used map[string]int) bool {
	for _, e := range exceptions {
		if e.skips != nil && e.skips(t, chromium) {
			used[e.name]++
			return true
		}
	}
	return false
}

// drop removes all lines of a header, and reports whether there was one.
func (c *call) drop(name string) bool {
	before := len(c.Headers)
	c.Headers = slices.DeleteFunc(c.Headers, func(line [2]string) bool { return strings.EqualFold(line[0], name) })
	return len(c.Headers) < before
}

func (r *sentRequest) has(field string) bool { return slices.Contains(r.fields, field) }

// drop removes a field, and reports whether it was there.
func (r *sentRequest) drop(field string) bool {
	before := len(r.fields)
	r.fields = slices.DeleteFunc(r.fields, func(f string) bool { return f == field })
	return len(r.fields) < before
}

func (r *sentRequest) dropContaining(part string) bool {
	before := len(r.fields)
	r.fields = slices.DeleteFunc(r.fields, func(f string) bool { return strings.Contains(f, part) })
	return len(r.fields) < before
}

func TestREADMENamesEveryException(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range exceptions {
		if !strings.Contains(string(readme), "\n| "+e.name+" |") {
			t.Errorf("got no row on %q in README.md, want one", e.name)
		}
	}
	_, table, _ := strings.Cut(string(readme), "\n| exception | |\n|---|---|\n")
	table, _, _ = strings.Cut(table, "\n\n")
	if rows := strings.Count(table, "\n") + 1; rows != len(exceptions) {
		t.Errorf("got %d rows in README.md, want one for each of %d exceptions", rows, len(exceptions))
	}
}
