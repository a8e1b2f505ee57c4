package adaptertest

import (
	"strings"
	"testing"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/corstest"
)

// RunPaths asks for paths that routers, file servers and proxies read in different ways, of the
// recipes on an application with some setting. Each recipe's answers say in their body which
// handler answered.
//
// twoPolicies has "public" everywhere below /public/ and "private" everywhere else: no origin that
// only the public policy allows may be allowed where the private handler answers.
//
// singleSignOn has "callback" at /sso/callback and "transfer" everywhere else: no other origin may
// reach the latter.
func RunPaths(t *testing.T, twoPolicies, singleSignOn func(t *testing.T) corstest.App) {
	t.Run("two policies", func(t *testing.T) {
		ask := twoPolicies(t).Start(t)[corstest.HTTP1]
		for _, path := range inDoubt("/public", "/x") {
			t.Run(path, func(t *testing.T) { checkPolicy(t, ask, path) })
		}
	})
	t.Run("single sign-on", func(t *testing.T) {
		ask := singleSignOn(t).Start(t)[corstest.HTTP1]
		for _, path := range inDoubt("/sso", "/callback") {
			t.Run(path, func(t *testing.T) {
				w := send(t, ask, "POST", path, Another)
				if w.Body == "transfer" {
					t.Error("POST from another origin: got the handler that it must not reach")
				}
			})
		}
	})
}

// checkPolicy checks that a path has the private policy if the private handler answers there.
func checkPolicy(t *testing.T, ask corstest.Client, path string) {
	if send(t, ask, "GET", path, "").Body != "private" {
		return
	}
	for _, method := range []string{"GET", "OPTIONS"} {
		if got := send(t, ask, method, path, Another).Header[core.FieldAllowOrigin]; got != nil {
			t.Errorf("%s: the private handler allows another origin: %s", method, got)
		}
		got := strings.Join(send(t, ask, method, path, Page).Header[core.FieldAllowOrigin], " and ")
		if got != Page {
			t.Errorf("%s: the private handler allows %q, want %s", method, got, Page)
		}
	}
}

// send sends a request, with what a preflight has.
func send(
	t *testing.T, ask corstest.Client, method, path, origin string,
) *corstest.RawResponse {
	t.Helper()
	r := request(method, path, origin)
	if origin == "" {
		r.Fields = nil
	}
	w, err := ask(r)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// inDoubt returns spellings of folder and name, some of which a router takes for it, and of paths
// next to it that begin like it.
func inDoubt(folder, name string) []string {
	return []string{
		folder + name, folder + name + "/", folder, folder + "/", folder + "other" + name,
		folder + "%2F" + name[1:], folder + "%2f" + name[1:], folder + "%252F" + name[1:],
		"%2F" + folder[1:] + name, "/%2F" + folder[1:] + name, "/" + folder + name,
		folder + "/" + name, folder + name + "//", "/." + folder + name, folder + "/." + name,
		folder + "/.." + name, "/other/.." + folder + name, folder + name + "/..",
		folder + name + "/../../x", folder + name + "/%2e%2e/%2e%2e/x",
		folder + "/%2e%2e" + name, folder + "/%2E%2E" + name, folder + "/.%2e" + name,
		folder + "/%252e%252e" + name, folder + "/..%2F" + name[1:], folder + "%2F..%2F" + name[1:],
		folder + "%2F%2E%2E%2F" + name[1:], folder + "%252F..%252F" + name[1:],
		folder + ";" + name[1:], folder + ";" + name, folder + name + ";v=1",
		folder + "/..;" + name,
		folder + "%3B" + name, folder + `\` + name[1:], folder + "%5C" + name[1:],
		folder + `/..\` + name[1:], folder + "/..%5C" + name[1:], folder + `\..\` + name[1:],
		folder + "%5C..%5C" + name[1:], "/%" + hex(folder[1]) + folder[2:] + name,
		folder + "/%" + hex(name[1]) + name[2:], strings.ToUpper(folder) + name,
		strings.ToUpper(folder + name), folder + strings.ToUpper(name),
		folder + "%20" + name, folder + "/%20" + name, folder + "+" + name, folder + name + "%00",
		folder + "%3F" + name, folder + "/%3F" + name, folder + name + "?/../x",
		folder + "%23" + name,
		folder + `%2F"` + name[1:], folder + "%2Fé",
	}
}

// hex returns the two digits of a letter's escape.
func hex(letter byte) string {
	const digits = "0123456789ABCDEF"
	return string([]byte{digits[letter>>4], digits[letter&15]})
}
