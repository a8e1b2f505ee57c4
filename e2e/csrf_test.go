package e2e

import (
	"net/http"
	"testing"
	"time"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/httpcors"
)

// A post is what a server has made of a form.
type post struct {
	origin, cookie string
	status         int
	ran            bool // the handler
}

// TestFormsOfPages posts forms in the browser, as any page can, without a script's request and without a preflight.
func TestFormsOfPages(t *testing.T) {
	needsBrowser(t)
	const own = "http://bank.localhost"
	credentials := core.Config{Origins: []string{front}, Credentials: true}
	tests := []struct {
		name, page string
		config     core.Config
		passes     bool
	}{
		{"a form of another site is refused", other, credentials, false},
		{"a form of a page that a policy with credentials allows passes", front, credentials, true},
		{"a form of a page that a policy without credentials allows is refused", front,
			core.Config{Origins: []string{front}}, false},
		{"a form of any page under * is refused", other, core.Config{Origins: []string{"*"}}, false},
		{"a form of the server's own page passes", own, credentials, true},
	}
	login := addPage(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "account", Value: "1", Path: "/", Secure: true, SameSite: http.SameSiteNoneMode})
	}))
	openTab(t, own).calls(inPage, 1, call{URL: own + login, Credentials: "include"})
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			cors, err := core.New(test.config)
			if err != nil {
				t.Fatal(err)
			}
			posts := make(chan post, 10)
			path := addPage(record(posts, func(ran *bool) http.Handler {
				return httpcors.New(cors)(httpcors.ProtectCSRF(cors)(http.HandlerFunc(
					func(http.ResponseWriter, *http.Request) { *ran = true })))
			}))
			evaluate[bool](openTab(t, test.page), `(() => {
				const form = document.createElement("form");
				form.method = "post";
				form.action = %s;
				form.target = "_blank";
				document.body.append(form);
				form.submit();
				return true;
			})()`, own+path)
			want := post{origin: test.page, cookie: "account=1", status: http.StatusForbidden}
			if test.passes {
				want.status, want.ran = http.StatusOK, true
			}
			select {
			case got := <-posts:
				if got != want {
					t.Errorf("got %+v, want %+v", got, want)
				}
			case <-time.After(patience):
				t.Error("got no form")
			}
			if len(posts) > 0 {
				t.Errorf("got another form: %+v", <-posts)
			}
		})
	}
}

// record tells of what a handler, made for each request, answers.
func record(posts chan<- post, handler func(ran *bool) http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p := post{origin: r.Header.Get("Origin"), cookie: r.Header.Get("Cookie"), status: http.StatusOK}
		handler(&p.ran).ServeHTTP(&statusWriter{w, &p.status}, r)
		posts <- p
	})
}

// statusWriter notes the status of a response.
type statusWriter struct {
	http.ResponseWriter
	status *int
}

func (w *statusWriter) WriteHeader(status int) {
	*w.status = status
	w.ResponseWriter.WriteHeader(status)
}
