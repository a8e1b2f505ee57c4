package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	_ "embed"
	"encoding/base64"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/corselet/corselet/core"
)

// servers has all servers of the tests: one for each framework, and one for the pages. The browser, and users of dial,
// find them by name, on the ports of http and https:
//
//	gin.api.localhost, gin.api.example.net      the API in gin; the same for every framework
//	any other name                              the pages, and what a test adds to them
type servers struct {
	apis    []*api
	pages   *http.ServeMux
	keyHash string            // of the test certificate, in Chromium's form
	address map[string]string // where host:port is served
	order   []string          // the keys of address, special ones first

	listeners []net.Listener
	running   sync.WaitGroup
}

// api is the API in one framework.
type api struct {
	name, host string
	http2      bool
	cors       *core.CORS
	log        *eventLog
}

// url returns a URL of the API that browsers trust without TLS.
func (a *api) url(path string) string { return "http://" + a.host + ".api.localhost" + path }

// urlTLS returns a URL of the API over TLS, and HTTP/2 if the framework supports it.
func (a *api) urlTLS(path string) string { return "https://" + a.host + ".api.example.net" + path }

// urlPlain returns a URL of the API that browsers do not trust.
func (a *api) urlPlain(path string) string { return "http://" + a.host + ".api.example.net" + path }

const (
	anyHTTP  = "*:80"
	anyHTTPS = "*:443"
)

func startServers() (*servers, error) {
	certificate, keyHash, err := newCertificate()
	if err != nil {
		return nil, err
	}
	s := &servers{pages: newPages(), keyHash: keyHash, address: map[string]string{}}
	secure := func(http2 bool) *tls.Config {
		config := &tls.Config{Certificates: []tls.Certificate{certificate}, NextProtos: []string{"http/1.1"}}
		if http2 {
			config.NextProtos = []string{"h2", "http/1.1"}
		}
		return config
	}
	for _, framework := range frameworks {
		a := &api{name: framework.name, host: framework.host, http2: framework.http2}
		a.log, err = newEventLog()
		if err != nil {
			return nil, err
		}
		a.cors, err = core.New(core.Config{Origins: []string{"https://unlisted.example"}}, core.WithObserver(a.log))
		if err != nil {
			return nil, err
		}
		serve := framework.new(a.cors)
		s.listen(a.host+".api.localhost:80", serve, nil)
		s.listen(a.host+".api.example.net:80", serve, nil)
		s.listen(a.host+".api.example.net:443", serve, secure(a.http2))
		s.apis = append(s.apis, a)
	}
	pages := serveHTTP(s.pages)
	s.listen(anyHTTP, pages, nil)
	s.listen(anyHTTPS, pages, secure(true))
	if len(s.listeners) != len(s.order) {
		s.stop()
		return nil, fmt.Errorf("got %d free ports on 127.0.0.1, need %d", len(s.listeners), len(s.order))
	}
	return s, nil
}

// listen serves a name on a free port, over TLS if there is a configuration for it.
func (s *servers) listen(name string, serve serve, secure *tls.Config) {
	s.order = append(s.order, name)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return // startServers counts
	}
	s.listeners = append(s.listeners, l)
	s.address[name] = l.Addr().String()
	if secure != nil {
		l = tls.NewListener(l, secure)
	}
	s.running.Go(func() { _ = serve(l) }) // its error says that the listener is closed
}

func (s *servers) stop() {
	for _, l := range s.listeners {
		_ = l.Close()
	}
	s.running.Wait()
}

// resolverRules returns Chromium's rules for the names. The first rule that matches counts.
func (s *servers) resolverRules() []string {
	var rules []string
	for _, name := range s.order {
		rules = append(rules, "MAP "+name+" "+s.address[name])
	}
	return rules
}

// newCertificate makes a certificate for any name. Chromium accepts it by the hash of its key.
func newCertificate() (certificate tls.Certificate, keyHash string, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return certificate, "", err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"*.example.com", "*.example.net", "*.example.org"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return certificate, "", err
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return certificate, "", err
	}
	hash := sha256.Sum256(public)
	certificate = tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	return certificate, base64.StdEncoding.EncodeToString(hash[:]), nil
}

//go:embed testdata/page.js
var pageScript string

// newPages returns the pages. Every host has the same empty page, with the script.
func newPages() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /page", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, `<!DOCTYPE html><link rel="icon" href="data:,"><script src="/page.js"></script><body>`)
	})
	mux.HandleFunc("GET /page.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		_, _ = io.WriteString(w, pageScript)
	})
	return mux
}
