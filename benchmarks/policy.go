package benchmarks

import (
	"fmt"
	"regexp"
	"strings"
)

// Policy is a configuration in words that every contender understands.
type Policy struct {
	Name        string
	Origins     []string // exact, or "https://*.host"; or "*"
	Regexps     []string // RE2, anchored; instead of Origins
	Credentials bool

	Methods []string // all that may be used, simple ones included: some contenders want them listed
	Headers []string
	Expose  []string
	MaxAge  int // seconds

	// allowed and denied make the i-th of many origins that the policy allows, or does not.
	allowed func(i int) string
	denied  func(i int) string
}

// numOrigins returns how many entries the policy lists.
func (p *Policy) numOrigins() int { return len(p.Origins) + len(p.Regexps) }

func newPolicy(name string) Policy {
	return Policy{
		Name:    name,
		Methods: []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"},
		Headers: []string{"authorization", "content-type", "x-api-key", "x-csrf-token", "x-requested-with"},
		Expose:  []string{"x-request-id"},
		MaxAge:  600,
	}
}

// ExactPolicy lists n origins.
func ExactPolicy(n int) Policy {
	p := newPolicy(fmt.Sprintf("exact-%d", n))
	p.allowed = func(i int) string { return fmt.Sprintf("https://app-%d.example.com", i%n) }
	for i := range n {
		p.Origins = append(p.Origins, p.allowed(i))
	}
	p.denied = others(p.allowed, "https://")
	return p
}

// WildcardPolicy lists n domains of which every subdomain is allowed.
func WildcardPolicy(n int) Policy {
	p := newPolicy(fmt.Sprintf("wildcard-%d", n))
	p.allowed = func(i int) string { return fmt.Sprintf("https://app.tenant-%d.com", i%n) }
	for i := range n {
		p.Origins = append(p.Origins, fmt.Sprintf("https://*.tenant-%d.com", i))
	}
	p.denied = others(p.allowed, "https://app.") // every name before the dot is allowed: the dot has to be missed
	return p
}

// RegexpPolicy lists n regexps, each of which allows the numbered previews of one project.
func RegexpPolicy(n int) Policy {
	p := newPolicy(fmt.Sprintf("regexp-%d", n))
	p.allowed = func(i int) string { return fmt.Sprintf("https://pr-%d.project-%d.example.com", i+100, i%n) }
	for i := range n {
		p.Regexps = append(p.Regexps, fmt.Sprintf(`^https://pr-[0-9]+\.project-%d\.example\.com$`, i))
	}
	p.denied = others(p.allowed, "https://")
	return p
}

// numOthers is how many kinds of origins there are that a policy does not allow.
const numOthers = 5

// others makes origins that a policy does not allow, each of which resembles an allowed one in another way: by
// nothing, by how it begins, by how it ends after the part of the allowed one that is cut off, by all but the scheme,
// by all but the port.
func others(allowed func(int) string, cutOff string) func(i int) string {
	return func(i int) string {
		friend := allowed(i)
		switch i % numOthers {
		case 0:
			return fmt.Sprintf("https://app-%d.evil.example", i)
		case 1:
			return friend + ".evil.example"
		case 2:
			return "https://evil" + strings.TrimPrefix(friend, cutOff)
		case 3:
			return "http" + strings.TrimPrefix(friend, "https")
		}
		return friend + ":8443"
	}
}

// StarPolicy allows every origin.
func StarPolicy() Policy {
	p := newPolicy("star")
	p.Origins = []string{"*"}
	p.allowed = func(i int) string { return fmt.Sprintf("https://app-%d.example.com", i) }
	p.denied = nil
	return p
}

// TypicalPolicy is what applications have: a few origins, which may send cookies.
func TypicalPolicy() Policy {
	p := ExactPolicy(3)
	p.Name, p.Credentials = "typical", true
	return p
}

// CredentialsPolicy lists one origin, which may send cookies.
func CredentialsPolicy() Policy {
	p := ExactPolicy(1)
	p.Name, p.Credentials = "credentials", true
	return p
}

// Policies are those of the matrix. Each is made when it is asked for: the large ones take their time.
var Policies = []func() Policy{
	func() Policy { return ExactPolicy(1) },
	func() Policy { return ExactPolicy(10) },
	func() Policy { return ExactPolicy(100) },
	func() Policy { return ExactPolicy(1_000) },
	func() Policy { return ExactPolicy(10_000) },
	func() Policy { return ExactPolicy(100_000) },
	func() Policy { return WildcardPolicy(1) },
	func() Policy { return WildcardPolicy(100) },
	func() Policy { return RegexpPolicy(1) },
	func() Policy { return RegexpPolicy(10) },
	func() Policy { return RegexpPolicy(100) },
	StarPolicy,
	CredentialsPolicy,
}

// matcher returns a function for contenders that take regexps by a callback: what their documentation shows, a loop
// over compiled regexps.
func (p *Policy) matcher() func(origin string) bool {
	var compiled []*regexp.Regexp
	for _, expr := range p.Regexps {
		compiled = append(compiled, regexp.MustCompile(expr))
	}
	return func(origin string) bool {
		for _, re := range compiled {
			if re.MatchString(origin) {
				return true
			}
		}
		return false
	}
}

// methodsBeyondSafelisted leaves out what needs no permission.
func (p *Policy) methodsBeyondSafelisted() []string {
	var methods []string
	for _, method := range p.Methods {
		if !strings.Contains(" GET HEAD POST ", " "+method+" ") {
			methods = append(methods, method)
		}
	}
	return methods
}
