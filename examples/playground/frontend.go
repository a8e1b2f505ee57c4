package main

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/corselet/corselet/core"
)

//go:embed page
var pageFiles embed.FS

// maxPolicyBytes is enough for about ten thousand origins.
const maxPolicyBytes = 1 << 20

// newFrontEnd returns the handler of the page, its files and its API.
func newFrontEnd(apis []*server, policies *policies, decisions *hub) http.Handler {
	page, err := fs.Sub(pageFiles, "page")
	if err != nil {
		panic(err) // the name is wrong in this file
	}
	mux := http.NewServeMux()
	mux.Handle("GET /", http.FileServerFS(page))
	mux.HandleFunc("GET /state",
		func(w http.ResponseWriter, _ *http.Request) { writeState(w, apis, decisions) })
	mux.HandleFunc("GET /scenarios", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, scenariosJSON)
	})
	mux.Handle("GET /decisions", decisions)
	mux.HandleFunc("GET /policy", policies.get)
	mux.HandleFunc("GET /trust", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, policies.trust())
	})
	mux.HandleFunc("GET /sample-policy", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, json.RawMessage(samplePolicy))
	})
	mux.HandleFunc("PUT /policy", policies.put)
	// No other site may change the policy through a visitor's browser, neither with a cross-site
	// request nor, if its name resolves to 127.0.0.1, with a same-origin one.
	return ownNamesOnly(secured(apis, http.NewCrossOriginProtection().Handler(mux)))
}

// ownNamesOnly refuses requests for names other than localhost and 127.0.0.1.
func ownNamesOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if host := hostname(r); host != "localhost" && host != "127.0.0.1" {
			http.Error(w, "use the name localhost or 127.0.0.1 for this server",
				http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// secured sets the fields that allow the page to load and call only its own files and the APIs.
func secured(apis []*server, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		connect := "'self'"
		for _, api := range apis {
			//nolint:modernize // There are few.
			connect += fmt.Sprintf(" http://%s:%d", hostname(r), api.port())
		}
		h := w.Header()
		h.Set("Content-Security-Policy",
			"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "+
				"connect-src "+connect+"; base-uri 'none'; form-action 'none'; "+
				"frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// hostname returns a request's host, without the port.
func hostname(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		return strings.ToLower(r.Host) // no port
	}
	return strings.ToLower(host)
}

// writeState sends the page the ports to call, and the number of the newest decision, up to which
// the stream repeats past ones.
func writeState(w http.ResponseWriter, apis []*server, decisions *hub) {
	type entry struct {
		Name string `json:"name"`
		Port int    `json:"port"`
	}
	var list []entry
	for _, api := range apis {
		list = append(list, entry{api.name, api.port()})
	}
	writeJSON(w, http.StatusOK, struct {
		Servers        []entry `json:"servers"`
		NewestDecision uint64  `json:"newest_decision"`
	}{list, decisions.newest()})
}

func (p *policies) get(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, p.current())
}

// put replaces the policy of all servers, or answers with all mistakes in the new one.
func (p *policies) put(w http.ResponseWriter, r *http.Request) {
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPolicyBytes))
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		http.Error(w, fmt.Sprintf("a policy has at most %d bytes", tooLarge.Limit),
			http.StatusRequestEntityTooLarge)
		return
	}
	if err != nil {
		http.Error(w, "the policy arrived incomplete", http.StatusBadRequest)
		return
	}
	cfg, err := parsePolicy(data)
	if err == nil {
		err = p.replace(cfg)
	}
	if err != nil {
		writeJSON(w, http.StatusUnprocessableEntity, slices.Collect(core.ConfigErrors(err)))
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	encoder.Encode(value) // an error means that the client is gone
}
