package corselet_test

import (
	"fmt"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"time"

	"github.com/corselet/corselet/core"
	"github.com/corselet/corselet/httpcors"
)

// notes is the API of docs/concepts.md, with its policy.
func notes() http.Handler {
	cors, err := core.New(core.Config{
		Origins:        []string{"https://app.example.com"},
		Credentials:    true,
		Methods:        []string{"PUT", "DELETE"},
		RequestHeaders: []string{"Content-Type"},
		ExposeHeaders:  []string{"X-Request-Id"},
		MaxAge:         10 * time.Minute,
	})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/notes/7", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "saved") })
	return httpcors.New(cors)(mux)
}

func Example_preflight() {
	exchange("OPTIONS", "Origin: https://app.example.com", "Access-Control-Request-Method: PUT",
		"Access-Control-Request-Headers: content-type")
	// Output:
	// OPTIONS /notes/7
	// Origin: https://app.example.com
	// Access-Control-Request-Method: PUT
	// Access-Control-Request-Headers: content-type
	//
	// 204 No Content
	// Access-Control-Allow-Credentials: true
	// Access-Control-Allow-Headers: content-type
	// Access-Control-Allow-Methods: PUT,DELETE
	// Access-Control-Allow-Origin: https://app.example.com
	// Access-Control-Max-Age: 600
	// Vary: Origin
}

func Example_actual() {
	exchange("PUT", "Origin: https://app.example.com", "Content-Type: application/json", "Cookie: session=…")
	// Output:
	// PUT /notes/7
	// Origin: https://app.example.com
	// Content-Type: application/json
	// Cookie: session=…
	//
	// 200 OK
	// Access-Control-Allow-Credentials: true
	// Access-Control-Allow-Origin: https://app.example.com
	// Access-Control-Expose-Headers: x-request-id
	// Vary: Origin
	//
	// saved
}

func Example_stranger() {
	exchange("OPTIONS", "Origin: https://stranger.example", "Access-Control-Request-Method: PUT")
	// Output:
	// OPTIONS /notes/7
	// Origin: https://stranger.example
	// Access-Control-Request-Method: PUT
	//
	// 403 Forbidden
	// Vary: Origin
}

// exchange prints a request to the API and its answer.
func exchange(method string, lines ...string) {
	r := httptest.NewRequest(method, "/notes/7", nil)
	fmt.Println(method, r.URL.Path)
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Add(name, value)
		fmt.Println(line)
	}
	w := httptest.NewRecorder()
	notes().ServeHTTP(w, r)
	fmt.Printf("\n%d %s\n", w.Code, http.StatusText(w.Code))
	for _, name := range slices.Sorted(maps.Keys(w.Header())) {
		if name != "Content-Type" {
			fmt.Printf("%s: %s\n", name, strings.Join(w.Header()[name], ", "))
		}
	}
	if w.Body.Len() > 0 {
		fmt.Printf("\n%s\n", w.Body)
	}
}
