package corstest

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// clientTimeout bounds an exchange: a server that hangs fails the test instead of blocking it.
const clientTimeout = 20 * time.Second

// doHTTP1 sends r unchanged, byte by byte, over a connection of its own.
func doHTTP1(addr string, r *RawRequest) (*RawResponse, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(clientTimeout)); err != nil {
		return nil, err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\nContent-Length: %d\r\n",
		r.Method, r.Path, Host, len(r.Body))
	for _, f := range r.Fields {
		fmt.Fprintf(&b, "%s: %s\r\n", f.Name, f.Value)
	}
	b.WriteString("\r\n" + r.Body)
	// A server may answer and close before it has read everything, so the write runs next to the
	// read and its error is ignored.
	go io.WriteString(conn, b.String())
	return readResponse(http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: r.Method}))
}

// doHTTP2 sends r over a connection of its own.
func doHTTP2(addr string, r *RawRequest) (*RawResponse, error) {
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	transport := &http.Transport{Protocols: protocols}
	defer transport.CloseIdleConnections()
	req, err := http.NewRequest(r.Method, "http://"+addr+r.Path, strings.NewReader(r.Body))
	if err != nil {
		return nil, err
	}
	req.Host = Host
	for _, f := range r.Fields {
		req.Header[f.Name] = append(req.Header[f.Name], f.Value)
	}
	client := http.Client{
		Transport: transport,
		Timeout:   clientTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}
	return readResponse(client.Do(req))
}

func readResponse(res *http.Response, err error) (*RawResponse, error) {
	if err != nil {
		return nil, noAnswer(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, noAnswer(err)
	}
	return &RawResponse{res.StatusCode, res.Header, string(body)}, nil
}
