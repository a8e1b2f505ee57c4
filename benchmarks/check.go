package benchmarks

import (
	"fmt"
	"slices"
	"strings"
)

// Finding is what checking a contender's answers brought to light.
type Finding struct {
	Wrong []string // a browser would be misled: the contender is disqualified
	Less  []string // it does less than others, or something else; is said next to its numbers
}

// numChecked is how many requests of each kind are sent before timing: all kinds of other origins, several times.
const numChecked = 8 * numOthers

// Check sends every scenario and looks at the answers as a browser would, before anything is timed.
func (c *Contender) Check(p Policy) (Finding, error) {
	var f Finding
	app, err := c.Open(p, Router)
	if err != nil {
		return f, err
	}
	for _, s := range slices.Concat(Scenarios, checks) {
		if s.Applies(&p) {
			requests := s.RequestsOf(&p, numChecked)
			f.judgeAll(&p, &s, requests, app.Client(requests))
		}
	}
	if sharesMemory(app, &p) {
		f.less("shares header memory between responses")
	}
	return f, nil
}

// Judge sends each of a client's requests once, or as many of them as usual, and looks at the answers. The client is
// one that is about to be timed, in whatever mode.
func (c *Contender) Judge(p *Policy, s *Scenario, requests []Request, client Client) Finding {
	var f Finding
	requests = requests[:min(len(requests), numRequests)]
	if !c.MatchOnly {
		f.judgeAll(p, s, requests, client)
		return f
	}
	for _, request := range requests {
		client.Do()
		allows, _, _ := browserView(&request, client.Answer())
		if wants := s.Outcome == Allowed; allows != wants {
			f.wrong("%s: allows the origin: %v, want %v", s.Name, allows, wants)
		}
	}
	return f
}

func (f *Finding) judgeAll(p *Policy, s *Scenario, requests []Request, client Client) {
	for _, request := range requests {
		client.Do()
		f.judge(p, s, &request, client.Answer())
	}
}

func (f *Finding) wrong(format string, args ...any) { f.Wrong = addOnce(f.Wrong, format, args) }
func (f *Finding) less(format string, args ...any)  { f.Less = addOnce(f.Less, format, args) }

func addOnce(list []string, format string, args []any) []string {
	if text := fmt.Sprintf(format, args...); !slices.Contains(list, text) {
		list = append(list, text)
	}
	return list
}

// judge holds one answer against what the scenario calls for.
func (f *Finding) judge(p *Policy, s *Scenario, r *Request, a Answer) {
	allowsOrigin, allowsMethod, allowsHeaders := browserView(r, a)
	star := p.Origins != nil && p.Origins[0] == "*"
	switch s.Outcome {
	case Allowed:
		switch {
		case !allowsOrigin:
			f.wrong("%s: refuses an origin that the policy allows", s.Name)
		case p.Credentials != (first(a, "Access-Control-Allow-Credentials") == "true"):
			f.wrong("%s: credentials are not as the policy says", s.Name)
		case s.Preflight && (!allowsMethod || !allowsHeaders):
			f.wrong("%s: refuses a method or header that the policy allows", s.Name)
		case s.Preflight && first(a, "Access-Control-Max-Age") != fmt.Sprint(p.MaxAge):
			f.wrong("%s: max-age is not as the policy says", s.Name)
		case !s.Preflight && !a.HandlerRan:
			f.wrong("%s: the handler did not run", s.Name)
		case !s.Preflight && !lists(a, "Access-Control-Expose-Headers", p.Expose[0]):
			f.wrong("%s: response headers are not exposed", s.Name)
		}
	case DeniedOrigin:
		if allowsOrigin && !star {
			f.wrong("%s: allows an origin that the policy does not", s.Name)
		}
		f.judgeRefusal(s, a)
	case DeniedMethod:
		if allowsOrigin && allowsMethod {
			f.less("methods not verified")
		}
	case DeniedHeader:
		if allowsOrigin && allowsHeaders {
			f.less("header names not verified")
		}
	case NotCORS:
		if !a.HandlerRan {
			f.wrong("%s: the handler did not run", s.Name)
		}
		if first(a, "Access-Control-Allow-Origin") != "" && !star { // a cache would hand it to others
			f.wrong("%s: allows an origin, though none asked", s.Name)
		}
	case NoOrigin:
		if allowsOrigin {
			f.less("allows what is no origin but ends like one, such as https://evil.example/app.example.com")
		}
	}
	if size(a) > 4<<10 {
		f.less("%s: repeats what it was sent, %d bytes", s.Name, size(a))
	}
	if !star && !s.Hostile && s.Outcome != NoOrigin && !lists(a, "Vary", "Origin") {
		f.less("no Vary: %s", s.Name)
	}
}

// judgeRefusal notes what is told, needlessly, to origins that are refused, and what is withheld from handlers.
func (f *Finding) judgeRefusal(s *Scenario, a Answer) {
	for _, name := range [...]string{
		"Access-Control-Allow-Methods", "Access-Control-Allow-Headers", "Access-Control-Expose-Headers",
		"Access-Control-Max-Age", "Access-Control-Allow-Credentials",
	} {
		if first(a, name) != "" {
			f.less("sends %s to refused origins", name)
		}
	}
	if !s.Preflight && !a.HandlerRan {
		f.less("does not run the handler for a refused origin")
	}
}

// browserView says what a browser takes from an answer: the CORS check, and for preflights the checks of method and
// header names.
func browserView(r *Request, a Answer) (origin, method, headers bool) {
	allowOrigin := a.Header["Access-Control-Allow-Origin"]
	credentials := first(a, "Access-Control-Allow-Credentials") == "true"
	origin = len(allowOrigin) == 1 && (allowOrigin[0] == r.Origin || allowOrigin[0] == "*" && !credentials)
	if r.RequestMethod != "" {
		origin = origin && a.Status >= 200 && a.Status <= 299
	}
	method = slices.Contains([]string{"GET", "HEAD", "POST"}, r.RequestMethod) ||
		lists(a, "Access-Control-Allow-Methods", r.RequestMethod)
	headers = true
	for name := range strings.SplitSeq(r.RequestHeaders, ",") {
		headers = headers && lists(a, "Access-Control-Allow-Headers", strings.TrimSpace(name))
	}
	return origin, method, headers
}

func first(a Answer, name string) string {
	if lines := a.Header[name]; len(lines) > 0 {
		return lines[0]
	}
	return ""
}

// lists reports whether a list field of the answer has the element. An empty element, of a hostile list, is no name.
func lists(a Answer, name, element string) bool {
	if element == "" {
		return true
	}
	for _, line := range a.Header[name] {
		for listed := range strings.SplitSeq(line, ",") {
			if strings.EqualFold(strings.TrimSpace(listed), element) {
				return true
			}
		}
	}
	return false
}

// size returns the bytes of all fields.
func size(a Answer) (n int) {
	for name, lines := range a.Header {
		for _, line := range lines {
			n += len(name) + len(": \r\n") + len(line)
		}
	}
	return n
}

// sharesMemory reports whether a handler that overwrites its response's fields changes later responses. It overwrites
// the fields of one answer, as a handler or outer layer could, and looks at the answer to another request.
func sharesMemory(app App, p *Policy) bool {
	for _, name := range [...]string{AllowedGet, AllowedPreflight} {
		requests := ScenarioNamed(name).Requests(p)[:1]
		one, other := app.Client(requests), app.Client(requests) // whose requests are no common memory
		one.Do()
		undo := overwrite(one.Answer())
		other.Do()
		shared := false
		for field, lines := range other.Answer().Header {
			shared = shared || field != "Content-Type" && slices.Contains(lines, overwritten)
		}
		undo()
		if shared {
			return true
		}
	}
	return false
}

const overwritten = "overwritten"

// overwrite changes all of an answer's fields but Content-Type, which is the benchmark's own, in place. The contender
// is still to be measured, and others of its kind: undo restores it.
func overwrite(a Answer) (undo func()) {
	var steps []func()
	for field, lines := range a.Header {
		if field == "Content-Type" {
			continue
		}
		kept := slices.Clone(lines)
		steps = append(steps, func() { copy(lines, kept) })
		for i := range lines {
			lines[i] = overwritten
		}
	}
	return func() {
		for _, step := range slices.Backward(steps) { // fields that share a slice get back what came first
			step()
		}
	}
}
