package fasthttpcors_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"testing"

	"github.com/valyala/fasthttp"

	"github.com/corselet/corselet/core"
)

// telling is an observer that copies what events tell of the connection and of header names.
type telling struct {
	scheme         string
	addr           netip.Addr
	needsPreflight bool
}

func (o *telling) Observe(_ context.Context, e core.Event) {
	*o = telling{e.Scheme(), e.ClientAddr(), e.NeedsPreflight()}
}

// observed returns a handler whose middleware tells got of each request, and in which pages may set X-A and so many
// others that all names of a request are looked at.
func observed(t *testing.T, got *telling) fasthttp.RequestHandler {
	t.Helper()
	headers := strings.Fields("X-A X-B X-C X-D X-E X-F X-G X-H X-I X-J")
	cors, err := core.New(core.Config{Origins: []string{"https://app.example.com"}, RequestHeaders: headers},
		core.WithObserver(got))
	if err != nil {
		t.Fatal(err)
	}
	return with(cors, func(*fasthttp.RequestCtx) {})
}

func TestObserversSeeTheClientsAddress(t *testing.T) {
	tests := []struct {
		name   string
		remote net.Addr
		want   netip.Addr
	}{
		{"IPv4", &net.TCPAddr{IP: net.IP{192, 0, 2, 1}, Port: 1234}, netip.MustParseAddr("192.0.2.1")},
		{"IPv4 mapped to IPv6", &net.TCPAddr{IP: net.ParseIP("::ffff:192.0.2.1"), Port: 1234}, netip.MustParseAddr("192.0.2.1")},
		{"IPv6", &net.TCPAddr{IP: net.ParseIP("2001:db8::1"), Port: 1234}, netip.MustParseAddr("2001:db8::1")},
		{"IPv6 with a zone", &net.TCPAddr{IP: net.ParseIP("fe80::1"), Zone: "eth0"}, netip.MustParseAddr("fe80::1%eth0")},
		{"a Unix socket", &net.UnixAddr{Name: "@", Net: "unix"}, netip.Addr{}},
		{"an address without an address", &net.TCPAddr{}, netip.Addr{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := new(telling)
			ask := observed(t, got)
			var r fasthttp.Request
			r.SetRequestURI("/notes")
			r.Header.Set("Origin", "https://app.example.com")
			var ctx fasthttp.RequestCtx
			ctx.Init(&r, test.remote, nil)
			ask(&ctx)
			if got.addr != test.want || got.scheme != "http" {
				t.Errorf("got %v by %s, want %v by http", got.addr, got.scheme, test.want)
			}
		})
	}
}

// No more header names are looked at than core asks for. fasthttp shows a few names, such as Host, in front.
func TestNoMoreHeaderNamesAreOfferedThanNeeded(t *testing.T) {
	tests := []struct {
		name   string
		before int
		want   bool
	}{
		{"among few", 10, true},
		{"shortly before the limit", core.MaxHeaderNames - 10, true},
		{"behind the limit", core.MaxHeaderNames, false},
		{"behind 10,000 others", 10_000, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := new(telling)
			ask := observed(t, got)
			var r fasthttp.Request
			r.SetRequestURI("/notes")
			r.Header.Set("Origin", "https://app.example.com")
			for i := range test.before {
				r.Header.Set("X-"+strconv.Itoa(i), "1")
			}
			r.Header.Set("X-A", "1")
			var ctx fasthttp.RequestCtx
			ctx.Init(&r, nil, nil)
			ask(&ctx)
			if got.needsPreflight != test.want {
				t.Errorf("got %v, want %v", got.needsPreflight, test.want)
			}
		})
	}
}

// lookingUp is an observer that asks for one field.
type lookingUp struct {
	name, value string
	found       bool
}

func (o *lookingUp) Observe(_ context.Context, e core.Event) { o.value, o.found = e.Header(o.name) }

func TestObserversSeeHeaderFields(t *testing.T) {
	tests := []struct {
		name, field, want string
		wantFound         bool
	}{
		{"white space around it is cut", "X-Padded", "a b", true},
		{"of two lines the first", "X-Twice", "1", true},
		{"an empty one is there", "X-Empty", "", true},
		{"another one is not", "X-Other", "", false},
		{"of cookies no more than that they are there", "Cookie", "", true},
	}
	const lines = "X-Padded: \t a b \t\r\nX-Twice: 1\r\nX-Twice: 2\r\nX-Empty:\r\n"
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, cookie := range []string{"", "Cookie: id=1\r\n"} {
				got := &lookingUp{name: test.field}
				cors, err := core.New(core.Config{Origins: []string{"https://app.example.com"}}, core.WithObserver(got))
				if err != nil {
					t.Fatal(err)
				}
				var ctx fasthttp.RequestCtx
				raw := "GET / HTTP/1.1\r\nHost: a\r\nOrigin: https://app.example.com\r\n" + cookie + lines + "\r\n"
				if err := ctx.Request.Read(bufio.NewReader(strings.NewReader(raw))); err != nil {
					t.Fatal(err)
				}
				with(cors, func(*fasthttp.RequestCtx) {})(&ctx)
				wantFound := test.wantFound && (test.field != "Cookie" || cookie != "")
				if got.value != test.want || got.found != wantFound {
					t.Errorf("got %q, found %v, want %q, %v", got.value, got.found, test.want, wantFound)
				}
			}
		})
	}
}

func TestObserversSeeTheScheme(t *testing.T) {
	other := httptest.NewTLSServer(nil) // only for its certificate, and a client that trusts it
	defer other.Close()
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	got := new(telling)
	listener := tls.NewListener(plain, &tls.Config{Certificates: other.TLS.Certificates})
	server := fasthttp.Server{Handler: observed(t, got)}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	r, err := http.NewRequest("GET", "https://"+listener.Addr().String()+"/notes", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Origin", "https://app.example.com")
	r.Close = true // so that the shutdown need not wait for an idle connection
	w, err := other.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	w.Body.Close()
	if err := server.Shutdown(); err != nil {
		t.Fatal(err)
	}
	if err := <-served; err != nil {
		t.Fatal(err)
	}
	if want := (telling{"https", netip.MustParseAddr("127.0.0.1"), false}); *got != want {
		t.Errorf("over TLS: got %+v, want %+v", *got, want)
	}
}
