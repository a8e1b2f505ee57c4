package core_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/httpcors"
)

func Example() {
	policy, err := core.Compile(core.Config{
		Origins:        []string{"https://app.example.com", "https://*.example.org"},
		Credentials:    true,
		Methods:        []string{"PUT", "DELETE"},
		RequestHeaders: []string{"Content-Type"},
	})
	if err != nil {
		log.Fatal(err)
	}

	r := httptest.NewRequest("OPTIONS", "https://api.example.com/notes", nil)
	r.Header.Set("Origin", "https://app.example.com")
	r.Header.Set("Access-Control-Request-Method", "PATCH")

	preflight := httpcors.NewRequest(r)
	decision := policy.Decide(&preflight)
	verdict := policy.Verdict(&preflight, &decision)

	fmt.Println(decision.Kind, decision.Status, decision.Pattern)
	for i := range decision.NumFields() {
		fmt.Println(decision.Field(i))
	}
	fmt.Println("repeats Origin:", decision.RepeatsOrigin)
	fmt.Println(verdict.Outcome, verdict.Reason, verdict.Detail)
	// Output:
	// preflight 204 https://app.example.com
	// Access-Control-Allow-Credentials true
	// Access-Control-Allow-Methods PUT,DELETE
	// Access-Control-Allow-Headers content-type
	// repeats Origin: true
	// denied method_not_allowed PATCH
}

func ExampleConfigErrors() {
	_, err := core.New(core.Config{
		Origins:     []string{"https://Example.com/", "example.org:443", "http://app.example.com"},
		Credentials: true,
		Methods:     []string{"patch"},
	})
	fmt.Println(err)
	fmt.Println()
	for e := range core.ConfigErrors(err) {
		fmt.Println(e.Field, e.Index, e.Reason)
	}
	// Output:
	// cors: origins[0]: "https://Example.com/": has a path, which is not part of an origin; write "https://example.com"
	// cors: origins[1]: "example.org:443": has no scheme; write "https://example.org"
	// cors: origins[2]: "http://app.example.com": lets anyone on the network act with your users' credentials; write "https://app.example.com", or list it in unsafe.accept
	// cors: methods[0]: "patch": differs from a standard method in case, which matters; write "PATCH", in fetch calls too: fetch does not normalize its case
	//
	// origins 0 path
	// origins 1 missing_scheme
	// origins 2 insecure_origin
	// methods 0 method_case
}

func ExampleConfig_originRegexps() {
	policy, err := core.Compile(core.Config{
		OriginRegexps: []string{`https://(www|pr-[0-9]+)\.example\.com`},
		Credentials:   true,
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, trust := range policy.TrustList() {
		fmt.Println(trust)
	}

	_, err = core.Compile(core.Config{OriginRegexps: []string{
		`^https://.*example\.com$`, // the dot in front of the domain is missing
		`https://(www\.?)?example\.com`,
		`https://example\.com|https://.*dev`,
	}})
	for e := range core.ConfigErrors(err) {
		example, _, _ := strings.Cut(e.Hint, ";")
		fmt.Printf("%s: %s: %s\n", e.Value, e.Reason, example)
	}
	// Output:
	// pages of example.com that match https://(www|pr-[0-9]+)\.example\.com may read responses with the user's credentials
	// ^https://.*example\.com$: unpinned_regexp: it also allows "https://aexample.com" and "https://bexample.com"
	// https://(www\.?)?example\.com: unpinned_regexp: it also allows "https://wwwexample.com"
	// https://example\.com|https://.*dev: unpinned_regexp: it also allows "https://a.dev" and "https://b.dev"
}

func ExampleLogObserver() {
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: withoutTime}))

	cors, err := core.New(core.Config{
		Origins:        []string{"https://app.example.com"},
		RequestHeaders: []string{"Content-Type"},
	}, core.WithObserver(core.LogObserver(logger)))
	if err != nil {
		log.Fatal(err)
	}

	h := httpcors.New(cors)(http.NotFoundHandler())

	r := httptest.NewRequest("OPTIONS", "https://api.example.com/notes", nil)
	r.Header.Set("Origin", "https://app.example.com")
	r.Header.Set("Access-Control-Request-Method", "POST")
	r.Header.Set("Access-Control-Request-Headers", "content-type,x-trace")
	h.ServeHTTP(httptest.NewRecorder(), r)

	r = httptest.NewRequest("GET", "https://api.example.com/notes", nil)
	r.Header.Set("Origin", "https://stranger.example")
	h.ServeHTTP(httptest.NewRecorder(), r)

	// Output:
	// level=WARN msg="cors: request denied" type=preflight reason=header_not_allowed origin=https://app.example.com method=OPTIONS host=api.example.com path=/notes detail=x-trace
	// level=WARN msg="cors: request denied" type=actual reason=origin_not_allowed origin=https://stranger.example method=GET host=api.example.com path=/notes
}

func withoutTime(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}

func ExampleCORS_Reconfigure() {
	cors, err := core.New(core.Config{Origins: []string{"https://app.example.com"}})
	if err != nil {
		log.Fatal(err)
	}

	cfg := cors.Policy().Config()
	cfg.Origins = append(cfg.Origins, "https://beta.example.com")
	if err := cors.Reconfigure(cfg); err != nil {
		log.Print(err) // the old policy still applies
	}

	fmt.Println(cors.AllowsOrigin(context.Background(), "https://beta.example.com"))
	fmt.Println(cors.Reconfigure(core.Config{}) != nil)
	fmt.Println(cors.AllowsOrigin(context.Background(), "https://beta.example.com"))
	// Output:
	// true
	// true
	// true
}

func ExampleParseConfig() {
	data := []byte(`{
		"origins": ["https://app.example.com"],
		"request_headers": ["Content-Type"],
		"max_age": "10m"
	}`) // or os.ReadFile("cors.json")

	cfg, err := core.ParseConfig(data)
	if err != nil {
		log.Fatal(err)
	}
	cors, err := core.New(cfg)
	if err != nil {
		log.Fatal(err)
	}

	text, err := json.Marshal(cors.Policy().Config())
	fmt.Println(string(text), err)
	// Output:
	// {"origins":["https://app.example.com"],"request_headers":["Content-Type"],"max_age":"10m"} <nil>
}

func ExampleConfig_originFunc() {
	customers := customerStore{"shop.example": true}

	cors, err := core.New(core.Config{
		Origins: []string{"https://app.example.com"}, // asked first
		OriginFunc: func(ctx context.Context, r core.OriginRequest) (bool, error) {
			host, secure := strings.CutPrefix(r.Origin, "https://")
			if !secure {
				return false, nil
			}
			return customers.Has(ctx, host) // an error denies
		},
	})
	if err != nil {
		log.Fatal(err)
	}

	for _, origin := range []string{
		"https://app.example.com", "https://shop.example", "https://stranger.example", "https://broken.example", "null",
	} {
		fmt.Println(origin, cors.AllowsOrigin(context.Background(), origin))
	}
	// Output:
	// https://app.example.com true
	// https://shop.example true
	// https://stranger.example false
	// https://broken.example false
	// null false
}

// customerStore is in place of a database.
type customerStore map[string]bool

func (s customerStore) Has(_ context.Context, host string) (bool, error) {
	if host == "broken.example" {
		return true, errors.New("no connection")
	}
	return s[host], nil
}
