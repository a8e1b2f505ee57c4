package benchmarks

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
)

// Every contender must give right answers, or its numbers mean nothing.
func TestEveryContenderAnswersCorrectly(t *testing.T) {
	policies := []Policy{
		ExactPolicy(1), ExactPolicy(100), WildcardPolicy(3), RegexpPolicy(3), StarPolicy(), CredentialsPolicy(),
	}
	checked := map[string]bool{} // by framework and contender: some policy could be tried
	for _, p := range policies {
		for _, c := range Contenders {
			t.Run(p.Name+"/"+c.Framework+"/"+c.Name, func(t *testing.T) {
				found, err := c.Check(p)
				if errors.Is(err, ErrUnsupported) && c.Name != Corselet {
					return // there is nothing to time, and so nothing to be right or wrong
				}
				if err != nil {
					t.Fatal(err)
				}
				checked[c.Framework+"/"+c.Name] = true
				isLimit := c.Name == Limit || c.Name == Shared // they trust everybody, and that is their point
				if len(found.Wrong) > 0 && !isLimit {
					t.Errorf("wrong answers: %q", found.Wrong)
				}
				if isLimit && len(found.Wrong) == 0 {
					t.Errorf("the limit refuses somebody; it should not check at all")
				}
				if c.Name == Corselet && len(found.Less) > 0 {
					t.Errorf("does less: %q", found.Less)
				}
				t.Logf("less: %q", found.Less)
			})
		}
	}
	for _, c := range Contenders {
		if !checked[c.Framework+"/"+c.Name] {
			t.Errorf("%s, %s: no policy was checked", c.Framework, c.Name)
		}
	}
}

func TestCheckDisqualifiesWhoAllowsTooMuchOrTooLittle(t *testing.T) {
	for _, framework := range Frameworks {
		for name, open := range map[string]Opener{"none": noMiddleware[framework], "bare 204": bare204[framework]} {
			c := Contender{Name: name, Framework: framework, Open: open}
			found, err := c.Check(ExactPolicy(1))
			if err != nil {
				t.Fatal(err)
			}
			if len(found.Wrong) == 0 {
				t.Errorf("%s, %s: passes the check", framework, name)
			}
		}
	}
	careless := Contender{Framework: NetHTTP, Open: onNetHTTP(limitNetHTTP(sharedFields))}
	found, err := careless.Check(ExactPolicy(1))
	if err != nil {
		t.Fatal(err)
	}
	want := "allowed"
	for _, wrong := range found.Wrong {
		if wrong == "denied GET: allows an origin that the policy does not" {
			want = ""
		}
	}
	if want != "" {
		t.Errorf("an origin that is not allowed was let through unnoticed: %q", found.Wrong)
	}
}

func TestSharedMemoryIsFound(t *testing.T) {
	for _, test := range []struct {
		contender Contender
		want      bool
	}{
		{netHTTPShared, true}, {netHTTPLimit, false}, {netHTTPCorselet, false}, {rsCORS, true}, {chiCORS, false},
		{jub0bsCORS, true}, {ginContrib, true}, {ginCorselet, false}, {echoCorselet, false}, {echoOwn, false},
	} {
		p := CredentialsPolicy()
		app, err := test.contender.Open(p, Router)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // the check must leave the contender as it found it
			if got := sharesMemory(app, &p); got != test.want {
				t.Errorf("%s: shares memory: %v, want %v", test.contender.Name, got, test.want)
			}
		}
	}
}

func TestContendersAnswerCorrectlyAlone(t *testing.T) {
	p := TypicalPolicy()
	for _, c := range Contenders {
		app, err := c.Open(p, Alone)
		if errors.Is(err, ErrUnsupported) || c.Name == Limit || c.Name == Shared {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{NonCORSGet, AllowedGet, DeniedGet, AllowedPreflight} {
			requests := ScenarioNamed(name).Requests(&p)
			if found := c.Judge(&p, ScenarioNamed(name), requests, app.Client(requests)); len(found.Wrong) > 0 {
				t.Errorf("%s, %s: wrong answers: %q", c.Framework, c.Name, found.Wrong)
			}
		}
	}
}

func TestCoreAnswersCorrectly(t *testing.T) {
	for _, p := range []Policy{TypicalPolicy(), ExactPolicy(1000), WildcardPolicy(100), RegexpPolicy(1)} {
		for _, c := range []Contender{Decide, Verdict, MatchString} {
			app, err := c.Open(p, Alone)
			if errors.Is(err, ErrUnsupported) && c.Name == MatchString.Name && len(p.Regexps) != 1 {
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{AllowedGet, DeniedGet} {
				requests := ScenarioNamed(name).Requests(&p)
				if found := c.Judge(&p, ScenarioNamed(name), requests, app.Client(requests)); len(found.Wrong) > 0 {
					t.Errorf("%s, policy %s: wrong answers: %q", c.Name, p.Name, found.Wrong)
				}
			}
		}
	}
}

// A floor that sets more than Corselet, or less, is none.
func TestLimitsSetWhatCorseletSets(t *testing.T) {
	answer := func(framework, name string, p *Policy, s *Scenario) Answer {
		for _, c := range Contenders {
			if c.Framework == framework && c.Name == name {
				app, err := c.Open(*p, Router)
				if err != nil {
					t.Fatal(err)
				}
				client := app.Client(s.Requests(p))
				client.Do()
				return client.Answer()
			}
		}
		t.Fatalf("%s has no contender %s", framework, name)
		return Answer{}
	}
	for _, p := range []Policy{TypicalPolicy(), ExactPolicy(1)} {
		for _, name := range []string{NonCORSGet, AllowedGet, AllowedPreflight} {
			for _, framework := range Frameworks {
				limits := []string{Limit}
				if framework == NetHTTP {
					limits = append(limits, Shared)
				}
				want := answer(framework, Corselet, &p, ScenarioNamed(name))
				for _, limit := range limits {
					got := answer(framework, limit, &p, ScenarioNamed(name))
					if got.Status != want.Status || !maps.EqualFunc(got.Header, want.Header, slices.Equal) {
						t.Errorf("%s, %s, policy %s, %s: got %v, want %v", framework, limit, p.Name, name, got, want)
					}
				}
			}
		}
	}
}

func TestOtherOriginsAreOfAllKindsUnderEveryPolicy(t *testing.T) {
	kinds := map[string]func(origin string) bool{
		"another host":      func(o string) bool { return strings.HasSuffix(o, ".evil.example") && strings.Count(o, ".") == 2 },
		"prefix lookalike":  func(o string) bool { return strings.HasSuffix(o, ".com.evil.example") },
		"suffix lookalike":  func(o string) bool { return strings.HasPrefix(o, "https://evil") },
		"of another scheme": func(o string) bool { return strings.HasPrefix(o, "http://") },
		"with another port": func(o string) bool { return strings.HasSuffix(o, ":8443") },
	}
	for _, p := range []Policy{
		ExactPolicy(1), ExactPolicy(1_000), ExactPolicy(10_000), ExactPolicy(100_000), WildcardPolicy(10_000), RegexpPolicy(10),
	} {
		for _, n := range []int{numChecked, numRequests} {
			for kind, is := range kinds {
				requests := ScenarioNamed(DeniedGet).RequestsOf(&p, n)
				if !slices.ContainsFunc(requests, func(r Request) bool { return is(r.Origin) }) {
					t.Errorf("policy %s, %d requests: no other origin is a %s", p.Name, n, kind)
				}
			}
		}
	}
}

// What is said next to gin-contrib's numbers must stay true: compiling one takes dozens of allocations, matching none.
func TestGinContribCompilesRegexpsForEachRequest(t *testing.T) {
	p := RegexpPolicy(1)
	app, err := ginContrib.Open(p, Router)
	if err != nil {
		t.Fatal(err)
	}
	if allocs, _ := CountAllocs(app.Client(ScenarioNamed(AllowedGet).Requests(&p))); allocs < 30 {
		t.Errorf("%.0f allocations for each request, want those of a compilation: then its note can go", allocs)
	}
}
