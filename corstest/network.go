package corstest

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// An Exchange is one request to the server, and its answer.
type Exchange struct {
	Preflight     bool
	Method, URL   string
	RequestHeader http.Header
	// Status is 0, and ResponseHeader nil, if there was no answer.
	Status         int
	ResponseHeader http.Header
}

// network sends a request and records the exchange.
//
// Fetch, 4.6, step 8.21, and 4.7 HTTP-network fetch:
// https://fetch.spec.whatwg.org/#concept-http-network-fetch
func (f *fetch) network(
	ctx context.Context, r *http.Request, withCredentials bool,
) (*reply, error) {
	sameSitePage := sameSite(f.page, originOf(r.URL))
	if withCredentials {
		f.browser.cookies.add(r, sameSitePage)
	}
	setDefault(r.Header, "User-Agent", "corstest")
	f.exchanges = append(f.exchanges, Exchange{
		// No script can set this field.
		Preflight: r.Header.Get("Access-Control-Request-Method") != "",
		Method:    r.Method, URL: withoutFragment(r.URL), RequestHeader: r.Header.Clone(),
	})
	got, err := roundTrip(f.browser.transport, r.WithContext(ctx))
	if err != nil {
		return nil, f.fail(failure{
			check: CheckNetwork, step: stepNetwork,
			problem: fmt.Sprintf("there was no answer: %v", err), cause: err,
		})
	}
	exchange := &f.exchanges[len(f.exchanges)-1]
	exchange.Status, exchange.ResponseHeader = got.status, got.header
	if withCredentials {
		cookies := (&http.Response{Header: got.header}).Cookies()
		f.browser.cookies.store(r.URL, cookies, sameSitePage)
	}
	return got, nil
}

func roundTrip(transport http.RoundTripper, r *http.Request) (*reply, error) {
	res, err := transport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	trimValues(res.Header)
	return &reply{status: res.StatusCode, header: res.Header, body: string(body)}, nil
}

// trimValues removes the white space around values, which is not part of them. Go's HTTP/2 keeps
// it.
//
// RFC 9110, 5.5: https://www.rfc-editor.org/rfc/rfc9110#section-5.5
func trimValues(header http.Header) {
	for _, lines := range header {
		for i, line := range lines {
			lines[i] = strings.Trim(line, "\t ")
		}
	}
}
