package core

import (
	"context"
	"slices"
)

// AllowsCredentials reports whether the policy allows the request's origin to send credentials:
// Config.Credentials is set and the origin is allowed, OriginFunc included. So it is never true for
// null or because of "*". It is for checks outside of CORS that trust the same pages to act as the
// user, such as protection against cross-site request forgery. Observers are not told of the
// request.
func (c *CORS) AllowsCredentials(ctx context.Context, r *Request) bool {
	p := c.Policy()
	return p.config.Credentials && c.judgeRequest(ctx, p, r).allowed
}

// NamesOrigin reports whether the policy allows the request's origin, OriginFunc included, by
// something that not every page on the web can match: not by "*", by a regexp that trusts every
// domain (the first one that matches counts) or as null. It is for requests that carry cookies
// whatever Config.Credentials says, such as WebSocket upgrades. Observers are not told of the
// request.
func (c *CORS) NamesOrigin(ctx context.Context, r *Request) bool {
	p := c.Policy()
	if p.origins.any || r.Origin == "null" {
		return false
	}
	j := c.judgeRequest(ctx, p, r)
	return j.allowed && !p.regexps.trustsEveryone(j.pattern)
}

// judgeRequest is what one policy makes of the request's origin, which is not allowed where there
// is none. One policy, because c may get another one meanwhile.
func (c *CORS) judgeRequest(ctx context.Context, p *Policy, r *Request) judgement {
	if !r.HasOrigin {
		return judgement{}
	}
	j := p.judge(r.Origin)
	if j.lookup {
		j = c.lookUp(ctx, p, originRequest(r))
	}
	return j
}

// trustsEveryone reports whether text is a regexp of the set that trusts every registrable domain.
func (s *regexpSet) trustsEveryone(text string) bool {
	i := slices.Index(s.texts, text)
	return i >= 0 && len(s.coverage[i].Everyone) > 0
}
