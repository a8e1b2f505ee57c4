package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	coder "github.com/coder/websocket"
	gorilla "github.com/gorilla/websocket"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/httpcors"
)

// socketLibraries are what real servers upgrade with. Each handler says hello to whom CheckOrigin lets in.
var socketLibraries = []struct {
	name string
	new  func(*core.CORS) http.HandlerFunc
}{
	{"gorilla", serveGorilla},
	{"coder", serveCoder},
}

func serveGorilla(cors *core.CORS) http.HandlerFunc {
	upgrader := gorilla.Upgrader{CheckOrigin: httpcors.CheckOrigin(cors)}
	return func(w http.ResponseWriter, r *http.Request) {
		socket, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return // Upgrade has answered 403
		}
		defer socket.Close()
		_ = socket.WriteMessage(gorilla.TextMessage, []byte("hello"))
		_, _, _ = socket.ReadMessage() // until the client closes
	}
}

func serveCoder(cors *core.CORS) http.HandlerFunc {
	mayOpen := httpcors.CheckOrigin(cors)
	// The library's own check knows no policy; CheckOrigin has been asked before.
	options := &coder.AcceptOptions{InsecureSkipVerify: true}
	return func(w http.ResponseWriter, r *http.Request) {
		if !mayOpen(r) {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		socket, err := coder.Accept(w, r, options)
		if err != nil {
			return
		}
		defer socket.CloseNow()
		_ = socket.Write(r.Context(), coder.MessageText, []byte("hello"))
		_, _, _ = socket.Read(r.Context()) // until the client closes
	}
}

// TestSocketLibrariesAskThePolicy dials as no browser would, too.
func TestSocketLibrariesAskThePolicy(t *testing.T) {
	listed := core.Config{Origins: []string{"https://app.example.com"}}
	tests := []struct {
		name    string
		config  core.Config
		origins []string
		opens   bool
	}{
		{"no Origin", listed, nil, true},
		{"an allowed page", listed, []string{"https://app.example.com"}, true},
		{"another page", listed, []string{"https://another.example"}, false},
		{"another page under *", core.Config{Origins: []string{"*"}}, []string{"https://another.example"}, false},
		{"the own page", listed, []string{"OWN"}, true},
		{"null", listed, []string{"null"}, false},
		{"two lines", listed, []string{"https://app.example.com", "https://app.example.com"}, false},
		{"upper case", listed, []string{"HTTPS://APP.EXAMPLE.COM"}, false},
		{"64 KiB", listed, []string{"https://" + strings.Repeat("a", 64<<10)}, false},
	}
	for _, library := range socketLibraries {
		for _, test := range tests {
			t.Run(library.name+": "+test.name, func(t *testing.T) {
				cors, err := core.New(test.config)
				if err != nil {
					t.Fatal(err)
				}
				server := httptest.NewServer(httpcors.New(cors)(library.new(cors)))
				defer server.Close()
				header := http.Header{}
				for _, origin := range test.origins {
					header.Add("Origin", strings.Replace(origin, "OWN", server.URL, 1))
				}
				socket, w, err := gorilla.DefaultDialer.Dial("ws"+strings.TrimPrefix(server.URL, "http"), header)
				if w == nil {
					t.Fatalf("got no answer: %v", err)
				}
				defer w.Body.Close()
				if !test.opens {
					if err == nil || w.StatusCode != http.StatusForbidden {
						t.Errorf("got %d and error %v, want 403", w.StatusCode, err)
					}
					return
				}
				if err != nil {
					t.Fatalf("got %d and error %v, want a socket", w.StatusCode, err)
				}
				defer socket.Close()
				if _, text, err := socket.ReadMessage(); err != nil || string(text) != "hello" {
					t.Errorf("got %q and error %v, want hello", text, err)
				}
			})
		}
	}
}

// routes counts what tests add to the pages, because a pattern can be added only once.
var routes atomic.Int64

// addPage adds a handler to the pages of every host, and returns its path.
func addPage(h http.Handler) string {
	path := fmt.Sprintf("/added/%d", routes.Add(1))
	hosts.pages.Handle(path, h)
	return path
}

// An upgrade is what a server has seen of a request for a socket.
type upgrade struct{ origin, cookie string }

// TestSocketsOfPages opens sockets in the browser, with a cookie of the server's that goes along.
func TestSocketsOfPages(t *testing.T) {
	needsBrowser(t)
	const own = "http://socket.localhost"
	listed := core.Config{Origins: []string{front}}
	tests := []struct {
		name, page string
		config     core.Config
		want       string
	}{
		{"an allowed page opens one", front, listed, "hello"},
		{"another page is refused", other, listed, "refused"},
		{"the server's own page opens one", own, listed, "hello"},
		{"an allowed page of a policy with credentials opens one", front,
			core.Config{Origins: []string{front}, Credentials: true}, "hello"},
		{"any page is refused under *", other, core.Config{Origins: []string{"*"}}, "refused"},
		{"the server's own page opens one under *", own, core.Config{Origins: []string{"*"}}, "hello"},
	}
	login := addPage(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "1", Path: "/", Secure: true, SameSite: http.SameSiteNoneMode})
	}))
	openTab(t, own).calls(inPage, 1, call{URL: own + login, Credentials: "include"})
	for _, library := range socketLibraries {
		for _, test := range tests {
			t.Run(library.name+": "+test.name, func(t *testing.T) {
				cors, err := core.New(test.config)
				if err != nil {
					t.Fatal(err)
				}
				seen := make(chan upgrade, 10)
				serve := library.new(cors)
				path := addPage(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					seen <- upgrade{r.Header.Get("Origin"), r.Header.Get("Cookie")}
					serve(w, r)
				}))
				got := evaluate[string](openTab(t, test.page), `new Promise((resolve) => {
					const socket = new WebSocket(%s);
					socket.onmessage = (message) => { resolve(message.data); socket.close(); };
					socket.onerror = () => resolve("refused");
				})`, "ws://socket.localhost"+path)
				if got != test.want {
					t.Errorf("got %s, want %s", got, test.want)
				}
				if n := len(seen); n != 1 {
					t.Fatalf("got %d upgrades, want 1", n)
				}
				if got, want := <-seen, (upgrade{test.page, "session=1"}); got != want {
					t.Errorf("got %+v, want %+v", got, want)
				}
			})
		}
	}
}
