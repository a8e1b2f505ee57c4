package core

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestOnlyRequestsInCORSModeNeedAPreflight(t *testing.T) {
	p := mustNew(t, Config{Origins: []string{"https://a.example"}, Methods: []string{"PUT"}, RequestHeaders: []string{"*"}}).Policy()
	requests := map[string]message{
		"PUT":           {Method: "PUT"},
		"JSON":          {Method: "POST", Fields: headerSource{"Content-Type": "application/json"}},
		"a header":      {Method: "GET", Fields: headerSource{"X-A": "1"}},
		"simple":        {Method: "POST", Fields: headerSource{"Content-Type": "text/plain"}},
		"simple indeed": {Method: "GET"},
	}
	modes := map[string]bool{
		"": true, "cors": true,
		"navigate": false, "no-cors": false, "same-origin": false, "websocket": false, "CORS": false, "nonsense": false,
	}
	for name, request := range requests {
		for mode, applies := range modes {
			request.Origins = []string{"https://a.example"}
			want := applies && !strings.HasPrefix(name, "simple")
			request.SecFetchMode = mode
			if got := p.NeedsPreflight(request.request()); got != want {
				t.Errorf("%s in mode %q: got %v, want %v", name, mode, got, want)
			}
		}
	}
}

// addedInTransit are the names that NeedsPreflight documents, and some that begin as it says.
var addedInTransit = []string{
	"User-Agent", "Cache-Control", "Pragma", "Priority", "Traceparent", "Tracestate", "Baggage", "X-Request-Id",
	"X-Correlation-Id", "Forwarded", "Via", "Range",
	"If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since", "If-Range",
	"If-Something-That-Nobody-Has-Thought-Of-Yet",
	"X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Client-Cert-Of-A-Certain-Proxy",
}

// addedOrForbidden returns the names above and those that no script can set.
func addedOrForbidden(t *testing.T) []string {
	names := slices.Clone(addedInTransit)
	for _, v := range readVectors[struct{ Name string }](t, "forbidden_request_headers.json") {
		names = append(names, v.Name)
	}
	return append(names, "Sec-Something-That-Nobody-Has-Thought-Of-Yet", "Proxy-Something-That-Nobody-Has-Thought-Of")
}

func TestHeadersThatNoScriptNeedHaveSetProveNothing(t *testing.T) {
	for _, credentials := range []bool{false, true} {
		p := mustNew(t, Config{Origins: []string{"https://a.example"}, RequestHeaders: []string{"*"}, Credentials: credentials}).Policy()
		for _, name := range addedOrForbidden(t) {
			for _, spelling := range []string{name, http.CanonicalHeaderKey(name), strings.ToLower(name), strings.ToUpper(name)} {
				r := message{Method: "GET", Origins: []string{"https://a.example"}, Fields: headerSource{spelling: "cors"}}
				if p.NeedsPreflight(r.request()) {
					t.Errorf("%s with credentials %v: got true, want false", spelling, credentials)
				}
			}
		}
	}
}

func TestHeadersAddedInTransitProveNothingEvenIfListed(t *testing.T) {
	for _, name := range addedInTransit {
		if name == "Via" { // which is forbidden too, and cannot be listed
			continue
		}
		p := mustNew(t, Config{Origins: []string{"https://a.example"}, RequestHeaders: []string{name}}).Policy()
		r := message{Method: "GET", Origins: []string{"https://a.example"}, Fields: headerSource{name: "1"}}
		if p.NeedsPreflight(r.request()) {
			t.Errorf("%s: got true, want false", name)
		}
	}
}

func TestHeadersThatOnlyLookLikeThoseCount(t *testing.T) {
	names := []string{
		"X-Request-Idx", "X-Request-I", "X-Correlation-Ids", "X-Forwarded", "X-Forwardedfor", "Xx-Forwarded-For", "Forwarded-For",
		"If", "Iffy", "X-If-Match", "Security", "Sec", "X-Sec-Fetch", "Proxy", "Proxies", "X-Proxy-A", "Viaduct", "Vi",
		"User-Agents", "Cache-Controls", "Pragmas", "Priority-Of-Mine", "Traceparents", "Baggages", "Cookie3", "Cookies",
		"Range-Of-Mine", "Dnts", "Ten", "T", "Hosts", "Origins", "Dates",
		"User-Agent-Of-The-Application-That-Asks", "X-Request-Id-Of-The-Request-That-Came-Before-This-One",
		strings.Repeat("X", 31), strings.Repeat("X", 32), strings.Repeat("X", 33),
	}
	for _, requestHeaders := range [][]string{{"*"}, names} {
		p := mustNew(t, Config{Origins: []string{"https://a.example"}, RequestHeaders: requestHeaders}).Policy()
		for _, name := range names {
			for _, spelling := range []string{name, strings.ToLower(name), strings.ToUpper(name)} {
				r := message{Method: "GET", Origins: []string{"https://a.example"}, Fields: headerSource{spelling: "1"}}
				if !p.NeedsPreflight(r.request()) {
					t.Errorf("%s under %.20q: got false, want true", spelling, requestHeaders)
				}
			}
		}
	}
}

// A few headers are looked up by name, many are compared with the names of the request's.
func TestListedHeadersProveAPreflightHoweverManyThereAre(t *testing.T) {
	for _, count := range []int{1, 2, fewHeaders, fewHeaders + 1, 100} {
		names := []string{"accept", "range", "traceparent"} // which prove nothing
		for i := range count {
			names = append(names, fmt.Sprint("x-field-", i))
		}
		p := mustNew(t, Config{Origins: []string{"https://a.example"}, RequestHeaders: names}).Policy()
		fields := headerSource{"Accept": "1", "Range": "1", "Traceparent": "1", "X-Other": "1"}
		r := message{Method: "GET", Origins: []string{"https://a.example"}, Fields: fields}
		if p.NeedsPreflight(r.request()) {
			t.Errorf("%d headers, none of them sent: got true, want false", count)
		}
		for i := range count {
			name := fmt.Sprint("X-Field-", i)
			fields[name] = ""
			if !p.NeedsPreflight(r.request()) {
				t.Errorf("%d headers, %s sent: got false, want true", count, name)
			}
			delete(fields, name)
		}
		if p.NeedsPreflight(&Request{Method: "GET", Origin: "https://a.example", HasOrigin: true}) {
			t.Errorf("%d headers, no source: got true, want false", count)
		}
	}
}

// A policy cannot allow what no script can ask for.
func TestForbiddenRequestHeadersCannotBeListed(t *testing.T) {
	for _, v := range readVectors[struct{ Name string }](t, "forbidden_request_headers.json") {
		for _, spelling := range []string{v.Name, strings.ToLower(v.Name), strings.ToUpper(v.Name)} {
			_, err := Compile(Config{Origins: []string{"https://a.example"}, RequestHeaders: []string{"X-A", spelling}})
			got := slices.Collect(ConfigErrors(err))
			if len(got) != 1 || got[0].Reason != ConfigReasonForbidden || got[0].Field != "request_headers" ||
				got[0].Index != 1 || got[0].Value != spelling {
				t.Errorf("%s: got %v, want one error of reason forbidden for request_headers[1]", spelling, err)
			}
		}
	}
	for _, name := range []string{"Accept", "Authorization", "User-Agent", "Cookies", "Proxy", "Sec", "Origins", "X-Via"} {
		if _, err := Compile(Config{Origins: []string{"https://a.example"}, RequestHeaders: []string{name}}); err != nil {
			t.Errorf("%s: got error %v, want none", name, err)
		}
	}
}
