package core

import "net/netip"

// message is a request as tests write it.
type message struct {
	Method, Host, Path string

	Origins, RequestMethods, RequestHeaders []string // lines

	SecFetchSite, SecFetchMode string // empty: absent

	Fields headerSource // further ones
}

// request returns what an adapter makes of the message.
func (m message) request() *Request {
	r := &Request{
		Method: m.Method, HasOrigin: len(m.Origins) > 0,
		HasRequestMethod: len(m.RequestMethods) > 0, Source: &messageSource{headerSource: m.Fields, m: m},
	}
	if len(m.Origins) == 1 {
		r.Origin = m.Origins[0]
	}
	return r
}

// messageSource is the source of a message.
type messageSource struct {
	headerSource
	m    message
	line [1]string
}

func (s *messageSource) Host() string { return s.m.Host }
func (s *messageSource) Path() string { return s.m.Path }

func (s *messageSource) Header(name string) Lines {
	switch name {
	case FieldOrigin:
		return StringLines(s.m.Origins)
	case FieldRequestMethod:
		return StringLines(s.m.RequestMethods)
	case FieldRequestHeaders:
		return StringLines(s.m.RequestHeaders)
	case FieldSecFetchSite:
		return s.present(s.m.SecFetchSite)
	case FieldSecFetchMode:
		return s.present(s.m.SecFetchMode)
	}
	return s.headerSource.Header(name)
}

// present returns a line unless it is empty.
func (s *messageSource) present(line string) Lines {
	if line == "" {
		return Lines{}
	}
	s.line[0] = line
	return StringLines(s.line[:])
}

// headerSource is a source of header lines, by canonical name.
type headerSource map[string]string

func (s headerSource) Header(name string) Lines {
	value, ok := s[name]
	if !ok {
		return Lines{}
	}
	return StringLines([]string{value})
}

func (s headerSource) AnyHeaderName(match func(string) bool) bool {
	for name := range s {
		if match(name) {
			return true
		}
	}
	return false
}

func (headerSource) Host() string           { return "" }
func (headerSource) Path() string           { return "" }
func (headerSource) Scheme() string         { return "https" }
func (headerSource) Query() string          { return "" }
func (headerSource) ClientAddr() netip.Addr { return netip.Addr{} }

// from returns a GET from the origin.
func from(origin string) *Request { return message{Method: "GET", Origins: []string{origin}}.request() }
