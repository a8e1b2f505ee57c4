package fiberv3cors_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gofiber/fiber/v3"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/fasthttpcors/fasthttptest"
	"github.com/corselet/corselet/fiberv3cors"
)

// told is an observer that keeps what it is told of answers.
type told struct {
	mu      sync.Mutex
	answers []string
}

func (o *told) Observe(_ context.Context, e core.Event) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.answers = append(o.answers, fmt.Sprint(e.Method(), " ", e.Origin(), " ", e.Verdict().Outcome))
}

// fiber v3 runs middleware before it answers by itself that it does not take a request, so observers are told of it.
func TestWhatFiberRefusesIsObserved(t *testing.T) {
	const app = "https://app.example.com"
	observer := new(told)
	cors, err := core.New(core.Config{Origins: []string{app}}, core.WithObserver(observer))
	if err != nil {
		t.Fatal(err)
	}
	a := fiber.New(fiber.Config{GETOnly: true})
	a.Use(fiberv3cors.New(cors))
	a.Get("/notes", hello)
	conn, err := net.Dial("tcp", fasthttptest.Serve(t, appOf(a)))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	in := bufio.NewReader(conn)
	fields := "Host: a\r\nOrigin: " + app + "\r\n"
	checkRaw(t, conn, in, "GET /notes HTTP/1.1\r\n"+fields+"\r\n", 200, app)
	checkRaw(t, conn, in, "OPTIONS /notes HTTP/1.1\r\n"+fields+"Access-Control-Request-Method: GET\r\n\r\n", 405, app)
	observer.mu.Lock()
	defer observer.mu.Unlock()
	if want := []string{"GET " + app + " allowed", "OPTIONS " + app + " allowed"}; !slices.Equal(observer.answers, want) {
		t.Errorf("got %q, want %q", observer.answers, want)
	}
}

// A header that is too large is answered before it is read: what stood in the one before on the same connection must
// not speak for it.
func TestATooLargeHeaderIsAnsweredWithoutTheFieldsOfTheOneBefore(t *testing.T) {
	const app = "https://app.example.com"
	cors, err := core.New(core.Config{Origins: []string{app}})
	if err != nil {
		t.Fatal(err)
	}
	a := fiber.New()
	a.Use(fiberv3cors.New(cors))
	a.Get("/notes", hello)
	conn, err := net.Dial("tcp", fasthttptest.Serve(t, appOf(a)))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	in := bufio.NewReader(conn)
	checkRaw(t, conn, in, "GET /notes HTTP/1.1\r\nHost: a\r\nOrigin: "+app+"\r\n\r\n", 200, app)
	checkRaw(t, conn, in, "GET /notes HTTP/1.1\r\nHost: a\r\nOrigin: https://another.example\r\nCookie: a="+
		strings.Repeat("c", 5<<10)+"\r\n\r\n", 431, "")
}

// checkRaw sends a request as it is, and checks the status and the origin of the answer.
func checkRaw(t *testing.T, conn net.Conn, in *bufio.Reader, request string, wantStatus int, wantOrigin string) {
	t.Helper()
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	w, err := http.ReadResponse(in, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, w.Body)
	_ = w.Body.Close()
	origin := w.Header.Get("Access-Control-Allow-Origin")
	if w.StatusCode != wantStatus || origin != wantOrigin {
		t.Errorf("got status %d and origin %q, want %d and %q", w.StatusCode, origin, wantStatus, wantOrigin)
	}
}
