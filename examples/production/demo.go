package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
)

// demonstration is what browsers send for two pages, one of the front end and one of another
// origin.
var demonstration = []struct {
	what   string
	method string
	origin string
	header string // set by the page, besides Authorization
}{
	{"The front end's first PUT sends a preflight:", "OPTIONS", "https://app.example.com", ""},
	{"The preflight allowed it:", "PUT", "https://app.example.com", ""},
	{"The next PUT needs no preflight, which the browser has cached:", "PUT",
		"https://app.example.com", ""},
	{"The front end sends a header that the policy does not list:", "OPTIONS",
		"https://app.example.com",
		"x-request-id"},
	{"A page of another origin asks:", "OPTIONS", "https://stranger.example", ""},
}

// demonstrate sends those requests to the server itself. They are made for the built-in policy.
func demonstrate(ctx context.Context, telemetry *telemetry, url, token string) {
	for _, d := range demonstration {
		r, err := http.NewRequestWithContext(ctx, d.method, url+"/api/notes", nil)
		if err != nil {
			return
		}
		r.Header.Set("Origin", d.origin)
		r.Header.Set("Sec-Fetch-Mode", "cors")
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		if d.method == http.MethodOptions {
			r.Header.Set("Access-Control-Request-Method", "PUT")
			r.Header.Set("Access-Control-Request-Headers",
				strings.Trim("authorization,"+d.header, ","))
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
	telemetry.terminal.say("End of the demonstration. The server keeps running.")
}
