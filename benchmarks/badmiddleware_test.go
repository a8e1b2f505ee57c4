package benchmarks

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// answerer is a middleware that answers correctly but for what a test changes.
type answerer struct {
	policy  Policy
	allows  func(origin string) bool
	methods string
	refused func(h http.Header) // what other origins are sent
	nonCORS func(h http.Header) // what requests without Origin are sent
	limited bool                // does not run the handler for GET
}

func (m *answerer) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h, origin, preflight := w.Header(), r.Header.Get("Origin"), r.Method == http.MethodOptions
		h.Set("Vary", "Origin")
		switch {
		case origin == "":
			m.nonCORS(h)
		case m.allows(origin):
			m.allow(h, origin, preflight)
		default:
			m.refused(h)
		}
		if !preflight && !m.limited {
			next.ServeHTTP(w, r)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
}

func (m *answerer) allow(h http.Header, origin string, preflight bool) {
	h.Set("Access-Control-Allow-Origin", origin)
	if m.policy.Credentials {
		h.Set("Access-Control-Allow-Credentials", "true")
	}
	if !preflight {
		h.Set("Access-Control-Expose-Headers", strings.Join(m.policy.Expose, ","))
		return
	}
	h.Set("Access-Control-Allow-Methods", m.methods)
	h.Set("Access-Control-Allow-Headers", strings.Join(m.policy.Headers, ","))
	h.Set("Access-Control-Max-Age", strconv.Itoa(m.policy.MaxAge))
}

// checked returns what the check finds in a middleware that is correct but for change.
func checked(t *testing.T, p Policy, change func(*answerer)) Finding {
	t.Helper()
	m := &answerer{
		policy: p, methods: strings.Join(p.Methods, ","), allows: func(o string) bool { return slices.Contains(p.Origins, o) },
		refused: func(http.Header) {}, nonCORS: func(http.Header) {},
	}
	change(m)
	open := onNetHTTP(func(Policy) (netHTTPMiddleware, error) { return m.wrap, nil })
	found, err := (&Contender{Name: "bad", Framework: NetHTTP, Open: open}).Check(p)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// alike makes a middleware allow the origins that compare well with a listed one.
func alike(compare func(origin, listed string) bool) func(*answerer) {
	return func(m *answerer) {
		m.allows = func(origin string) bool {
			return slices.ContainsFunc(m.policy.Origins, func(listed string) bool { return compare(origin, listed) })
		}
	}
}

const letsStrangersIn = "denied GET: allows an origin that the policy does not"

func TestCheckFindsTheMistakesOfBadMiddleware(t *testing.T) {
	host := func(origin string) string {
		return strings.TrimPrefix(strings.TrimPrefix(origin, "https://"), "http://")
	}
	for _, test := range []struct {
		name        string
		policy      Policy
		change      func(*answerer)
		wrong, less string // one of those found; empty: nothing may be
	}{
		{"no mistake", TypicalPolicy(), func(*answerer) {}, "", ""},
		{"allows whatever begins like an origin", TypicalPolicy(), alike(strings.HasPrefix), letsStrangersIn, ""},
		{"allows whatever begins like an origin and goes on as a name", TypicalPolicy(),
			alike(func(o, listed string) bool { return o == listed || strings.HasPrefix(o, listed+".") }), letsStrangersIn, ""},
		{"allows whatever ends like an origin", TypicalPolicy(),
			alike(func(o, listed string) bool { return strings.HasSuffix(o, host(listed)) }), letsStrangersIn, ""},
		{"takes names without their dot for subdomains", WildcardPolicy(3),
			alike(func(o, listed string) bool { return strings.HasSuffix(o, host(listed)[len("*."):]) }), letsStrangersIn, ""},
		{"ignores the scheme", TypicalPolicy(),
			alike(func(o, listed string) bool { return host(o) == host(listed) }), letsStrangersIn, ""},
		{"ignores the port", TypicalPolicy(),
			alike(func(o, listed string) bool { return o == listed || strings.HasPrefix(o, listed+":") }), letsStrangersIn, ""},
		{"allows everybody once there are more than 3 origins", ExactPolicy(4), func(m *answerer) {
			exact := m.allows
			m.allows = func(o string) bool { return len(m.policy.Origins) > 3 || exact(o) }
		}, letsStrangersIn, ""},
		{"matches wildcards by what comes first and last", WildcardPolicy(3), alike(func(o, listed string) bool {
			before, after, _ := strings.Cut(listed, "*")
			return strings.HasPrefix(o, before) && strings.HasSuffix(o, after)
		}), "", "allows what is no origin but ends like one, such as https://evil.example/app.example.com"},
		{"allows PUT only", TypicalPolicy(), func(m *answerer) { m.methods = "PUT" },
			"allowed preflight, PATCH: refuses a method or header that the policy allows", ""},
		{"allows all methods but DELETE", TypicalPolicy(), func(m *answerer) { m.methods = "PUT,PATCH" },
			"allowed preflight, DELETE: refuses a method or header that the policy allows", ""},
		{"sends credentials to other origins", TypicalPolicy(), func(m *answerer) {
			m.refused = func(h http.Header) { h.Set("Access-Control-Allow-Credentials", "true") }
		}, "", "sends Access-Control-Allow-Credentials to refused origins"},
		{"allows an origin when none asked", TypicalPolicy(), func(m *answerer) {
			m.nonCORS = func(h http.Header) { h.Set("Access-Control-Allow-Origin", "https://app-0.example.com") }
		}, "non-CORS GET: allows an origin, though none asked", ""},
		{"does not run the handler", TypicalPolicy(), func(m *answerer) { m.limited = true },
			"allowed GET: the handler did not run", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			found := checked(t, test.policy, test.change)
			for _, list := range []struct {
				what, want string
				got        []string
			}{{"wrong", test.wrong, found.Wrong}, {"less", test.less, found.Less}} {
				if test.wrong != "" && list.what == "less" {
					continue // is disqualified anyway
				}
				if list.want == "" && len(list.got) > 0 || list.want != "" && !slices.Contains(list.got, list.want) {
					t.Errorf("%s: got %q, want %q", list.what, list.got, list.want)
				}
			}
		})
	}
}

// Whoever is wrong only in one situation must be found there.
func TestEveryTimedClientIsJudged(t *testing.T) {
	p := TypicalPolicy()
	requests := ScenarioNamed(DeniedGet).Requests(&p)
	trusting := Contender{Name: "trusting", Framework: NetHTTP, Open: onNetHTTP(limitNetHTTP(ownFields))}
	for _, mode := range []Mode{Alone, Router} {
		app, err := trusting.Open(p, mode)
		if err != nil {
			t.Fatal(err)
		}
		found := trusting.Judge(&p, ScenarioNamed(DeniedGet), requests, app.Client(requests))
		if !slices.Contains(found.Wrong, letsStrangersIn) {
			t.Errorf("mode %d: got %q, want %q", mode, found.Wrong, letsStrangersIn)
		}
	}
}
