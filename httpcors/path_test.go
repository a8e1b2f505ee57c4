package httpcors_test

import (
	"net/http"
	"net/url"
	"path"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/corselet/corselet/corstest"
	"github.com/corselet/corselet/corstest/adaptertest"
)

func TestNoPathBorrowsAPolicy(t *testing.T) {
	adaptertest.RunPaths(t,
		func(*testing.T) corstest.App { return twoPolicies(router("/public/", "public", "private")) },
		func(*testing.T) corstest.App { return singleSignOn(router("/sso/callback", "callback", "transfer")) })
}

func TestNoPathBorrowsAPolicyForAFile(t *testing.T) {
	files := http.FileServerFS(fstest.MapFS{"x": {Data: []byte("private")}, "public/x": {Data: []byte("public")}})
	adaptertest.RunPaths(t,
		func(*testing.T) corstest.App { return twoPolicies(files) },
		func(*testing.T) corstest.App { return singleSignOn(says("callback")) })
}

// Whatever is behind the policies may read a path in a way of its own: another router, or the upstream of a proxy.
func TestNoReadingOfAPathBorrowsAPolicy(t *testing.T) {
	decode := func(p string) string {
		if decoded, err := url.PathUnescape(p); err == nil {
			return decoded
		}
		return p
	}
	clean := func(p string) string {
		if strings.HasSuffix(p, "/") {
			return strings.TrimSuffix(path.Clean(p), "/") + "/"
		}
		return path.Clean(p)
	}
	slashes := func(p string) string { return strings.ReplaceAll(p, `\`, "/") }
	parameters := func(p string) string {
		segments := strings.Split(p, "/")
		for i := range segments {
			segments[i], _, _ = strings.Cut(segments[i], ";")
		}
		return strings.Join(segments, "/")
	}
	type reading = func(string) string
	for name, readings := range map[string][]reading{
		"as it was sent":                  nil,
		"decoded":                         {decode},
		"cleaned":                         {clean},
		"decoded and cleaned":             {decode, clean},
		"cleaned and decoded":             {clean, decode},
		"decoded twice and cleaned":       {decode, decode, clean},
		"with backslashes as slashes":     {decode, slashes, clean},
		"without parameters":              {parameters, clean},
		"decoded, and without parameters": {decode, parameters, clean},
		"in lower case":                   {strings.ToLower},
	} {
		read := func(pattern, there, elsewhere string) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				p, _, _ := strings.Cut(r.RequestURI, "?")
				for _, reading := range readings {
					p = reading(p)
				}
				if p == pattern || strings.HasSuffix(pattern, "/") && strings.HasPrefix(p, pattern) {
					says(there)(w, r)
					return
				}
				says(elsewhere)(w, r)
			})
		}
		t.Run(name, func(t *testing.T) {
			adaptertest.RunPaths(t,
				func(*testing.T) corstest.App { return twoPolicies(read("/public/", "public", "private")) },
				func(*testing.T) corstest.App { return singleSignOn(read("/sso/callback", "callback", "transfer")) })
		})
	}
}
