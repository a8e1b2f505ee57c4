package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
)

// demonstration is what two pages send, one of the front end and one of a stranger, as browsers would.
var demonstration = []struct {
	what   string
	method string
	origin string
	header string // that the page sets beyond Authorization
}{
	{"The front end's first PUT asks for leave:", "OPTIONS", "https://app.example.com", ""},
	{"It has leave:", "PUT", "https://app.example.com", ""},
	{"The next one asks no more; the browser knows:", "PUT", "https://app.example.com", ""},
	{"The front end has begun to send a header that the policy does not list:", "OPTIONS", "https://app.example.com",
		"x-request-id"},
	{"A page of somebody else's asks:", "OPTIONS", "https://stranger.example", ""},
}

// demonstrate sends those requests to the server itself, so that there is something to see. They are made for the
// built-in policy.
func demonstrate(ctx context.Context, telemetry *telemetry, url, token string) {
	for _, d := range demonstration {
		r, err := http.NewRequestWithContext(ctx, d.method, url+"/api/notes", nil)
		if err != nil {
			return
		}
		r.Header.Set("Origin", d.origin)
		r.Header.Set("Sec-Fetch-Mode", "cors")
		if d.method == http.MethodOptions {
			r.Header.Set("Access-Control-Request-Method", "PUT")
			r.Header.Set("Access-Control-Request-Headers", strings.Trim("authorization,"+d.header, ","))
		} else {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		telemetry.terminal.say(fmt.Sprintf("%s %s from %s", d.what, d.method, d.origin))
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			return // the program is ending
		}
		response.Body.Close()
		telemetry.flush(ctx)
	}
	telemetry.terminal.say("That was the demonstration; the server goes on.")
}
