package benchmarks

import (
	"errors"
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
	} {
		p := ExactPolicy(1)
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
