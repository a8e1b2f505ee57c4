// Package corselet is the front page of Corselet, CORS middleware for Go: one policy, compiled
// once, that answers alike in gin, echo, fiber and net/http. It exports nothing. Import an adapter
// and core:
//
//   - [github.com/corselet/corselet/httpcors] for net/http, and everything that takes its handlers
//     (chi, gorilla/mux, a reverse proxy)
//   - github.com/corselet/corselet/gincors for gin
//   - github.com/corselet/corselet/echocors and echov5cors for echo v4 and v5
//   - github.com/corselet/corselet/fibercors and fiberv3cors for fiber v2 and v3
//   - [github.com/corselet/corselet/core] for the policy itself
//
// and, if you like,
//
//   - github.com/corselet/corselet/otelcors to tell OpenTelemetry who was refused and why
//   - [github.com/corselet/corselet/corstest] to test that a front end can call your routes
//
// A first program:
//
//	cors, err := core.New(core.Config{
//		Origins:        []string{"https://app.example.com"},
//		Methods:        []string{"PUT", "DELETE"},
//		RequestHeaders: []string{"Content-Type"},
//	})
//	if err != nil {
//		log.Fatal(err)
//	}
//	log.Fatal(http.ListenAndServe(":8080", httpcors.New(cors)(mux)))
package corselet
